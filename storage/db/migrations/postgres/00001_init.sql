-- The schema of pasban on PostgreSQL, the twin of the one for SQLite: its
-- opening comment holds here too. Texts that lists are sorted by are compared
-- byte by byte (COLLATE "C"), as SQLite and Go do, whatever the locale of the
-- database.

-- +goose Up

CREATE TABLE institutions (
    id       TEXT COLLATE "C" PRIMARY KEY,
    name     TEXT NOT NULL,
    tier     TEXT NOT NULL,
    region   TEXT NOT NULL,
    contacts TEXT NOT NULL, -- json array
    language TEXT NOT NULL,
    tlp      TEXT NOT NULL
);

CREATE TABLE sites (
    id            TEXT COLLATE "C" PRIMARY KEY,
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
    id   TEXT COLLATE "C" PRIMARY KEY,
    site TEXT COLLATE "C" NOT NULL,
    url  TEXT NOT NULL,
    gone BOOLEAN NOT NULL
);
CREATE INDEX targets_by_site ON targets (site, id);

CREATE TABLE freshness (
    target       TEXT COLLATE "C" PRIMARY KEY,
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
    id        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest    TEXT NOT NULL UNIQUE, -- SHA-256 of the columns below, see captures.go
    site      TEXT COLLATE "C" NOT NULL,
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
    id       TEXT COLLATE "C" PRIMARY KEY,
    target   TEXT COLLATE "C" NOT NULL,
    at       BIGINT NOT NULL,
    reason   TEXT NOT NULL,
    confirms TEXT NOT NULL,
    took_ms  BIGINT NOT NULL,
    judged   BOOLEAN NOT NULL,
    look     BIGINT NOT NULL REFERENCES looks (id)
);
CREATE INDEX captures_by_target ON captures (target, at, id);
CREATE INDEX captures_by_confirms ON captures (confirms) WHERE confirms <> '';

CREATE TABLE baselines (
    target      TEXT COLLATE "C" NOT NULL,
    version     BIGINT NOT NULL,
    site        TEXT COLLATE "C" NOT NULL,
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
    id        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site      TEXT COLLATE "C" NOT NULL,
    target    TEXT COLLATE "C" NOT NULL,
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
    id       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site     TEXT COLLATE "C" NOT NULL,
    target   TEXT COLLATE "C" NOT NULL,
    capture  TEXT COLLATE "C" NOT NULL,
    second   TEXT COLLATE "C" NOT NULL,
    report   TEXT NOT NULL, -- json object: compare.Report
    opened   BIGINT NOT NULL,
    answered BIGINT NOT NULL
);
CREATE INDEX questions_open ON questions (target) WHERE answered = 0;

CREATE TABLE decisions (
    id     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at     BIGINT NOT NULL,
    actor  TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT COLLATE "C" NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL -- json, '' for none
);
CREATE INDEX decisions_by_object ON decisions (object, id);

CREATE TABLE deliveries (
    id        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
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
CREATE FUNCTION keep_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% never change and are never removed', TG_TABLE_NAME;
END;
$$;
-- +goose StatementEnd
CREATE TRIGGER baselines_keep BEFORE UPDATE OR DELETE ON baselines
    FOR EACH ROW EXECUTE FUNCTION keep_evidence();
CREATE TRIGGER decisions_keep BEFORE UPDATE OR DELETE ON decisions
    FOR EACH ROW EXECUTE FUNCTION keep_evidence();
