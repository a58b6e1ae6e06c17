-- What the console keeps: who may sign in and has, what was put off, and the chain over
-- the decisions (see monitor/audit.go).
-- +goose Up

CREATE TABLE accounts (
    name         TEXT COLLATE "C" PRIMARY KEY,
    full_name    TEXT NOT NULL,
    role         TEXT NOT NULL,
    institution  TEXT NOT NULL, -- of those who see its sites only, else ''
    language     TEXT NOT NULL,
    password     TEXT NOT NULL, -- argon2id
    totp         TEXT NOT NULL, -- secret of the second factor, '' for none
    created      BIGINT NOT NULL,
    disabled     BOOLEAN NOT NULL,
    epoch        BIGINT NOT NULL, -- sessions of another one have ended
    failures     BIGINT NOT NULL,
    locked_until BIGINT NOT NULL
);

CREATE TABLE sessions (
    token   TEXT COLLATE "C" PRIMARY KEY, -- digest of what the browser holds
    data    TEXT NOT NULL,    -- base64
    expires BIGINT NOT NULL
);
CREATE INDEX sessions_by_end ON sessions (expires);

CREATE TABLE snoozes (
    object TEXT COLLATE "C" PRIMARY KEY, -- question:12, incident:5
    until  BIGINT NOT NULL
);

-- The place of a decision in the chain: a hash over what it says and over the hash
-- before it. The first decision after this migration chains all that were before.
CREATE TABLE decision_chain (
    decision BIGINT PRIMARY KEY,
    hash     TEXT NOT NULL
);
CREATE INDEX decisions_by_actor ON decisions (actor, id);
CREATE TRIGGER chain_keep BEFORE UPDATE OR DELETE ON decision_chain
    FOR EACH ROW EXECUTE FUNCTION keep_evidence();
