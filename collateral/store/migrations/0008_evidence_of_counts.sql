-- What counts rest on: a record for each, and a picture of its frame on which nobody can be recognised.

-- `sha256` stays the hash of the frame as it came. Its bytes are kept only where that was decided, and never shown.
ALTER TABLE evidence
    ALTER COLUMN content DROP NOT NULL,
    ADD COLUMN picture_sha256 text,
    ADD COLUMN picture        bytea,
    ADD CHECK ((picture IS NULL) = (picture_sha256 IS NULL));
CREATE INDEX evidence_picture ON evidence (picture_sha256) WHERE picture_sha256 IS NOT NULL;

-- `content` is the canonical JSON whose SHA-256 is the record's name: text, because jsonb would not give it back as it
-- was. Two records of one frame stay both: a chain of which one is missing is not whole.
CREATE TABLE evidence_record (
    record_sha256 text PRIMARY KEY,
    frame_sha256  text NOT NULL,
    camera_id     text NOT NULL,
    chain_since   timestamptz NOT NULL,
    number        bigint NOT NULL CHECK (number > 0),
    captured_at   timestamptz NOT NULL,
    received_at   timestamptz NOT NULL,
    content       text NOT NULL
);
CREATE INDEX ON evidence_record (frame_sha256);
CREATE INDEX ON evidence_record (camera_id, chain_since, number);
CREATE TRIGGER evidence_record_unchanged BEFORE UPDATE ON evidence_record
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Like readings and counts, reached only through a camera, which has a policy. Frames as they came are for nobody.
GRANT SELECT ON evidence_record TO herdlien_person;
REVOKE SELECT ON evidence FROM herdlien_person;
GRANT SELECT (sha256, kind, media_type, source, captured_at, received_at, picture_sha256, picture) ON evidence
    TO herdlien_person;
