-- The twin of the one for SQLite: its comments hold here too.
-- +goose Up

CREATE TABLE watch_revision (n BIGINT NOT NULL, tx TEXT NOT NULL);
INSERT INTO watch_revision (n, tx) VALUES (1, '');
-- Once a transaction: an import of 100,000 sites would else make as many
-- versions of the one row, each looked for among those before it.
-- +goose StatementBegin
CREATE FUNCTION revise_watch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE watch_revision SET n = n + 1, tx = txid_current()::text WHERE tx <> txid_current()::text;
    RETURN NULL;
END;
$$;
-- +goose StatementEnd
CREATE TRIGGER sites_revise AFTER INSERT OR UPDATE OR DELETE ON sites
    FOR EACH STATEMENT EXECUTE FUNCTION revise_watch();
CREATE TRIGGER targets_revise AFTER INSERT OR UPDATE OR DELETE ON targets
    FOR EACH STATEMENT EXECUTE FUNCTION revise_watch();

CREATE INDEX incidents_by_site ON incidents (site, id);
CREATE INDEX incidents_pending ON incidents (opened, id) WHERE state NOT IN ('resolved', 'false_alarm');
CREATE INDEX questions_by_site ON questions (site, id);
CREATE INDEX questions_pending ON questions (opened, id) WHERE answered = 0;
CREATE INDEX captures_by_look ON captures (look);
-- captures_by_confirms goes by the collation of the database, and is of no use to
-- find the captures that confirm one of a list: ids are compared byte by byte.
CREATE INDEX captures_confirming ON captures (confirms COLLATE "C") WHERE confirms <> '';

CREATE TABLE pins (
    capture TEXT COLLATE "C" NOT NULL,
    kind    TEXT COLLATE "C" NOT NULL, -- baseline, incident, question
    owner   TEXT COLLATE "C" NOT NULL, -- the target of a baseline, the id of the others
    PRIMARY KEY (capture, kind, owner)
);
CREATE INDEX pins_by_owner ON pins (kind, owner);
INSERT INTO pins (capture, kind, owner)
    SELECT DISTINCT j.value, 'baseline', b.target FROM baselines b, json_array_elements_text(b.captures::json) j(value)
    WHERE b.captures LIKE '[%';
INSERT INTO pins (capture, kind, owner)
    SELECT DISTINCT j.value ->> 'capture', 'incident', i.id::text FROM incidents i, json_array_elements(replace(i.findings, '\u0000', '\ufffd')::json) j(value)
    WHERE i.findings LIKE '[%' AND j.value ->> 'capture' IS NOT NULL;
INSERT INTO pins (capture, kind, owner)
    SELECT capture, 'question', id::text FROM questions UNION SELECT second, 'question', id::text FROM questions WHERE second <> '';
-- +goose StatementBegin
CREATE FUNCTION pin_baseline() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.captures LIKE '[%' THEN
        INSERT INTO pins (capture, kind, owner)
            SELECT DISTINCT value, 'baseline', NEW.target FROM json_array_elements_text(NEW.captures::json)
            ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END;
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION pin_incident() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.findings LIKE '[%' THEN
        INSERT INTO pins (capture, kind, owner)
            SELECT DISTINCT value ->> 'capture', 'incident', NEW.id::text FROM json_array_elements(replace(NEW.findings, '\u0000', '\ufffd')::json)
            WHERE value ->> 'capture' IS NOT NULL ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END;
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION pin_question() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO pins (capture, kind, owner)
        SELECT NEW.capture, 'question', NEW.id::text UNION SELECT NEW.second, 'question', NEW.id::text WHERE NEW.second <> ''
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END;
$$;
-- +goose StatementEnd
CREATE TRIGGER baselines_pin AFTER INSERT ON baselines FOR EACH ROW EXECUTE FUNCTION pin_baseline();
CREATE TRIGGER incidents_pin AFTER INSERT OR UPDATE OF findings ON incidents FOR EACH ROW EXECUTE FUNCTION pin_incident();
CREATE TRIGGER questions_pin AFTER INSERT ON questions FOR EACH ROW EXECUTE FUNCTION pin_question();

CREATE TABLE notes (
    name  TEXT COLLATE "C" PRIMARY KEY,
    value TEXT NOT NULL
);
INSERT INTO notes (name, value) VALUES ('database', replace(gen_random_uuid()::text, '-', ''));
