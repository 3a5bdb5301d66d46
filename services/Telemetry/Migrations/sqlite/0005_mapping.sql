-- What the parts of foreign bodies mean, by a name of the tenant's: JSON, as it was put.
CREATE TABLE ingest_mapping (
    tenant      INTEGER NOT NULL,
    name        TEXT NOT NULL,
    document    BLOB NOT NULL,
    modified_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, name)
) WITHOUT ROWID;
