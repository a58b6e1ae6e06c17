-- What keeps the cost of a look, of a round of the schedule and of forgetting
-- apart from how much there is: see docs/scale.md.
-- +goose Up

-- Grows with every change of sites and targets, whoever makes it: the schedule
-- reads this one row instead of all of them.
-- tx is of use on PostgreSQL only.
CREATE TABLE watch_revision (n BIGINT NOT NULL, tx TEXT NOT NULL);
INSERT INTO watch_revision (n, tx) VALUES (1, '');
-- +goose StatementBegin
CREATE TRIGGER sites_added AFTER INSERT ON sites BEGIN UPDATE watch_revision SET n = n + 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER sites_changed AFTER UPDATE ON sites BEGIN UPDATE watch_revision SET n = n + 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER sites_removed AFTER DELETE ON sites BEGIN UPDATE watch_revision SET n = n + 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER targets_added AFTER INSERT ON targets BEGIN UPDATE watch_revision SET n = n + 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER targets_changed AFTER UPDATE ON targets BEGIN UPDATE watch_revision SET n = n + 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER targets_removed AFTER DELETE ON targets BEGIN UPDATE watch_revision SET n = n + 1; END;
-- +goose StatementEnd

-- Lists that grow over the years, found by what is asked for.
CREATE INDEX incidents_by_site ON incidents (site, id);
CREATE INDEX incidents_pending ON incidents (opened, id) WHERE state NOT IN ('resolved', 'false_alarm');
CREATE INDEX questions_by_site ON questions (site, id);
CREATE INDEX questions_pending ON questions (opened, id) WHERE answered = 0;
-- Without it, to remove one row of looks would be to read all captures.
CREATE INDEX captures_by_look ON captures (look);

-- Captures that a baseline, an incident or a question names. Routine never
-- removes them. Written by triggers, so that no version of the program can name
-- a capture and forget to say so; the only place where a query looks into json.
CREATE TABLE pins (
    capture TEXT NOT NULL,
    kind    TEXT NOT NULL, -- baseline, incident, question
    owner   TEXT NOT NULL, -- the target of a baseline, the id of the others
    PRIMARY KEY (capture, kind, owner)
) WITHOUT ROWID;
CREATE INDEX pins_by_owner ON pins (kind, owner);
INSERT OR IGNORE INTO pins (capture, kind, owner)
    SELECT j.value, 'baseline', b.target FROM baselines b, json_each(b.captures) j WHERE b.captures LIKE '[%';
INSERT OR IGNORE INTO pins (capture, kind, owner)
    SELECT json_extract(j.value, '$.capture'), 'incident', i.id FROM incidents i, json_each(i.findings) j WHERE i.findings LIKE '[%';
INSERT OR IGNORE INTO pins (capture, kind, owner)
    SELECT capture, 'question', id FROM questions UNION SELECT second, 'question', id FROM questions WHERE second <> '';
-- +goose StatementBegin
CREATE TRIGGER baselines_pin AFTER INSERT ON baselines WHEN NEW.captures LIKE '[%' BEGIN
    INSERT OR IGNORE INTO pins (capture, kind, owner) SELECT value, 'baseline', NEW.target FROM json_each(NEW.captures);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER incidents_pin AFTER INSERT ON incidents WHEN NEW.findings LIKE '[%' BEGIN
    INSERT OR IGNORE INTO pins (capture, kind, owner)
        SELECT json_extract(value, '$.capture'), 'incident', NEW.id FROM json_each(NEW.findings);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER incidents_pin_more AFTER UPDATE OF findings ON incidents WHEN NEW.findings LIKE '[%' BEGIN
    INSERT OR IGNORE INTO pins (capture, kind, owner)
        SELECT json_extract(value, '$.capture'), 'incident', NEW.id FROM json_each(NEW.findings);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER questions_pin AFTER INSERT ON questions BEGIN
    INSERT OR IGNORE INTO pins (capture, kind, owner) VALUES (NEW.capture, 'question', NEW.id);
    INSERT OR IGNORE INTO pins (capture, kind, owner) SELECT NEW.second, 'question', NEW.id WHERE NEW.second <> '';
END;
-- +goose StatementEnd

-- How far work has come that goes on from run to run, and the name of this
-- database: blobs are collected only by the one they belong to.
CREATE TABLE notes (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
INSERT INTO notes (name, value) VALUES ('database', lower(hex(randomblob(16))));
