-- What lets programs in, as an account: see monitor/token.go.
-- Workers have nothing to do with them, and are granted nothing.
-- +goose Up
CREATE TABLE tokens (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account    TEXT COLLATE "C" NOT NULL,
    name       TEXT NOT NULL,
    scope      TEXT NOT NULL, -- read, decide
    digest     TEXT COLLATE "C" NOT NULL UNIQUE, -- SHA-256 of what its owner holds
    created    BIGINT NOT NULL,
    expires    BIGINT NOT NULL,
    used       BIGINT NOT NULL, -- last, 0 for never
    revoked    BIGINT NOT NULL, -- 0 if it is not
    revoked_by TEXT NOT NULL
);
CREATE INDEX tokens_by_account ON tokens (account, id);
