-- Weather years by their content: hash is the SHA-256 of document, an EPW file as it was given. Times are in microseconds
-- since 1970 UTC. tenant is '' for the default one.
CREATE TABLE weather (
    tenant      text NOT NULL,
    hash        text NOT NULL,
    name        text NOT NULL,
    latitude    double precision NOT NULL,
    longitude   double precision NOT NULL,
    zone_hours  double precision NOT NULL,
    elevation   double precision NOT NULL,
    document    bytea NOT NULL,
    recorded_at bigint NOT NULL,
    PRIMARY KEY (tenant, hash)
);
