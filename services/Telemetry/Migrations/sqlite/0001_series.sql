-- Times are ticks of 100 ns since 0001-01-01 UTC. A series is an attribute of an entity, with its dataset ('' for none).
CREATE TABLE tenant (
    key  INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);
INSERT INTO tenant (key, name) VALUES (1, '');

-- types: full IRIs, scopes: NGSI-LD scopes, with a space after each.
CREATE TABLE entity (
    tenant      INTEGER NOT NULL,
    key         INTEGER NOT NULL,
    id          TEXT NOT NULL,
    types       TEXT NOT NULL,
    scopes      TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, key),
    UNIQUE (tenant, id)
) WITHOUT ROWID;

-- What is sealed of a series lies between sealed_start and sealed_end.
CREATE TABLE series (
    tenant       INTEGER NOT NULL,
    key          INTEGER NOT NULL,
    entity       INTEGER NOT NULL,
    attribute    TEXT NOT NULL,
    dataset      TEXT NOT NULL,
    sealed_count INTEGER NOT NULL,
    sealed_start INTEGER NOT NULL,
    sealed_end   INTEGER NOT NULL,
    PRIMARY KEY (tenant, key)
) WITHOUT ROWID;

-- Sealed points. The blocks stand in the order in which they are asked for: a reader of sums does not pass over points.
CREATE TABLE chunk (
    series   INTEGER NOT NULL,
    start    INTEGER NOT NULL,
    finish   INTEGER NOT NULL,
    count    INTEGER NOT NULL,
    head     BLOB NOT NULL,
    sums     BLOB NOT NULL,
    extremes BLOB NOT NULL,
    data     BLOB NOT NULL,
    PRIMARY KEY (series, start)
) WITHOUT ROWID;

-- Committed points that are not sealed yet, in the order of their commits.
CREATE TABLE tail_block (
    id     INTEGER PRIMARY KEY,
    tenant INTEGER NOT NULL,
    data   BLOB NOT NULL
);

-- How far uploads that can be resumed have come: bytes and lines of the body that are committed.
CREATE TABLE upload (
    tenant     INTEGER NOT NULL,
    id         TEXT NOT NULL,
    position   INTEGER NOT NULL,
    line       INTEGER NOT NULL,
    header     TEXT NOT NULL,
    refused    INTEGER NOT NULL,
    complete   INTEGER NOT NULL,
    touched_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) WITHOUT ROWID;

-- Changes of the entity registry as they came, until their points are committed: written with the inbox, taken with the points.
CREATE TABLE arrival (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant  TEXT NOT NULL,
    changed INTEGER NOT NULL,
    data    BLOB NOT NULL
);
