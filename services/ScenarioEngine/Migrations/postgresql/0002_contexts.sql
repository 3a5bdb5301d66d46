-- Used where the service runs apart from the entity registry, whose @contexts it shares else.
-- The @contexts that the node keeps (GS CIM 009 5.13): fetched copies (kind 0), hosted ones (1), implicit ones (2).
-- Hosted and implicit ones belong to a tenant, by its name; copies are common and have the empty one. Times are in
-- microseconds since 1970 UTC.
CREATE TABLE context (
    local_id     text PRIMARY KEY,
    tenant       text NOT NULL,
    kind         bigint NOT NULL,
    url          text UNIQUE,
    content_hash bytea NOT NULL,
    document     bytea NOT NULL,
    created_at   bigint NOT NULL,
    used_at      bigint NOT NULL,
    hits         bigint NOT NULL
);
CREATE UNIQUE INDEX context_implicit ON context (tenant, content_hash) WHERE kind = 2;
