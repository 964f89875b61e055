-- What the rules look at beside fixes and counts: rumination, tamper and radio by the hour, the air, papers of identity.

ALTER TABLE reading ADD COLUMN rumination_min real;

-- A rule about tampering must not wait for the hour's roll-up: the newest removals are looked up directly.
CREATE INDEX reading_tampered ON reading (measured_at) WHERE tamper;

-- Hours summed up before this column was there keep NULL, which means "not measured".
DO $$
DECLARE
    step text;
BEGIN
    FOREACH step IN ARRAY ARRAY['animal_5min', 'animal_hour', 'animal_day', 'herd_5min', 'herd_hour', 'herd_day'] LOOP
        EXECUTE format(
            'ALTER TABLE %I ADD COLUMN rumination_min double precision, ADD COLUMN tampered boolean,
             ADD COLUMN rssi_readings bigint NOT NULL DEFAULT 0, ADD COLUMN rssi_mean_dbm double precision', step);
    END LOOP;
END $$;

-- The air at a farm, by the hour. From a station, or from a weather service.
CREATE TABLE weather (
    farm_id  text NOT NULL REFERENCES farm,
    at       timestamptz NOT NULL,  -- the hour begins
    temp_c   real NOT NULL CHECK (temp_c BETWEEN -60 AND 60),
    humidity real CHECK (humidity BETWEEN 0 AND 1),
    source   text NOT NULL,
    PRIMARY KEY (farm_id, at)
);

-- A muzzle or face of one animal compared with its enrolment.
CREATE TABLE identity_check (
    identity_check_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    animal_id  text NOT NULL REFERENCES animal,
    checked_at timestamptz NOT NULL,
    matched    boolean NOT NULL,
    method     text NOT NULL,
    checked_by text NOT NULL,
    UNIQUE (animal_id, checked_at)
);

-- A supervisor's visit (巡查): when it was due, whether and where it was done, what was counted and photographed.
CREATE TABLE patrol (
    patrol_id  text PRIMARY KEY,
    farm_id    text NOT NULL REFERENCES farm,
    loan_id    text NOT NULL REFERENCES loan,
    supervisor text NOT NULL,
    due_at     timestamptz NOT NULL,
    done_at    timestamptz,
    latitude   double precision CHECK (latitude BETWEEN -90 AND 90),
    longitude  double precision CHECK (longitude BETWEEN -180 AND 180),
    counted    integer CHECK (counted >= 0),
    book       integer CHECK (book >= 0),
    photos     text[] NOT NULL DEFAULT '{}',
    CHECK ((latitude IS NULL) = (longitude IS NULL))
);
CREATE INDEX ON patrol (farm_id, due_at);

-- Limits of rules that the bank (farm_id NULL) or one farm has set; the defaults stand with the rules.
-- Append-only: the newest row of a rule, field and place counts, so that one can say what held when.
CREATE TABLE rule_limit (
    rule_limit_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    farm_id text REFERENCES farm,
    rule    text NOT NULL,
    field   text NOT NULL,
    value   jsonb NOT NULL,
    set_by  text NOT NULL,
    set_at  timestamptz NOT NULL,
    why     text NOT NULL CHECK (why <> '')
);
CREATE TRIGGER rule_limit_append_only BEFORE UPDATE OR DELETE ON rule_limit
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The early-warning grade of each loan, kept so that it can be plotted and asked why.
CREATE TABLE early_warning (
    loan_id text NOT NULL REFERENCES loan,
    as_of   timestamptz NOT NULL,
    score   double precision NOT NULL CHECK (score BETWEEN 0 AND 100),
    grade   text NOT NULL CHECK (grade IN ('red', 'orange', 'yellow', 'blue', 'normal')),
    models  jsonb NOT NULL,
    reasons jsonb NOT NULL,
    PRIMARY KEY (loan_id, as_of)
);

DO $$
DECLARE
    place text;
BEGIN
    FOREACH place IN ARRAY ARRAY['weather', 'patrol'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', place);
        EXECUTE format('CREATE POLICY of_farm ON %I TO herdlien_person USING (farm_id IN (SELECT farm_id FROM farm))', place);
        EXECUTE format('GRANT SELECT ON %I TO herdlien_person', place);
    END LOOP;
END $$;
ALTER TABLE identity_check ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_animal ON identity_check TO herdlien_person USING (animal_id IN (SELECT animal_id FROM animal));
ALTER TABLE early_warning ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_loan ON early_warning TO herdlien_person USING (loan_id IN (SELECT loan_id FROM loan));
ALTER TABLE rule_limit ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_farm ON rule_limit TO herdlien_person
    USING (farm_id IS NULL OR farm_id IN (SELECT farm_id FROM farm));
GRANT SELECT ON identity_check, early_warning, rule_limit TO herdlien_person;
GRANT INSERT ON rule_limit TO herdlien_person;
