-- What was concluded, what was done about it, and who was told.

CREATE TABLE supervision_case (
    case_id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule                 text NOT NULL,
    severity             smallint NOT NULL CHECK (severity BETWEEN 1 AND 4),
    state                text NOT NULL CHECK (state IN ('open', 'acknowledged', 'resolved')),
    branch_id            text NOT NULL REFERENCES branch,
    farm_id              text NOT NULL REFERENCES farm,
    loan_id              text REFERENCES loan,
    opened_at            timestamptz NOT NULL,
    event_at             timestamptz NOT NULL,
    last_seen_at         timestamptz NOT NULL,
    clear_since          timestamptz,
    occurrences          integer NOT NULL CHECK (occurrences > 0),
    value_affected_minor bigint NOT NULL,
    coverage_before      double precision,
    coverage_after       double precision,
    due_at               timestamptz NOT NULL,
    animals              text[] NOT NULL,
    testimonies          jsonb NOT NULL,
    figures              jsonb NOT NULL,
    version              integer NOT NULL DEFAULT 1
);
-- One open case per (loan, rule); where no loan is touched, per (farm, rule).
CREATE UNIQUE INDEX one_open_case ON supervision_case (coalesce(loan_id, farm_id), rule) WHERE state <> 'resolved';
CREATE INDEX ON supervision_case (branch_id, state);

-- Append-only: who did what to a case, when and why.
CREATE TABLE case_event (
    case_event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id       bigint NOT NULL REFERENCES supervision_case,
    at            timestamptz NOT NULL,
    actor         text NOT NULL,
    event         text NOT NULL,
    note          text,
    particulars   jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX ON case_event (case_id, at);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
CREATE TRIGGER case_event_append_only BEFORE UPDATE OR DELETE ON case_event
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE outbox (
    outbox_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id         bigint NOT NULL REFERENCES supervision_case,
    channel         text NOT NULL,
    reason          text NOT NULL,
    payload         jsonb NOT NULL,
    created_at      timestamptz NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    attempts        integer NOT NULL DEFAULT 0,
    delivered_at    timestamptz,
    given_up_at     timestamptz,
    last_error      text
);
CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE delivered_at IS NULL AND given_up_at IS NULL;

-- Book x tags x camera at a moment, kept so that coverage can be plotted over time.
CREATE TABLE reconciliation (
    loan_id       text NOT NULL REFERENCES loan,
    as_of         timestamptz NOT NULL,
    book          integer NOT NULL,
    tags_seen     integer NOT NULL,
    camera_low    integer,
    camera_best   integer,
    camera_high   integer,
    estimate_low  integer NOT NULL,
    estimate_best integer NOT NULL,
    estimate_high integer NOT NULL,
    coverage      double precision NOT NULL,
    value_minor   bigint NOT NULL,
    balance_minor bigint NOT NULL,
    PRIMARY KEY (loan_id, as_of)
);
