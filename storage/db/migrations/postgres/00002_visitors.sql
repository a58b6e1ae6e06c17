-- A look can be one of another visitor than the desktop: see monitor.Visitor.
-- +goose Up
ALTER TABLE captures ADD COLUMN visitor TEXT NOT NULL DEFAULT 'desktop';
-- Those of others are one in a hundred: without this, the newest of them would be
-- looked for among all that the desktop saw since.
CREATE INDEX captures_by_visitor ON captures (target, visitor, at, id) WHERE visitor <> 'desktop';
