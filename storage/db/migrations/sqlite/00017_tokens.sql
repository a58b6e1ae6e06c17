-- What lets programs in, as an account: see monitor/token.go.
-- +goose Up
CREATE TABLE tokens (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account    TEXT NOT NULL,
    name       TEXT NOT NULL,
    scope      TEXT NOT NULL, -- read, decide
    digest     TEXT NOT NULL UNIQUE, -- SHA-256 of what its owner holds
    created    BIGINT NOT NULL,
    expires    BIGINT NOT NULL,
    used       BIGINT NOT NULL, -- last, 0 for never
    revoked    BIGINT NOT NULL, -- 0 if it is not
    revoked_by TEXT NOT NULL
);
CREATE INDEX tokens_by_account ON tokens (account, id);
