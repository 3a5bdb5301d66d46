-- Context source registrations (GS CIM 009 5.2.9), names as IRIs. contextSourceInfo may hold secrets.
CREATE TABLE registration (
    tenant   integer NOT NULL,
    id       text NOT NULL,
    sequence bigint NOT NULL,
    document text NOT NULL,
    PRIMARY KEY (tenant, id)
);
