-- Weather years by their content: hash is the SHA-256 of document, an EPW file as it was given. Times are in microseconds
-- since 1970 UTC. tenant is '' for the default one.
CREATE TABLE weather (
    tenant      TEXT NOT NULL,
    hash        TEXT NOT NULL,
    name        TEXT NOT NULL,
    latitude    REAL NOT NULL,
    longitude   REAL NOT NULL,
    zone_hours  REAL NOT NULL,
    elevation   REAL NOT NULL,
    document    BLOB NOT NULL,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, hash)
);
