-- Times are ticks of 100 ns since 0001-01-01 UTC. A series is an attribute of an entity, with its dataset ('' for none).
CREATE TABLE tenant (
    key  integer PRIMARY KEY,
    name text NOT NULL UNIQUE
);
INSERT INTO tenant (key, name) VALUES (1, '');

-- types: full IRIs, scopes: NGSI-LD scopes, with a space after each.
CREATE TABLE entity (
    tenant      integer NOT NULL,
    key         integer NOT NULL,
    id          text NOT NULL,
    types       text NOT NULL,
    scopes      text NOT NULL,
    created_at  bigint NOT NULL,
    modified_at bigint NOT NULL,
    PRIMARY KEY (tenant, key),
    UNIQUE (tenant, id)
);

-- What is sealed of a series lies between sealed_start and sealed_end.
CREATE TABLE series (
    tenant       integer NOT NULL,
    key          integer NOT NULL,
    entity       integer NOT NULL,
    attribute    text NOT NULL,
    dataset      text NOT NULL,
    sealed_count bigint NOT NULL,
    sealed_start bigint NOT NULL,
    sealed_end   bigint NOT NULL,
    PRIMARY KEY (tenant, key)
);

-- Sealed points. The blocks stand in the order in which they are asked for: a reader of sums does not pass over points.
CREATE TABLE chunk (
    series   integer NOT NULL,
    start    bigint NOT NULL,
    finish   bigint NOT NULL,
    count    integer NOT NULL,
    head     bytea NOT NULL,
    sums     bytea NOT NULL,
    extremes bytea NOT NULL,
    data     bytea NOT NULL,
    PRIMARY KEY (series, start)
);
-- They are compressed already, and each is read apart from the others.
ALTER TABLE chunk ALTER COLUMN sums SET STORAGE EXTERNAL;
ALTER TABLE chunk ALTER COLUMN extremes SET STORAGE EXTERNAL;
ALTER TABLE chunk ALTER COLUMN data SET STORAGE EXTERNAL;

-- Committed points that are not sealed yet, in the order of their commits.
CREATE TABLE tail_block (
    tenant integer NOT NULL,
    id     bigint NOT NULL,
    data   bytea NOT NULL,
    PRIMARY KEY (tenant, id)
);

ALTER TABLE tail_block ALTER COLUMN data SET STORAGE EXTERNAL;

-- How far uploads that can be resumed have come: bytes and lines of the body that are committed.
CREATE TABLE upload (
    tenant     integer NOT NULL,
    id         text NOT NULL,
    position   bigint NOT NULL,
    line       bigint NOT NULL,
    header     text NOT NULL,
    refused    bigint NOT NULL,
    complete   bigint NOT NULL,
    touched_at bigint NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- Changes of the entity registry as they came, until their points are committed: written with the inbox, taken with the points.
CREATE TABLE arrival (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant  text NOT NULL,
    changed bigint NOT NULL,
    data    bytea NOT NULL
);
