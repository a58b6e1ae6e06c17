-- What holds mails for a time, and how a delivery is held: see monitor/silence.go and
-- monitor/storm.go.
-- +goose Up
CREATE TABLE silences (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    mode        TEXT NOT NULL,
    site        TEXT NOT NULL, -- '' for any, as in the next three
    institution TEXT NOT NULL,
    rule        TEXT NOT NULL,
    kind        TEXT NOT NULL,
    starts      BIGINT NOT NULL,
    ends        BIGINT NOT NULL,
    reason      TEXT NOT NULL,
    placed_by   TEXT NOT NULL,
    decision    BIGINT NOT NULL,
    lifted      BIGINT NOT NULL,
    lifted_by   TEXT NOT NULL
);
CREATE INDEX silences_by_end ON silences (ends, id);
ALTER TABLE deliveries ADD COLUMN silence BIGINT NOT NULL DEFAULT 0; -- what holds it, 0 for none
ALTER TABLE deliveries ADD COLUMN within BIGINT NOT NULL DEFAULT 0;  -- the delivery that tells it among others
CREATE INDEX deliveries_held ON deliveries (created, id) WHERE state = 'held';
CREATE INDEX deliveries_by_recipient ON deliveries (sink, recipient, created);
