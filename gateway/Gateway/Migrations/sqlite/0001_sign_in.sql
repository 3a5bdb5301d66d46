create table accounts (
    id text not null primary key,
    name text not null unique,
    password_hash text not null,
    roles text not null,
    disabled integer not null,
    failures integer not null,
    locked_until integer not null,
    created integer not null
) without rowid, strict;

create table clients (
    id text not null primary key,
    secret_hash text null,
    key_set text null,
    redirect_uris text not null,
    roles text not null,
    disabled integer not null,
    created integer not null
) without rowid, strict;

create table redeemed (
    id text not null primary key,
    expires integer not null
) without rowid, strict;

create index redeemed_expires on redeemed (expires);
