-- Context source registrations (GS CIM 009 5.2.9), names as IRIs. contextSourceInfo may hold secrets.
CREATE TABLE registration (
    tenant   INTEGER NOT NULL REFERENCES tenant (key),
    id       TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
);
