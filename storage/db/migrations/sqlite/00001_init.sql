-- The schema of pasban on SQLite. Its twin for PostgreSQL has the same tables
-- and columns; they differ only in how a database spells types, identities and
-- triggers. Conventions of both:
--   times      nanoseconds since 1970 UTC, 0 for "never" (on the SQLite shell:
--              datetime(at / 1000000000, 'unixepoch'))
--   json       text that Go wrote and Go reads; no query looks inside
--   no NULLs   an absent text is '', an absent number 0

-- +goose Up

CREATE TABLE institutions (
    id       TEXT PRIMARY KEY,
    name     TEXT NOT NULL,
    tier     TEXT NOT NULL,
    region   TEXT NOT NULL,
    contacts TEXT NOT NULL, -- json array
    language TEXT NOT NULL,
    tlp      TEXT NOT NULL
);

CREATE TABLE sites (
    id            TEXT PRIMARY KEY,
    name          TEXT NOT NULL,
    institution   TEXT NOT NULL,
    url           TEXT NOT NULL,
    schedule      TEXT NOT NULL,
    allow_hosts   TEXT NOT NULL, -- json array
    allow_private TEXT NOT NULL, -- json array of CIDR ranges
    masks         TEXT NOT NULL, -- json array
    lockdown      TEXT NOT NULL,
    paused        BOOLEAN NOT NULL
);

CREATE TABLE targets (
    id   TEXT PRIMARY KEY,
    site TEXT NOT NULL,
    url  TEXT NOT NULL,
    gone BOOLEAN NOT NULL
);
CREATE INDEX targets_by_site ON targets (site, id);

CREATE TABLE freshness (
    target       TEXT PRIMARY KEY,
    last_attempt BIGINT NOT NULL,
    last_good    BIGINT NOT NULL,
    outcome      TEXT NOT NULL,
    reason       TEXT NOT NULL,
    failures     BIGINT NOT NULL
);

-- What one look has in common with the next while a page does not change. A
-- year of looks at an unchanged page is one row here and many short rows in
-- captures.
CREATE TABLE looks (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    digest    TEXT NOT NULL UNIQUE, -- SHA-256 of the columns below, see captures.go
    site      TEXT NOT NULL,
    url       TEXT NOT NULL,
    final_url TEXT NOT NULL,
    title     TEXT NOT NULL,
    outcome   TEXT NOT NULL,
    detail    TEXT NOT NULL,
    status    BIGINT NOT NULL,
    picture   TEXT NOT NULL,
    dom       TEXT NOT NULL,
    blobs     TEXT NOT NULL, -- json object: name to SHA-256
    baseline  BIGINT NOT NULL,
    report    TEXT NOT NULL  -- json object: compare.Report
);

CREATE TABLE captures (
    id       TEXT PRIMARY KEY,
    target   TEXT NOT NULL,
    at       BIGINT NOT NULL,
    reason   TEXT NOT NULL,
    confirms TEXT NOT NULL,
    took_ms  BIGINT NOT NULL,
    judged   BOOLEAN NOT NULL,
    look     BIGINT NOT NULL REFERENCES looks (id)
) WITHOUT ROWID;
CREATE INDEX captures_by_target ON captures (target, at, id);
CREATE INDEX captures_by_confirms ON captures (confirms) WHERE confirms <> '';

CREATE TABLE baselines (
    target      TEXT NOT NULL,
    version     BIGINT NOT NULL,
    site        TEXT NOT NULL,
    created     BIGINT NOT NULL,
    provisional BOOLEAN NOT NULL,
    approved_by TEXT NOT NULL,
    decision    BIGINT NOT NULL,
    captures    TEXT NOT NULL, -- json array of capture IDs, newest last
    manifest    TEXT NOT NULL,
    looks       TEXT NOT NULL, -- json array of digests
    PRIMARY KEY (target, version)
);

CREATE TABLE incidents (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    site      TEXT NOT NULL,
    target    TEXT NOT NULL,
    kind      TEXT NOT NULL,
    severity  TEXT NOT NULL,
    state     TEXT NOT NULL,
    summary   TEXT NOT NULL,
    opened    BIGINT NOT NULL,
    updated   BIGINT NOT NULL,
    campaign  TEXT NOT NULL,
    findings  TEXT NOT NULL, -- json array
    recovered BIGINT NOT NULL,
    notices   BIGINT NOT NULL
);
CREATE INDEX incidents_by_opened ON incidents (opened, id);
-- A site has at most one incident that is not closed: see monitor.State.Closed.
CREATE UNIQUE INDEX incidents_open ON incidents (site)
    WHERE state NOT IN ('resolved', 'false_alarm');

CREATE TABLE questions (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    site     TEXT NOT NULL,
    target   TEXT NOT NULL,
    capture  TEXT NOT NULL,
    second   TEXT NOT NULL,
    report   TEXT NOT NULL, -- json object: compare.Report
    opened   BIGINT NOT NULL,
    answered BIGINT NOT NULL
);
CREATE INDEX questions_open ON questions (target) WHERE answered = 0;

CREATE TABLE decisions (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    at     BIGINT NOT NULL,
    actor  TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL -- json, '' for none
);
CREATE INDEX decisions_by_object ON decisions (object, id);

CREATE TABLE deliveries (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    alert     TEXT NOT NULL,
    incident  BIGINT NOT NULL,
    sink      TEXT NOT NULL,
    recipient TEXT NOT NULL,
    language  TEXT NOT NULL,
    state     TEXT NOT NULL,
    worker    TEXT NOT NULL, -- the process that sends or sent it, '' for none
    payload   TEXT NOT NULL, -- json, '' for none
    attempts  TEXT NOT NULL, -- json array
    created   BIGINT NOT NULL,
    updated   BIGINT NOT NULL,
    UNIQUE (alert, sink, recipient)
);
CREATE INDEX deliveries_by_incident ON deliveries (incident, id);
CREATE INDEX deliveries_open ON deliveries (created, id) WHERE state IN ('pending', 'sending');

-- Baselines and decisions are evidence: nobody changes or removes them, whatever
-- a later version of this program believes.
-- +goose StatementBegin
CREATE TRIGGER baselines_keep_update BEFORE UPDATE ON baselines
BEGIN SELECT RAISE(ABORT, 'baselines never change'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER baselines_keep_delete BEFORE DELETE ON baselines
BEGIN SELECT RAISE(ABORT, 'baselines are never removed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER decisions_keep_update BEFORE UPDATE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions never change'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER decisions_keep_delete BEFORE DELETE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are never removed'); END;
-- +goose StatementEnd
