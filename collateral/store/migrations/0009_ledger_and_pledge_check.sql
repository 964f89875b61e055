-- How the book changes (变动申请), what it was before, and whether another bank holds the same animals.

ALTER TABLE animal ADD COLUMN breed text;
-- 养殖场备案号: what a farm is called between banks.
ALTER TABLE farm ADD COLUMN registration_no text UNIQUE;

-- Numbers that an animal bears or bore beside animal.identity: its RFID, and ear tags that were replaced.
CREATE TABLE animal_identity (
    animal_id text NOT NULL REFERENCES animal,
    scheme    text NOT NULL CHECK (scheme IN ('cn-tag', 'iso-11784', 'dev-eui')),
    number    text NOT NULL,
    since     timestamptz NOT NULL,
    until     timestamptz,
    PRIMARY KEY (scheme, number, since),
    CHECK (until > since)
);
CREATE UNIQUE INDEX identity_borne_once ON animal_identity (scheme, number) WHERE until IS NULL;
CREATE INDEX ON animal_identity (animal_id);

-- What an animal was, and where, until then. Table animal says what it is since. Of a moment: the first row that
-- ends after it, or else the animal itself.
CREATE TABLE animal_was (
    animal_id text NOT NULL REFERENCES animal,
    until     timestamptz NOT NULL,
    status    text NOT NULL,
    farm_id   text NOT NULL REFERENCES farm,
    pen_id    text NOT NULL REFERENCES pen,
    PRIMARY KEY (animal_id, until)
);

-- Each file of animals that was written, with what it changed.
CREATE TABLE enrolment_import (
    enrolment_import_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL,
    actor       text NOT NULL,
    farm_id     text NOT NULL REFERENCES farm,
    loan_id     text REFERENCES loan,
    file_sha256 text NOT NULL,
    added       integer NOT NULL,
    unchanged   integer NOT NULL,
    faults      integer NOT NULL,
    changes     jsonb NOT NULL  -- [{animal_id, column, before, after}]
);

CREATE TABLE movement_request (
    request_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    loan_id        text NOT NULL REFERENCES loan,
    kind           text NOT NULL
                   CHECK (kind IN ('sale', 'death', 'birth', 'purchase', 'transfer', 'substitution', 'release')),
    state          text NOT NULL
                   CHECK (state IN ('requested', 'approved', 'refused', 'withdrawn', 'executed', 'closed')),
    leaving        text[] NOT NULL,
    entering       jsonb NOT NULL,  -- [{animal_id, value_minor, dam_id, born, tagged_on}]
    to_pen_id      text REFERENCES pen,
    window_from    timestamptz NOT NULL,
    window_to      timestamptz NOT NULL,
    reason         text NOT NULL CHECK (reason <> ''),
    requested_by   text NOT NULL REFERENCES person,
    requested_at   timestamptz NOT NULL,
    decided_by     text REFERENCES person,
    decided_at     timestamptz,
    executed_at    timestamptz,
    closed_at      timestamptz,
    proceeds_minor bigint CHECK (proceeds_minor >= 0),
    CHECK (window_to > window_from),
    -- Four eyes, also for whoever finds another way in than the program.
    CHECK (decided_by <> requested_by)
);
CREATE INDEX ON movement_request (loan_id, state);

CREATE TABLE movement_document (
    request_id bigint NOT NULL REFERENCES movement_request,
    kind       text NOT NULL,
    number     text,
    sha256     text,
    issued_on  date,
    added_by   text NOT NULL REFERENCES person,
    added_at   timestamptz NOT NULL,
    CHECK (num_nonnulls(number, sha256) > 0)
);
CREATE INDEX ON movement_document (request_id);

CREATE TABLE movement_event (
    movement_event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    request_id  bigint NOT NULL REFERENCES movement_request,
    at          timestamptz NOT NULL,
    actor       text NOT NULL,
    event       text NOT NULL,
    note        text,
    particulars jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX ON movement_event (request_id, at);

-- An approved request, as the rules see it. `closed_at`: nothing is awaited any more (of a sale: the proceeds).
ALTER TABLE movement
    ADD COLUMN request_id   bigint UNIQUE REFERENCES movement_request,
    ADD COLUMN farm_id      text REFERENCES farm,
    ADD COLUMN withdrawn_at timestamptz,
    ADD COLUMN closed_at    timestamptz;
-- Movements from before requests awaited nothing.
UPDATE movement SET closed_at = window_to;

-- The journal of the book: what executed movements took out of a pledge and brought in. Table pledge says what is
-- pledged when; the roll-forward holds one against the other.
CREATE TABLE ledger_entry (
    ledger_entry_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    loan_id     text NOT NULL REFERENCES loan,
    request_id  bigint NOT NULL REFERENCES movement_request,
    animal_id   text NOT NULL REFERENCES animal,
    head        integer NOT NULL CHECK (head IN (-1, 1)),
    at          timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL
);
CREATE INDEX ON ledger_entry (loan_id, at);

-- What partner banks or a registry hold, as keyed hashes. The rows are for programs alone.
CREATE TABLE partner_list (
    list_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    partner     text NOT NULL,
    round       text NOT NULL,
    as_of       date NOT NULL,
    file_sha256 text NOT NULL,
    pledges     integer NOT NULL,
    imported_by text NOT NULL,
    imported_at timestamptz NOT NULL,
    UNIQUE (partner, round, file_sha256)
);
CREATE TABLE partner_pledge (
    list_id       bigint NOT NULL REFERENCES partner_list,
    scheme        text NOT NULL,
    digest        bytea NOT NULL,
    species       text NOT NULL,
    pledged_from  date,
    pledged_until date,
    PRIMARY KEY (list_id, scheme, digest, species)
);
CREATE TABLE pledge_match (
    pledge_match_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    loan_id   text NOT NULL REFERENCES loan,
    list_id   bigint NOT NULL REFERENCES partner_list,
    scheme    text NOT NULL,
    subject   text NOT NULL,  -- our animal, or our farm where only farm, species and time agree
    found_at  timestamptz NOT NULL,
    UNIQUE (loan_id, list_id, scheme, subject)
);

-- Why a loan may not be drawn on. An override takes two people.
CREATE TABLE drawdown_block (
    block_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    loan_id      text NOT NULL REFERENCES loan,
    cause        text NOT NULL,
    state        text NOT NULL CHECK (state IN ('standing', 'override_asked', 'overridden', 'lifted')),
    matches      bigint[] NOT NULL,
    placed_at    timestamptz NOT NULL,
    asked_by     text REFERENCES person,
    confirmed_by text REFERENCES person,
    CHECK (confirmed_by <> asked_by),
    CHECK (state IN ('standing', 'lifted') OR asked_by IS NOT NULL),
    CHECK (state <> 'overridden' OR confirmed_by IS NOT NULL)
);
CREATE UNIQUE INDEX one_block_at_work ON drawdown_block (loan_id, cause)
    WHERE state IN ('standing', 'override_asked');

CREATE TABLE drawdown_block_event (
    drawdown_block_event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    block_id bigint NOT NULL REFERENCES drawdown_block,
    at       timestamptz NOT NULL,
    actor    text NOT NULL,
    event    text NOT NULL,
    note     text,
    particulars jsonb NOT NULL DEFAULT '{}'
);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['movement_document', 'movement_event', 'ledger_entry', 'animal_was', 'enrolment_import',
                                'partner_pledge',
                                'pledge_match', 'drawdown_block_event'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %I'
                       ' FOR EACH ROW EXECUTE FUNCTION refuse_change()', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['movement_request', 'ledger_entry', 'pledge_match', 'drawdown_block'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY of_loan ON %I TO herdlien_person USING (loan_id IN (SELECT loan_id FROM loan))', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['movement_document', 'movement_event'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY of_request ON %I TO herdlien_person'
                       ' USING (request_id IN (SELECT request_id FROM movement_request))', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['animal_identity', 'animal_was'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY of_animal ON %I TO herdlien_person'
                       ' USING (animal_id IN (SELECT animal_id FROM animal))', name);
    END LOOP;
END $$;
ALTER TABLE enrolment_import ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_farm ON enrolment_import TO herdlien_person
    USING (farm_id IN (SELECT farm_id FROM farm) AND (loan_id IS NULL OR loan_id IN (SELECT loan_id FROM loan)));
ALTER TABLE drawdown_block_event ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_block ON drawdown_block_event TO herdlien_person
    USING (block_id IN (SELECT block_id FROM drawdown_block));

GRANT SELECT ON animal_identity, animal_was, enrolment_import, movement_request, movement_document, movement_event, ledger_entry,
    partner_list, pledge_match, drawdown_block, drawdown_block_event TO herdlien_person;
GRANT INSERT ON movement_request, movement_document, movement_event, movement, ledger_entry, animal_was,
    animal_identity, tag, tag_assignment, pledge, drawdown_block_event TO herdlien_person;
GRANT UPDATE ON movement_request, drawdown_block TO herdlien_person;
GRANT UPDATE (withdrawn_at, closed_at) ON movement TO herdlien_person;
GRANT UPDATE (until) ON pledge, tag_assignment, animal_identity TO herdlien_person;
-- What a tag measured for whom is summed up anew when an assignment ends (0006).
GRANT INSERT ON reassigned_tag TO herdlien_person;
GRANT UPDATE (status, farm_id, pen_id, identity) ON animal TO herdlien_person;

-- Deaths as the rules see them: reported when a request says so, confirmed when the papers were approved.
CREATE VIEW reported_death WITH (security_invoker = true) AS
SELECT dead.animal_id, r.loan_id, r.window_from AS died_at, r.requested_at AS reported_at,
       CASE WHEN r.state IN ('approved', 'executed', 'closed') THEN r.decided_at END AS confirmed_at,
       (SELECT d.sha256 FROM movement_document d
        WHERE d.request_id = r.request_id AND d.kind = 'carcass_photo' LIMIT 1) AS carcass_sha256,
       (SELECT d.number FROM movement_document d
        WHERE d.request_id = r.request_id AND d.kind = 'disposal_record' LIMIT 1) AS disposal_ref
FROM movement_request r CROSS JOIN LATERAL unnest(r.leaving) AS dead (animal_id)
WHERE r.kind = 'death' AND r.state NOT IN ('refused', 'withdrawn');
GRANT SELECT ON reported_death TO herdlien_person;
