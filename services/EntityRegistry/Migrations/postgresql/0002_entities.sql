-- Tenants by the name in the NGSILD-Tenant header; the default tenant has the empty name and the key 1.
CREATE TABLE tenant (
    key        integer PRIMARY KEY,
    name       text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO tenant (key, name) VALUES (1, '');

-- One row an entity, in creation order. The document is its stored form: normalized NGSI-LD with names as
-- IRIs. The tenant comes first in every key, so that the table can be distributed by it.
CREATE TABLE entity (
    tenant   integer NOT NULL,
    sequence bigint NOT NULL,
    id       text NOT NULL,
    document bytea NOT NULL,
    PRIMARY KEY (tenant, sequence),
    UNIQUE (tenant, id)
);
