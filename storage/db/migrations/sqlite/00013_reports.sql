-- The numbers under which incidents are reported, and incidents from before the watch: see
-- monitor/number.go and monitor/history.go.
-- +goose Up
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
