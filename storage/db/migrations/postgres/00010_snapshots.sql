-- The copies from which sites can be shown while their servers are cleaned: see
-- monitor/snapshots.go. What is in them is among the blobs.
-- +goose Up
CREATE TABLE snapshots (
    id       TEXT COLLATE "C" PRIMARY KEY,
    site     TEXT COLLATE "C" NOT NULL,
    created  BIGINT NOT NULL,
    looks    TEXT NOT NULL, -- json: the approved looks that it was made at
    manifest TEXT NOT NULL,
    pages    BIGINT NOT NULL,
    files    BIGINT NOT NULL,
    bytes    BIGINT NOT NULL,
    left_out TEXT NOT NULL, -- json
    state    TEXT NOT NULL, -- proved, unproved, broken
    problem  TEXT NOT NULL,
    proofs   TEXT NOT NULL, -- json
    verified BIGINT NOT NULL
);
CREATE INDEX snapshots_by_site ON snapshots (site, id);
