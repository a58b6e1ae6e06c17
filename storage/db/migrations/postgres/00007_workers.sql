-- The role of those who look. A worker opens hostile pages; whoever takes it over
-- has its database login, and must not get incidents, contacts or alerts with it.
-- So it logs in as a member of pasban_worker, which may do what a look needs and
-- nothing else:
--
--   read    sites, targets, approved looks, and captures, to compare with them
--   add     captures with their reports, and jobs that ask the judge about them
--   change  how fresh a target is, and the state of a look job, but not what it asks
--
-- What that leaves is written down in docs/security.md, and tried in
-- storage/db/worker_test.go. Logins are the operator's to make:
--
--   CREATE ROLE worker1 LOGIN PASSWORD '...' IN ROLE pasban_worker;
--
-- Roles belong to the whole server, grants to one database: the role may be there
-- from another one. Where this user may not make roles, nothing is granted until
-- somebody who may has made it and called admit_workers(). It can be called again.

-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION admit_workers() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'pasban_worker') THEN
        BEGIN
            CREATE ROLE pasban_worker NOLOGIN;
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN
                NULL; -- another database was migrated at the same moment
            WHEN insufficient_privilege THEN
                RAISE NOTICE 'role pasban_worker must be made by somebody who may; then SELECT admit_workers()';
                RETURN;
        END;
    END IF;

    GRANT SELECT ON schema_version, river_migration TO pasban_worker;
    GRANT SELECT ON sites, targets, baselines TO pasban_worker;
    GRANT SELECT, INSERT ON captures, looks TO pasban_worker;
    GRANT SELECT, INSERT, UPDATE ON freshness TO pasban_worker;

    -- The job queue is one table for everybody; rows tell who may do what. The owner
    -- of the table, as whom serve logs in, is not bound by this.
    GRANT USAGE ON SEQUENCE river_job_id_seq TO pasban_worker;
    GRANT SELECT, INSERT ON river_job TO pasban_worker;
    -- What River writes while it hands out and completes a job. "kind" is here because
    -- its insertion of a job that must be unique names it; the policy keeps it.
    GRANT UPDATE (state, attempt, max_attempts, attempted_at, attempted_by, errors,
        finalized_at, scheduled_at, metadata, kind) ON river_job TO pasban_worker;
    ALTER TABLE river_job ENABLE ROW LEVEL SECURITY;
    DROP POLICY IF EXISTS workers_read ON river_job;
    DROP POLICY IF EXISTS workers_look ON river_job;
    DROP POLICY IF EXISTS workers_ask ON river_job;
    CREATE POLICY workers_read ON river_job FOR SELECT TO pasban_worker
        USING (queue IN ('look', 'judge')); -- 'judge': an insertion returns its row
    CREATE POLICY workers_look ON river_job FOR UPDATE TO pasban_worker
        USING (queue = 'look' AND kind = 'look') WITH CHECK (queue = 'look' AND kind = 'look');
    CREATE POLICY workers_ask ON river_job FOR INSERT TO pasban_worker
        WITH CHECK (queue = 'judge' AND kind = 'judge');

    -- River notes that a queue is worked, and reads whether it is paused.
    GRANT SELECT, INSERT, UPDATE (updated_at) ON river_queue TO pasban_worker;
    ALTER TABLE river_queue ENABLE ROW LEVEL SECURITY;
    DROP POLICY IF EXISTS workers_queue ON river_queue;
    CREATE POLICY workers_queue ON river_queue TO pasban_worker
        USING (name = 'look') WITH CHECK (name = 'look');
END;
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION admit_workers() FROM PUBLIC;
SELECT admit_workers();
