-- Orders into lockdown, and how pages stand to them: see monitor/directive.go.
-- +goose Up
CREATE TABLE directives (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    scope     TEXT NOT NULL, -- JSON
    controls  TEXT NOT NULL, -- JSON
    deadline  BIGINT NOT NULL,
    authority TEXT NOT NULL,
    text_en   TEXT NOT NULL,
    text_ur   TEXT NOT NULL,
    issued    BIGINT NOT NULL,
    placed_by TEXT NOT NULL,
    decision  BIGINT NOT NULL,
    lifted    BIGINT NOT NULL,
    lifted_by TEXT NOT NULL
);
CREATE TABLE directive_sites (
    directive BIGINT NOT NULL,
    site      TEXT NOT NULL,
    PRIMARY KEY (directive, site)
);
CREATE INDEX directive_sites_by_site ON directive_sites (site, directive);
CREATE TABLE waivers (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    site        TEXT NOT NULL, -- '' for all of the institution
    institution TEXT NOT NULL,
    controls    TEXT NOT NULL, -- JSON
    reason      TEXT NOT NULL,
    approver    TEXT NOT NULL,
    issued      BIGINT NOT NULL,
    expires     BIGINT NOT NULL,
    placed_by   TEXT NOT NULL,
    decision    BIGINT NOT NULL,
    ended       BIGINT NOT NULL
);
CREATE INDEX waivers_by_expiry ON waivers (expires, id);
CREATE TABLE standings (
    target   TEXT NOT NULL,
    control  TEXT NOT NULL,
    site     TEXT NOT NULL,
    state    TEXT NOT NULL, -- closed, open, unknown
    why      TEXT NOT NULL,
    evidence TEXT NOT NULL, -- JSON
    box      TEXT NOT NULL, -- JSON, null for none
    since    BIGINT NOT NULL,
    capture  TEXT NOT NULL,
    shut     BIGINT NOT NULL,
    PRIMARY KEY (target, control)
);
CREATE INDEX standings_by_site ON standings (site);
CREATE TABLE doors (
    site    TEXT PRIMARY KEY,
    at      BIGINT NOT NULL,
    answers TEXT NOT NULL -- JSON
);
CREATE TABLE lockdown_scores (
    day     BIGINT NOT NULL,
    site    TEXT NOT NULL,
    score   BIGINT NOT NULL,
    opened  BIGINT NOT NULL,
    unknown BIGINT NOT NULL,
    PRIMARY KEY (day, site)
);
ALTER TABLE looks ADD COLUMN lockdown TEXT NOT NULL DEFAULT ''; -- JSON, '' for none
