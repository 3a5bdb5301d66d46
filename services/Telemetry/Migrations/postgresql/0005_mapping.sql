-- What the parts of foreign bodies mean, by a name of the tenant's: JSON, as it was put.
CREATE TABLE ingest_mapping (
    tenant      integer NOT NULL,
    name        text NOT NULL,
    document    bytea NOT NULL,
    modified_at bigint NOT NULL,
    PRIMARY KEY (tenant, name)
);
