-- What access logs told, the numbers under which incidents are reported, and incidents
-- from before the watch: see monitor/logs.go, monitor/number.go and monitor/history.go.
-- +goose Up
CREATE TABLE log_findings (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    site     TEXT NOT NULL,
    name     TEXT NOT NULL, -- what makes two findings of a day one
    day      TEXT NOT NULL,
    rule     TEXT NOT NULL,
    severity TEXT NOT NULL,
    why      TEXT NOT NULL,
    client   TEXT NOT NULL,
    method   TEXT NOT NULL,
    target   TEXT NOT NULL,
    status   INTEGER NOT NULL,
    agent    TEXT NOT NULL,
    first    INTEGER NOT NULL,
    last     INTEGER NOT NULL,
    times    INTEGER NOT NULL,
    file     TEXT NOT NULL,
    line     INTEGER NOT NULL,
    UNIQUE (site, day, name)
);
CREATE INDEX log_findings_by_time ON log_findings (site, first, id);
CREATE TABLE reports (
    incident INTEGER PRIMARY KEY,
    year     INTEGER NOT NULL,
    number   INTEGER NOT NULL,
    UNIQUE (year, number)
);
CREATE TABLE history (
    id          TEXT PRIMARY KEY,
    at          INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    tier        TEXT NOT NULL,
    region      TEXT NOT NULL,
    institution TEXT NOT NULL,
    site        TEXT NOT NULL,
    severity    TEXT NOT NULL,
    summary     TEXT NOT NULL
);
