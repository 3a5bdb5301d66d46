-- A row holds the events that one transaction appended to one topic. Positions grow in commit order, since SQLite has one
-- writer at a time; AUTOINCREMENT keeps them from being given out again after pruning.
CREATE TABLE outbox (
    position    INTEGER PRIMARY KEY AUTOINCREMENT,
    topic       TEXT    NOT NULL,
    count       INTEGER NOT NULL,
    appended_at INTEGER NOT NULL, -- Unix milliseconds
    events      BLOB    NOT NULL  -- twin.events.v1.EventBlock
);

-- How far each reader of this outbox has come; what all have passed is pruned.
CREATE TABLE outbox_readers (
    reader   TEXT    NOT NULL PRIMARY KEY,
    position INTEGER NOT NULL,
    seen_at  INTEGER NOT NULL
) WITHOUT ROWID;

-- How far each consumer of this service has come in each outbox that it reads in the process.
CREATE TABLE event_offsets (
    consumer TEXT    NOT NULL,
    source   TEXT    NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (consumer, source)
) WITHOUT ROWID;

-- What each consumer of this service has dealt with already.
CREATE TABLE inbox (
    consumer    TEXT    NOT NULL,
    event_id    BLOB    NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (consumer, event_id)
) WITHOUT ROWID;

CREATE TABLE dead_letters (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    consumer  TEXT    NOT NULL,
    topic     TEXT    NOT NULL,
    event_id  BLOB    NOT NULL,
    type      TEXT    NOT NULL,
    subject   TEXT    NOT NULL,
    attempts  INTEGER NOT NULL,
    error     TEXT    NOT NULL,
    failed_at INTEGER NOT NULL,
    event     BLOB    NOT NULL, -- twin.events.v1.Event
    UNIQUE (consumer, event_id)
);
