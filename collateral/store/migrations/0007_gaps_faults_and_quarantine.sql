-- What is wrong with a fix, when something is: kept and marked, never dropped. NULL: nothing is known against it.
--   zero  a receiver without a fix said (0, 0)
--   jump  no animal moves like this: there and back at once
ALTER TABLE reading ADD COLUMN fix_fault text;
-- Rows from before the column: readers rely on it alone.
UPDATE reading SET fix_fault = 'zero' WHERE abs(latitude) < 0.01 AND abs(longitude) < 0.01;

-- Ground distance in metres, WGS-84 degrees, on a sphere: within half a percent, and right across the date line.
CREATE FUNCTION ground_m(lat1 double precision, lon1 double precision, lat2 double precision, lon2 double precision)
RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT 12742016.0 * asin(least(1.0, sqrt(
        sin(radians(lat2 - lat1) / 2) ^ 2
        + cos(radians(lat1)) * cos(radians(lat2)) * sin(radians(lon2 - lon1) / 2) ^ 2)))
$$;

-- Numbers that a device must have used and that have not come although later ones have.
--   kind tag      sequence numbers of an ear tag; it lies between the event times after_at and before_at
--   kind gateway  message numbers of one spool of a gateway; such numbers carry no event time
-- A gap ends when its numbers have come (filled), when some have and smaller gaps are left (split), or when late data
-- show that the tag had begun its numbering anew in between (restarted).
CREATE TABLE device_gap (
    device_gap_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind          text NOT NULL CHECK (kind IN ('tag', 'gateway')),
    device_id     text NOT NULL,
    spool         text NOT NULL DEFAULT '',
    first_missing bigint NOT NULL,
    last_missing  bigint NOT NULL CHECK (last_missing >= first_missing),
    after_at      timestamptz,
    before_at     timestamptz,
    noticed_at    timestamptz NOT NULL,
    closed_at     timestamptz,
    closed_by     text CHECK (closed_by IN ('filled', 'split', 'restarted')),
    CHECK ((closed_at IS NULL) = (closed_by IS NULL)),
    CHECK ((kind = 'tag') = (after_at IS NOT NULL AND before_at IS NOT NULL))
);
CREATE UNIQUE INDEX device_gap_open ON device_gap
    (kind, device_id, spool, coalesce(before_at, '-infinity'), first_missing, last_missing) WHERE closed_at IS NULL;
CREATE INDEX device_gap_recent ON device_gap (kind, before_at) WHERE closed_at IS NULL;
CREATE INDEX device_gap_closed ON device_gap (closed_at) WHERE closed_at IS NOT NULL;

ALTER TABLE device_gap ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_device ON device_gap TO herdlien_person USING (
    CASE kind WHEN 'tag' THEN device_id IN (SELECT tag_id FROM tag)
              ELSE device_id IN (SELECT gateway_id FROM gateway) END);
GRANT SELECT ON device_gap TO herdlien_person;

-- Who sent what could not be read, as far as its topic tells; how often; and whether it was understood later.
ALTER TABLE quarantine
    ADD COLUMN device_id        text,
    ADD COLUMN times            integer NOT NULL DEFAULT 1 CHECK (times > 0),
    ADD COLUMN last_received_at timestamptz,
    ADD COLUMN replayed_at      timestamptz;
-- Until now ingest listened to gateways alone; the fourth part of their topics names them.
UPDATE quarantine SET last_received_at = received_at, device_id = nullif(split_part(topic, '/', 4), '');
ALTER TABLE quarantine ALTER COLUMN last_received_at SET NOT NULL;
CREATE INDEX quarantine_waiting ON quarantine (last_received_at) WHERE replayed_at IS NULL;

-- People may learn how much of their gateways' mail could not be read; the bytes are for programs alone.
ALTER TABLE quarantine ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_gateway ON quarantine TO herdlien_person USING (device_id IN (SELECT gateway_id FROM gateway));
GRANT SELECT (quarantine_id, device_id, times, received_at, last_received_at, replayed_at) ON quarantine
    TO herdlien_person;
