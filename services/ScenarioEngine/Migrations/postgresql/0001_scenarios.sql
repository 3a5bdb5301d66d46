-- Times are in microseconds since 1970 UTC. tenant is '' for the default one.
CREATE TABLE scenario (
    tenant        text NOT NULL,
    id            text NOT NULL,
    name          text NOT NULL,
    description   text NOT NULL,
    fork_id       text,
    fork_revision integer,
    head          integer NOT NULL,
    created_at    bigint NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- Written once. content is the canonical form (RFC 8785) of base and interventions, hash its SHA-256.
CREATE TABLE revision (
    tenant      text NOT NULL,
    scenario    text NOT NULL,
    number      integer NOT NULL,
    hash        text NOT NULL,
    content     bytea NOT NULL,
    recorded_at bigint NOT NULL,
    PRIMARY KEY (tenant, scenario, number)
);
