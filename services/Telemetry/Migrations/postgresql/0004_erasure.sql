-- Histories that are to be erased. What names the entity is emptied in the transaction that removes its points; from then
-- on the row only counts. state: 0 asked for, 1 removed, 2 done. attributes: full IRIs with a space after each, '' for all.
CREATE TABLE erasure (
    id           text PRIMARY KEY,
    tenant       integer NOT NULL,
    entity       text NOT NULL,
    attributes   text NOT NULL,
    start        bigint NOT NULL,
    finish       bigint NOT NULL,
    requested_at bigint NOT NULL,
    state        integer NOT NULL,
    series       integer NOT NULL,
    points       bigint NOT NULL,
    ended_at     bigint NOT NULL
);

-- What was deleted, so that changes of before which are still under way do not bring it back: an HMAC of the names, and
-- from which time to before which other; changes up to changed_until have no effect there.
CREATE TABLE deletion (
    mark          bytea NOT NULL,
    start         bigint NOT NULL,
    finish        bigint NOT NULL,
    changed_until bigint NOT NULL,
    PRIMARY KEY (mark, start, finish)
);

-- The key of those HMACs: one row.
CREATE TABLE deletion_key (
    key bytea NOT NULL
);

-- The planner's statistics hold samples of values, which an erasure could not reach.
ALTER TABLE entity ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE chunk ALTER COLUMN head SET STATISTICS 0, ALTER COLUMN sums SET STATISTICS 0, ALTER COLUMN extremes SET STATISTICS 0, ALTER COLUMN data SET STATISTICS 0;
ALTER TABLE tail_block ALTER COLUMN data SET STATISTICS 0;
ALTER TABLE arrival ALTER COLUMN data SET STATISTICS 0;
ALTER TABLE erasure ALTER COLUMN entity SET STATISTICS 0, ALTER COLUMN attributes SET STATISTICS 0;
ALTER TABLE dead_letters ALTER COLUMN subject SET STATISTICS 0, ALTER COLUMN error SET STATISTICS 0, ALTER COLUMN event SET STATISTICS 0;
