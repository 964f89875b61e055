-- What a reconciliation found pen by pen and whom nobody had seen; and count sessions (盘点) with all that was read.

ALTER TABLE reconciliation
    ADD COLUMN excused        integer NOT NULL DEFAULT 0,
    ADD COLUMN chance_short   double precision,
    ADD COLUMN physical       integer,      -- head of this book that the last inspection found
    ADD COLUMN physical_sigma double precision,
    ADD COLUMN physical_at    timestamptz;

-- Kept for the newest snapshot of each hour: they are many, and an hour ago is as good as five minutes before that.
CREATE TABLE reconciliation_pen (
    loan_id       text NOT NULL REFERENCES loan,
    as_of         timestamptz NOT NULL,
    pen_id        text NOT NULL REFERENCES pen,
    book          integer NOT NULL,
    tagged        integer NOT NULL,
    tags_seen     integer NOT NULL,
    evidenced     integer NOT NULL,
    excused       integer NOT NULL,
    camera_low    integer,
    camera_best   integer,
    camera_high   integer,
    camera_share  real,                     -- what the camera counted of each head evidenced in the pen
    physical      integer,
    estimate_low  integer NOT NULL,
    estimate_best integer NOT NULL,
    estimate_high integer NOT NULL,
    value_minor   bigint NOT NULL,
    PRIMARY KEY (loan_id, as_of, pen_id)
);
CREATE INDEX ON reconciliation_pen (pen_id, as_of) WHERE camera_share IS NOT NULL;

-- The longest unseen first; `unseen_total` also counts those beyond the first that are kept.
CREATE TABLE reconciliation_unseen (
    loan_id      text NOT NULL REFERENCES loan,
    as_of        timestamptz NOT NULL,
    unseen_total integer NOT NULL,
    unseen       jsonb NOT NULL,
    PRIMARY KEY (loan_id, as_of)
);

-- `secret` decides the sample together with the reads; people see its hash until the sample is drawn.
CREATE TABLE count_session (
    session_id    text PRIMARY KEY,
    loan_id       text NOT NULL REFERENCES loan,
    farm_id       text NOT NULL REFERENCES farm,
    pens          text[] NOT NULL CHECK (cardinality(pens) > 0),
    opened_at     timestamptz NOT NULL,
    opened_by     text NOT NULL,
    freeze_from   timestamptz NOT NULL,
    freeze_until  timestamptz NOT NULL,
    secret        bytea NOT NULL,
    secret_sha256 text NOT NULL,
    CHECK (freeze_until > freeze_from)
);
CREATE INDEX ON count_session (farm_id, opened_at);
CREATE INDEX ON count_session (loan_id, opened_at);

-- `tag`: what the reader said, a device's EUI or an official number. The same read again is the same row.
CREATE TABLE count_session_read (
    session_id  text NOT NULL REFERENCES count_session,
    pen_id      text NOT NULL REFERENCES pen,
    tag         text NOT NULL,
    read_at     timestamptz NOT NULL,
    reader      text NOT NULL,
    latitude    double precision CHECK (latitude BETWEEN -90 AND 90),
    longitude   double precision CHECK (longitude BETWEEN -180 AND 180),
    recorded_at timestamptz NOT NULL,
    recorded_by text NOT NULL,
    PRIMARY KEY (session_id, pen_id, tag, read_at, reader)
);

CREATE TABLE count_session_heads (
    session_id   text NOT NULL REFERENCES count_session,
    pen_id       text NOT NULL REFERENCES pen,
    counted_at   timestamptz NOT NULL,
    counted_by   text NOT NULL CHECK (counted_by IN ('eye', 'camera')),
    heads        integer NOT NULL CHECK (heads >= 0),
    frame_sha256 text,
    recorded_at  timestamptz NOT NULL,
    recorded_by  text NOT NULL,
    PRIMARY KEY (session_id, pen_id, counted_at, counted_by),
    CHECK (counted_by <> 'camera' OR frame_sha256 IS NOT NULL)
);

CREATE TABLE count_session_sample (
    session_id   text PRIMARY KEY REFERENCES count_session,
    drawn_at     timestamptz NOT NULL,
    drawn_by     text NOT NULL,
    reads_sha256 text NOT NULL,
    seed         text NOT NULL,
    secret       bytea NOT NULL,
    tags         text[] NOT NULL
);

CREATE TABLE count_session_photo (
    session_id  text NOT NULL REFERENCES count_session,
    tag         text NOT NULL,
    sha256      text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    taken_at    timestamptz NOT NULL,
    matches     boolean NOT NULL,
    latitude    double precision CHECK (latitude BETWEEN -90 AND 90),
    longitude   double precision CHECK (longitude BETWEEN -180 AND 180),
    recorded_at timestamptz NOT NULL,
    recorded_by text NOT NULL,
    PRIMARY KEY (session_id, tag, sha256)
);

CREATE TABLE count_session_result (
    session_id      text PRIMARY KEY REFERENCES count_session,
    closed_at       timestamptz NOT NULL,
    closed_by       text NOT NULL,
    gross           integer NOT NULL,
    unique_tags     integer NOT NULL,
    duplicates      integer NOT NULL,
    foreign_tags    text[] NOT NULL,
    untagged        integer NOT NULL,
    absent          text[] NOT NULL,
    counted         jsonb NOT NULL,  -- [[pen_id, heads]]
    passed          boolean NOT NULL,
    refused_because text[] NOT NULL,
    CHECK (passed = (cardinality(refused_because) = 0))
);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['reconciliation_pen', 'reconciliation_unseen', 'count_session'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY of_loan ON %I TO herdlien_person USING (loan_id IN (SELECT loan_id FROM loan))', name);
        EXECUTE format('GRANT SELECT ON %I TO herdlien_person', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['count_session_read', 'count_session_heads', 'count_session_sample',
                                'count_session_photo', 'count_session_result'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY of_session ON %I TO herdlien_person'
                       ' USING (session_id IN (SELECT session_id FROM count_session))', name);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO herdlien_person', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['count_session', 'count_session_read', 'count_session_heads', 'count_session_sample',
                                'count_session_photo', 'count_session_result'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %I'
                       ' FOR EACH ROW EXECUTE FUNCTION refuse_change()', name);
    END LOOP;
END $$;
-- The secret of a session is for programs alone.
REVOKE SELECT ON count_session FROM herdlien_person;
GRANT SELECT (session_id, loan_id, farm_id, pens, opened_at, opened_by, freeze_from, freeze_until, secret_sha256)
    ON count_session TO herdlien_person;
GRANT INSERT ON count_session TO herdlien_person;
