-- What devices say. Two clocks on everything: measured_at/captured_at by the device, received_at by ingest.
-- No foreign keys to devices: a reading of an unknown tag is evidence too and must not be refused.

CREATE TABLE reading (
    tag_id      text NOT NULL,
    sequence    bigint NOT NULL,
    measured_at timestamptz NOT NULL,
    heard_at    timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    gateway_id  text NOT NULL,
    latitude    double precision,
    longitude   double precision,
    fix_error_m real,
    steps       integer,
    activity    real,
    ear_temp_c  real,
    battery_pct real,
    rssi_dbm    real,
    snr_db      real,
    tamper      boolean,
    -- The device's clock and the gateway's differ by at most five minutes.
    clock_ok    boolean NOT NULL
);
-- The natural key; in this order it also serves "the last readings of one tag".
CREATE UNIQUE INDEX reading_key ON reading (tag_id, measured_at, sequence);

CREATE TABLE head_count (
    camera_id       text NOT NULL,
    sequence        bigint NOT NULL,
    captured_at     timestamptz NOT NULL,
    counted_at      timestamptz NOT NULL,
    received_at     timestamptz NOT NULL,
    gateway_id      text NOT NULL,
    low             integer,
    best            integer,
    high            integer,
    unknown_because text,
    method          text NOT NULL,
    model_version   text NOT NULL,
    frame_sha256    text NOT NULL,
    boxes           jsonb NOT NULL DEFAULT '[]',
    took_ms         real,
    PRIMARY KEY (camera_id, captured_at, sequence),
    CHECK ((best IS NULL) = (unknown_because IS NOT NULL)),
    CHECK (best IS NULL OR (0 <= low AND low <= best AND best <= high))
);

CREATE TABLE evidence (
    sha256      text PRIMARY KEY,
    kind        text NOT NULL,
    media_type  text NOT NULL,
    source      text NOT NULL,
    captured_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    content     bytea NOT NULL
);
CREATE INDEX ON evidence (source, captured_at);

CREATE TABLE gateway_status (
    gateway_id       text NOT NULL,
    received_at      timestamptz NOT NULL,
    state            text NOT NULL CHECK (state IN ('online', 'offline')),
    reported_at      timestamptz,
    unsent           bigint NOT NULL,
    oldest_unsent_at timestamptz,
    software         text NOT NULL,
    PRIMARY KEY (gateway_id, received_at)
);

-- What of each gateway's spool is committed: contiguous up to a number, and which came ahead of a gap.
CREATE TABLE receipt (
    gateway_id      text NOT NULL,
    spool           text NOT NULL,
    committed_up_to bigint NOT NULL DEFAULT 0,
    ahead           bigint[] NOT NULL DEFAULT '{}',
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (gateway_id, spool)
);

-- What could not be understood, kept with its bytes and the reason.
CREATE TABLE quarantine (
    quarantine_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    received_at   timestamptz NOT NULL,
    topic         text NOT NULL,
    reason        text NOT NULL,
    payload       bytea NOT NULL,
    payload_sha256 text NOT NULL,
    UNIQUE (topic, payload_sha256)
);
