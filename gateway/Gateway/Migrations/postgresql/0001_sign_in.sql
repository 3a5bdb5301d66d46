create table accounts (
    id text not null primary key,
    name text collate "C" not null unique,
    password_hash text not null,
    roles text not null,
    disabled bigint not null,
    failures bigint not null,
    locked_until bigint not null,
    created bigint not null
);

create table clients (
    id text collate "C" not null primary key,
    secret_hash text null,
    key_set text null,
    redirect_uris text not null,
    roles text not null,
    disabled bigint not null,
    created bigint not null
);

create table redeemed (
    id text not null primary key,
    expires bigint not null
);

create index redeemed_expires on redeemed (expires);
