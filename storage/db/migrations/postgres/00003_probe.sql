-- What probes compare a target with between two looks: see package monitor/probe,
-- which alone reads the data.
-- +goose Up
CREATE TABLE fingerprints (
    target  TEXT COLLATE "C" PRIMARY KEY,
    updated BIGINT NOT NULL,
    data    BYTEA NOT NULL
);
