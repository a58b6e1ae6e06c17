-- How we are ourselves, by what was measured: see monitor.Condition.
-- +goose Up
CREATE TABLE conditions (
    name     TEXT PRIMARY KEY,
    ill      BOOLEAN NOT NULL,
    since    BIGINT NOT NULL,
    told     BOOLEAN NOT NULL,
    episode  BIGINT NOT NULL,
    text     TEXT NOT NULL,
    value    REAL NOT NULL,
    measured BIGINT NOT NULL
);
-- The newest delivery that arrived is asked for every minute.
CREATE INDEX deliveries_sent ON deliveries (updated) WHERE state = 'sent';
