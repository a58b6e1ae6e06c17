-- What access logs told, the numbers under which incidents are reported, and incidents
-- from before the watch: see monitor/logs.go, monitor/number.go and monitor/history.go.
-- +goose Up
CREATE TABLE log_findings (
    id       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site     TEXT COLLATE "C" NOT NULL,
    name     TEXT COLLATE "C" NOT NULL, -- what makes two findings of a day one
    day      TEXT NOT NULL,
    rule     TEXT NOT NULL,
    severity TEXT NOT NULL,
    why      TEXT NOT NULL,
    client   TEXT NOT NULL,
    method   TEXT NOT NULL,
    target   TEXT NOT NULL,
    status   BIGINT NOT NULL,
    agent    TEXT NOT NULL,
    first    BIGINT NOT NULL,
    last     BIGINT NOT NULL,
    times    BIGINT NOT NULL,
    file     TEXT NOT NULL,
    line     BIGINT NOT NULL,
    UNIQUE (site, day, name)
);
CREATE INDEX log_findings_by_time ON log_findings (site, first, id);
CREATE TABLE reports (
    incident BIGINT PRIMARY KEY,
    year     BIGINT NOT NULL,
    number   BIGINT NOT NULL,
    UNIQUE (year, number)
);
CREATE TABLE history (
    id          TEXT COLLATE "C" PRIMARY KEY,
    at          BIGINT NOT NULL,
    kind        TEXT NOT NULL,
    tier        TEXT NOT NULL,
    region      TEXT NOT NULL,
    institution TEXT NOT NULL,
    site        TEXT NOT NULL,
    severity    TEXT NOT NULL,
    summary     TEXT NOT NULL
);
