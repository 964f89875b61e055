-- Readings summed up by 5 minutes, hour and day, per animal and per herd. Filled by collateral/store/roll_ups.py.
-- Times are UTC, `since` is the first moment of the period. Plain tables on every edition: their keys begin with the
-- time, so that old rows lie together and one day of all animals is read in one go.

-- Which hours of event time new readings fell into; written by every transaction that stores readings, so that late
-- data are found however late they are. Taken away again by the roll-up that counts them in. Without a key on purpose:
-- ingest waits for each row, and what counts is only which hours are there.
CREATE TABLE touched_hour (
    hour timestamptz NOT NULL
);
INSERT INTO touched_hour (hour) SELECT DISTINCT date_trunc('hour', measured_at, 'UTC') FROM reading;

-- Whose tags an animal wore, for its history and its roll-ups.
CREATE INDEX tag_assignment_wearer ON tag_assignment (animal_id, since);

DO $$
DECLARE
    step text;
BEGIN
    FOREACH step IN ARRAY ARRAY['5min', 'hour', 'day'] LOOP
        -- A reading counts for the animal that wore the tag when it was measured. Farm and pen are those where the
        -- animal stood when the period was first summed up; a later move does not rewrite history.
        EXECUTE format($table$
            CREATE TABLE %I (
                since             timestamptz NOT NULL,
                animal_id         text NOT NULL,
                farm_id           text NOT NULL,
                pen_id            text NOT NULL,
                readings          bigint NOT NULL,
                activity_readings bigint NOT NULL,
                activity_mean     double precision,
                steps             bigint,
                ear_temp_readings bigint NOT NULL,
                ear_temp_mean_c   double precision,
                ear_temp_min_c    real,
                ear_temp_max_c    real,
                battery_min_pct   real,
                last_heard_at     timestamptz NOT NULL,
                fix_at            timestamptz,
                latitude          double precision,
                longitude         double precision,
                PRIMARY KEY (since, animal_id)
            )$table$, 'animal_' || step);
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', 'animal_' || step);
        EXECUTE format(
            'CREATE POLICY of_farm ON %I TO herdlien_person USING (farm_id IN (SELECT farm_id FROM farm))',
            'animal_' || step);

        -- A herd is a pen, or a whole farm (pen_id NULL).
        EXECUTE format($table$
            CREATE TABLE %I (
                since             timestamptz NOT NULL,
                farm_id           text NOT NULL,
                pen_id            text,
                animals_heard     bigint NOT NULL,
                readings          bigint NOT NULL,
                activity_readings bigint NOT NULL,
                activity_mean     double precision,
                steps             bigint,
                ear_temp_readings bigint NOT NULL,
                ear_temp_mean_c   double precision,
                ear_temp_min_c    real,
                ear_temp_max_c    real,
                battery_min_pct   real,
                last_heard_at     timestamptz NOT NULL,
                UNIQUE NULLS NOT DISTINCT (since, farm_id, pen_id)
            )$table$, 'herd_' || step);
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', 'herd_' || step);
        EXECUTE format(
            'CREATE POLICY of_farm ON %I TO herdlien_person USING (farm_id IN (SELECT farm_id FROM farm))',
            'herd_' || step);
        EXECUTE format('GRANT SELECT ON %I, %I TO herdlien_person', 'animal_' || step, 'herd_' || step);
    END LOOP;
END $$;

-- Who wore a tag when may be learnt after its readings came: the next roll-up sums those hours up again. Here the tag
-- is only noted, so that enrolling a herd does not have to look for readings.
CREATE TABLE reassigned_tag (
    tag_id text NOT NULL,
    since  timestamptz NOT NULL,
    until  timestamptz
);
CREATE FUNCTION note_reassigned_tag() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO reassigned_tag VALUES (OLD.tag_id, OLD.since, OLD.until);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO reassigned_tag VALUES (NEW.tag_id, NEW.since, NEW.until);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER tag_assignment_is_noted AFTER INSERT OR UPDATE OR DELETE ON tag_assignment
    FOR EACH ROW EXECUTE FUNCTION note_reassigned_tag();
