-- Times are in microseconds since 1970 UTC. tenant is '' for the default one.
CREATE TABLE scenario (
    tenant        TEXT NOT NULL,
    id            TEXT NOT NULL,
    name          TEXT NOT NULL,
    description   TEXT NOT NULL,
    fork_id       TEXT,
    fork_revision INTEGER,
    head          INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) WITHOUT ROWID;

-- Written once. content is the canonical form (RFC 8785) of base and interventions, hash its SHA-256.
CREATE TABLE revision (
    tenant      TEXT NOT NULL,
    scenario    TEXT NOT NULL,
    number      INTEGER NOT NULL,
    hash        TEXT NOT NULL,
    content     BLOB NOT NULL,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, scenario, number)
) WITHOUT ROWID;
