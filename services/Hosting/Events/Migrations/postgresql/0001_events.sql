-- A row holds the events that one transaction appended to one topic. Identities are given out before commit, so that order
-- by position alone would skip rows of a transaction that commits late: readers go by (tx, position) and wait for xmin.
CREATE TABLE outbox (
    tx          xid8   NOT NULL DEFAULT pg_current_xact_id(),
    position    bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    topic       text   NOT NULL,
    count       integer NOT NULL,
    appended_at bigint NOT NULL, -- Unix milliseconds
    events      bytea  NOT NULL, -- twin.events.v1.EventBlock
    PRIMARY KEY (tx, position)
);
-- Compressing what is deleted within the second costs more than it saves.
ALTER TABLE outbox ALTER COLUMN events SET STORAGE EXTERNAL;

-- How far each reader of this outbox has come; what all have passed is pruned.
CREATE TABLE outbox_readers (
    reader   text   NOT NULL PRIMARY KEY,
    tx       xid8   NOT NULL,
    position bigint NOT NULL,
    seen_at  bigint NOT NULL
);

-- How far each consumer of this service has come in each outbox that it reads in the process.
CREATE TABLE event_offsets (
    consumer text   NOT NULL,
    source   text   NOT NULL,
    tx       xid8   NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (consumer, source)
);

-- What each consumer of this service has dealt with already.
CREATE TABLE inbox (
    consumer    text   NOT NULL,
    event_id    uuid   NOT NULL,
    received_at bigint NOT NULL,
    PRIMARY KEY (consumer, event_id)
);

CREATE TABLE dead_letters (
    id        bigint  NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    consumer  text    NOT NULL,
    topic     text    NOT NULL,
    event_id  uuid    NOT NULL,
    type      text    NOT NULL,
    subject   text    NOT NULL,
    attempts  integer NOT NULL,
    error     text    NOT NULL,
    failed_at bigint  NOT NULL,
    event     bytea   NOT NULL, -- twin.events.v1.Event
    UNIQUE (consumer, event_id)
);
