-- Attacks on several sites that are one: see monitor/campaign.go. A trace is what an
-- attack left on a site by which it is known again on another.
-- +goose Up
CREATE TABLE traces (
    incident BIGINT NOT NULL,
    kind     TEXT NOT NULL,
    value    TEXT NOT NULL,
    site     TEXT NOT NULL,
    at       BIGINT NOT NULL, -- when it was seen
    PRIMARY KEY (incident, kind, value)
) WITHOUT ROWID;
CREATE INDEX traces_by_value ON traces (kind, value, at);
CREATE INDEX traces_by_time ON traces (kind, at);

CREATE TABLE campaigns (
    id      TEXT PRIMARY KEY, -- C-YEAR-NUMBER
    year    BIGINT NOT NULL,
    number  BIGINT NOT NULL,
    opened  BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    told    BIGINT NOT NULL,  -- when the CERT was last written to
    notices BIGINT NOT NULL,
    pending BOOLEAN NOT NULL, -- something has changed since
    listed  TEXT NOT NULL,    -- json array: the incidents that the CERT has a list of
    part_of TEXT NOT NULL,    -- the campaign it turned out to be part of, '' for none
    UNIQUE (year, number)
);
CREATE INDEX campaigns_pending ON campaigns (told) WHERE pending;
CREATE INDEX incidents_by_campaign ON incidents (campaign, id) WHERE campaign <> '';
