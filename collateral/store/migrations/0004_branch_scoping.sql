-- One branch never sees another's customer. People's queries run as herdlien_person, with
--   herdlien.branch  the branch they belong to, or * for all
--   herdlien.farm    the one farm a farm hand may see, or *
-- set for the transaction. Programs (ingest, watchkeeper) run as the owner and are not limited.
-- Readings, counts and evidence carry no policy (compression and row security exclude one another):
-- they are reached only through a device or animal that has one.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'herdlien_person') THEN
        CREATE ROLE herdlien_person NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object THEN
    NULL;  -- roles are shared by all databases of a server; another migration was faster
END $$;
-- Who migrates must be able to act as that role even without being a superuser.
GRANT herdlien_person TO current_user;

CREATE FUNCTION sees_branch(branch text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT current_setting('herdlien.branch', true) IN ('*', branch)
$$;
CREATE FUNCTION sees_farm(farm text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT current_setting('herdlien.farm', true) IN ('*', farm)
$$;

ALTER TABLE farm ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_branch ON farm TO herdlien_person USING (sees_branch(branch_id) AND sees_farm(farm_id));

ALTER TABLE loan ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_branch ON loan TO herdlien_person USING (sees_branch(branch_id) AND sees_farm('*'));

ALTER TABLE supervision_case ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_branch ON supervision_case TO herdlien_person
    USING (sees_branch(branch_id) AND sees_farm(farm_id));

DO $$
DECLARE
    child text;
BEGIN
    FOREACH child IN ARRAY ARRAY['pen', 'animal', 'animal_group', 'gateway', 'camera', 'tag'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', child);
        EXECUTE format(
            'CREATE POLICY of_farm ON %I TO herdlien_person USING (farm_id IN (SELECT farm_id FROM farm))', child);
    END LOOP;
    FOREACH child IN ARRAY ARRAY['pledge', 'movement', 'reconciliation'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', child);
        EXECUTE format(
            'CREATE POLICY of_loan ON %I TO herdlien_person USING (loan_id IN (SELECT loan_id FROM loan))', child);
    END LOOP;
    FOREACH child IN ARRAY ARRAY['case_event', 'outbox'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', child);
        EXECUTE format(
            'CREATE POLICY of_case ON %I TO herdlien_person USING (case_id IN (SELECT case_id FROM supervision_case))'
            ' WITH CHECK (case_id IN (SELECT case_id FROM supervision_case))', child);
    END LOOP;
END $$;

ALTER TABLE tag_assignment ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_tag ON tag_assignment TO herdlien_person USING (tag_id IN (SELECT tag_id FROM tag));

GRANT SELECT ON branch, farm, pen, animal, animal_group, gateway, camera, tag, tag_assignment, loan, pledge,
    movement, reading, head_count, evidence, gateway_status, supervision_case, case_event, outbox, reconciliation
    TO herdlien_person;
GRANT UPDATE ON supervision_case TO herdlien_person;
GRANT INSERT ON case_event, outbox TO herdlien_person;
GRANT EXECUTE ON FUNCTION sees_branch(text), sees_farm(text) TO herdlien_person;
