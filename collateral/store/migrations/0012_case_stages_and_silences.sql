-- The stages of a case (domain 3.4), what it turned out to be, planned work that silences, and findings that wait.

ALTER TABLE supervision_case ADD COLUMN stage text;
UPDATE supervision_case SET stage = CASE state WHEN 'open' THEN 'new' WHEN 'resolved' THEN 'closed' ELSE state END;
ALTER TABLE supervision_case
    ALTER COLUMN stage SET NOT NULL,
    ADD CHECK (stage IN ('new', 'reopened', 'suppressed', 'acknowledged', 'verifying', 'confirmed', 'mitigating',
                         'false_alarm', 'explained', 'closed', 'withdrawn'));

-- `state` is the stage in one coarse word; it follows from the stage and cannot be set. Its indexes go with the column.
ALTER TABLE supervision_case DROP COLUMN state;
ALTER TABLE supervision_case ADD COLUMN state text NOT NULL GENERATED ALWAYS AS (
    CASE WHEN stage IN ('new', 'reopened') THEN 'open'
         WHEN stage = 'suppressed' THEN 'suppressed'
         WHEN stage IN ('closed', 'withdrawn') THEN 'resolved'
         ELSE 'acknowledged' END) STORED;
CREATE UNIQUE INDEX one_open_case ON supervision_case (coalesce(loan_id, farm_id), rule) WHERE state <> 'resolved';
CREATE INDEX ON supervision_case (branch_id, state);

ALTER TABLE supervision_case
    ADD COLUMN raised_at         timestamptz,
    ADD COLUMN audience          text NOT NULL DEFAULT 'bank' CHECK (audience IN ('bank', 'farm')),
    ADD COLUMN acknowledged_at   timestamptz,
    ADD COLUMN closed_at         timestamptz,
    ADD COLUMN disposition       text CHECK (disposition IN ('confirmed', 'false_alarm', 'explained')),
    ADD COLUMN cause             text,
    ADD COLUMN decided_by        text,
    ADD COLUMN withdrawn_because text,
    ADD COLUMN silenced_by       bigint,
    ADD COLUMN course            text NOT NULL DEFAULT '1' CHECK (course ~ '^[01]{1,21}$'),
    ADD COLUMN flapping          boolean NOT NULL DEFAULT false;

-- What the history says of older cases.
UPDATE supervision_case c SET
    raised_at = opened_at,
    acknowledged_at = (SELECT min(at) FROM case_event e WHERE e.case_id = c.case_id AND e.event = 'acknowledged'),
    closed_at = CASE WHEN stage = 'closed' THEN
        (SELECT max(at) FROM case_event e WHERE e.case_id = c.case_id AND e.event IN ('resolved', 'cleared')) END,
    (disposition, decided_by) = (
        SELECT e.particulars->>'disposition', e.actor FROM case_event e
        WHERE e.case_id = c.case_id AND e.event = 'resolved' ORDER BY e.case_event_id DESC LIMIT 1);
CREATE INDEX supervision_case_over ON supervision_case (closed_at) WHERE state = 'resolved';

-- Planned work. Never deleted: ended early by setting ended_at.
CREATE TABLE silence (
    silence_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    work        text NOT NULL CHECK (work IN ('planned_move', 'calving', 'treatment', 'retagging', 'maintenance')),
    farm_id     text NOT NULL REFERENCES farm,
    loan_id     text REFERENCES loan,
    rules       text[] NOT NULL DEFAULT '{}',
    animals     text[] NOT NULL DEFAULT '{}',
    movement_id text REFERENCES movement,
    starts_at   timestamptz NOT NULL,
    ends_at     timestamptz NOT NULL,
    set_by      text NOT NULL,
    set_at      timestamptz NOT NULL,
    why         text NOT NULL CHECK (why <> ''),
    ended_at    timestamptz,
    ended_by    text,
    CHECK (ends_at > starts_at),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE INDEX ON silence (farm_id, ends_at);
ALTER TABLE supervision_case ADD FOREIGN KEY (silenced_by) REFERENCES silence;

-- Findings that must hold for a while before they open a case; the watchkeeper's memory between two looks.
CREATE TABLE pending_finding (
    about text NOT NULL,  -- the loan, or the farm where no loan is touched
    rule  text NOT NULL,
    since timestamptz NOT NULL,
    PRIMARY KEY (about, rule)
);

ALTER TABLE silence ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_farm ON silence TO herdlien_person
    USING (farm_id IN (SELECT farm_id FROM farm)) WITH CHECK (farm_id IN (SELECT farm_id FROM farm));
GRANT SELECT, INSERT, UPDATE ON silence TO herdlien_person;
