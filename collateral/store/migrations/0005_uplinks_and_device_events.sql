-- What LoRaWAN networks and camera recorders say of devices, beside readings and counts.

-- Each uplink of a LoRaWAN device, once, however often and with whatever times its network delivers it.
--   session  what the network calls it: a device address or the id of the session's keys
--   run      how often the counter has begun anew within the session: by a join, a roll-over or a regression
--   at       the network's time; NULL where it told none
-- For programs alone: no policy, and nothing granted to people.
CREATE TABLE uplink (
    device_id      text NOT NULL,
    session        text NOT NULL,
    counter        bigint NOT NULL CHECK (counter >= 0),
    payload_sha256 bytea NOT NULL CHECK (length(payload_sha256) = 32),
    run            integer NOT NULL,
    at             timestamptz,
    received_at    timestamptz NOT NULL,
    source         text NOT NULL,
    particulars    jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (device_id, session, counter, payload_sha256, run)
);
CREATE INDEX uplink_age ON uplink USING brin (received_at);

-- Where the counter of each session stands; its row is what two ingesters wait for.
CREATE TABLE uplink_session (
    device_id  text NOT NULL,
    session    text NOT NULL,
    run        integer NOT NULL DEFAULT 0,
    began_at   timestamptz NOT NULL DEFAULT '-infinity',
    counter    bigint,
    counted_at timestamptz,
    PRIMARY KEY (device_id, session),
    CHECK ((counter IS NULL) = (counted_at IS NULL))
);

-- What happened to a device: joins, batteries, what a recorder saw, and what hints at an attack (security).
-- No foreign key, as with readings: an event of an unknown device is evidence too.
CREATE TABLE device_event (
    device_event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device_id       text NOT NULL,
    kind            text NOT NULL,
    at              timestamptz NOT NULL,
    received_at     timestamptz NOT NULL,
    severity        text NOT NULL CHECK (severity IN ('info', 'warning', 'security')),
    source          text NOT NULL,
    event_key       text NOT NULL,
    particulars     jsonb NOT NULL DEFAULT '{}'
);
-- The natural key: the same event told again is the same event.
CREATE UNIQUE INDEX device_event_key ON device_event (device_id, kind, source, event_key);
CREATE INDEX device_event_recent ON device_event (device_id, at);
CREATE INDEX device_event_security ON device_event (at) WHERE severity = 'security';

ALTER TABLE device_event ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_device ON device_event TO herdlien_person USING (
    device_id IN (SELECT tag_id FROM tag)
    OR device_id IN (SELECT camera_id FROM camera)
    OR device_id IN (SELECT gateway_id FROM gateway));
GRANT SELECT ON device_event TO herdlien_person;
