-- The twin for PostgreSQL makes the role of workers. SQLite knows no roles: whoever
-- can open the file can do everything, so that a worker beside it is for trying out.
-- +goose Up
SELECT 1;
