-- The numbers under which incidents are reported, and incidents from before the watch: see
-- monitor/number.go and monitor/history.go.
-- +goose Up
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
