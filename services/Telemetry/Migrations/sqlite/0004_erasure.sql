-- Histories that are to be erased. What names the entity is emptied in the transaction that removes its points; from then
-- on the row only counts. state: 0 asked for, 1 removed, 2 done. attributes: full IRIs with a space after each, '' for all.
CREATE TABLE erasure (
    id           TEXT PRIMARY KEY,
    tenant       INTEGER NOT NULL,
    entity       TEXT NOT NULL,
    attributes   TEXT NOT NULL,
    start        INTEGER NOT NULL,
    finish       INTEGER NOT NULL,
    requested_at INTEGER NOT NULL,
    state        INTEGER NOT NULL,
    series       INTEGER NOT NULL,
    points       INTEGER NOT NULL,
    ended_at     INTEGER NOT NULL
) WITHOUT ROWID;

-- What was deleted, so that changes of before which are still under way do not bring it back: an HMAC of the names, and
-- from which time to before which other; changes up to changed_until have no effect there.
CREATE TABLE deletion (
    mark          BLOB NOT NULL,
    start         INTEGER NOT NULL,
    finish        INTEGER NOT NULL,
    changed_until INTEGER NOT NULL,
    PRIMARY KEY (mark, start, finish)
) WITHOUT ROWID;

-- The key of those HMACs: one row.
CREATE TABLE deletion_key (
    key BLOB NOT NULL
);
