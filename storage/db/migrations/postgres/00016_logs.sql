-- What access logs told, and how far they were read: see monitor/logs.go.
-- Workers have nothing to do with either, and are granted nothing.
-- +goose Up
CREATE TABLE log_findings (
    id       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site     TEXT COLLATE "C" NOT NULL,
    key      TEXT COLLATE "C" NOT NULL, -- the same for what is one finding
    rule     TEXT COLLATE "C" NOT NULL,
    severity TEXT NOT NULL,
    why      TEXT NOT NULL,
    client   TEXT NOT NULL,
    method   TEXT NOT NULL,
    target   TEXT NOT NULL,
    status   BIGINT NOT NULL,
    agent    TEXT NOT NULL,
    first    BIGINT NOT NULL,
    last     BIGINT NOT NULL,
    count    BIGINT NOT NULL,
    file     TEXT NOT NULL,
    line     BIGINT NOT NULL,
    UNIQUE (site, key)
);
CREATE INDEX log_findings_by_time ON log_findings (site, first, id);
CREATE INDEX log_findings_by_rule ON log_findings (site, rule, first, id);
CREATE TABLE log_readings (
    site    TEXT COLLATE "C" PRIMARY KEY,
    reading TEXT NOT NULL -- JSON
);
