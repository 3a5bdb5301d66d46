-- Tenants by the name in the NGSILD-Tenant header; the default tenant has the empty name and the key 1.
CREATE TABLE tenant (
    key        INTEGER PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);
INSERT INTO tenant (key, name) VALUES (1, '');

-- One row an entity, in creation order. The document is its stored form: normalized NGSI-LD with names as
-- IRIs. Columns narrow nothing: entities are resident, the store is what they come back from.
CREATE TABLE entity (
    sequence INTEGER PRIMARY KEY,
    tenant   INTEGER NOT NULL REFERENCES tenant (key),
    id       TEXT NOT NULL,
    document BLOB NOT NULL,
    UNIQUE (tenant, id)
);
