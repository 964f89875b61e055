-- Groups known by number move too: so many head of a pen of pigs are sold, die, are born, or go to another house.

-- What a request says of groups. Once it is executed: what really moved.
ALTER TABLE movement_request
    ADD COLUMN groups_leaving  jsonb NOT NULL DEFAULT '[]',  -- [{group_id, head, to_group_id}]
    ADD COLUMN groups_entering jsonb NOT NULL DEFAULT '[]';  -- [{group_id, head, value_minor}], per head

-- As the rules see it: so many head of a group may be missing, until the book says what left.
ALTER TABLE movement
    ADD COLUMN group_heads jsonb NOT NULL DEFAULT '{}',  -- {group_id: head}
    ADD COLUMN executed_at timestamptz;
GRANT UPDATE (executed_at) ON movement TO herdlien_person;

-- The journal names one animal, or head of one group.
ALTER TABLE ledger_entry
    ALTER COLUMN animal_id DROP NOT NULL,
    ADD COLUMN group_id text REFERENCES animal_group,
    DROP CONSTRAINT ledger_entry_head_check,
    ADD CONSTRAINT ledger_entry_head_check CHECK (head <> 0 AND (group_id IS NOT NULL OR head IN (-1, 1))),
    ADD CONSTRAINT ledger_entry_names_one CHECK (num_nonnulls(animal_id, group_id) = 1);
CREATE INDEX ON ledger_entry (group_id) WHERE group_id IS NOT NULL;

-- How many head a group had until then. Table animal_group says how many it has since. Of a moment: the first row that
-- ends after it, or else the group itself. How many of them secured which loan says table pledge.
CREATE TABLE group_was (
    group_id text NOT NULL REFERENCES animal_group,
    until    timestamptz NOT NULL,
    head     integer NOT NULL CHECK (head >= 0),
    PRIMARY KEY (group_id, until)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON group_was
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE group_was ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_group ON group_was TO herdlien_person USING (group_id IN (SELECT group_id FROM animal_group));
GRANT SELECT, INSERT ON group_was TO herdlien_person;
GRANT UPDATE (head) ON animal_group TO herdlien_person;

-- A group secures several loans, each by one pledge at a time.
CREATE UNIQUE INDEX group_pledged_once ON pledge (loan_id, group_id) WHERE until IS NULL AND group_id IS NOT NULL;

-- Deaths as the rules see them, one row a head also of groups; those that have happened count as many as really died.
CREATE OR REPLACE VIEW reported_death WITH (security_invoker = true) AS
SELECT dead.animal_id, r.loan_id, r.window_from AS died_at, r.requested_at AS reported_at,
       CASE WHEN r.state IN ('approved', 'executed', 'closed') THEN r.decided_at END AS confirmed_at,
       (SELECT d.sha256 FROM movement_document d
        WHERE d.request_id = r.request_id AND d.kind = 'carcass_photo' LIMIT 1) AS carcass_sha256,
       (SELECT d.number FROM movement_document d
        WHERE d.request_id = r.request_id AND d.kind = 'disposal_record' LIMIT 1) AS disposal_ref,
       dead.group_id
FROM movement_request r
CROSS JOIN LATERAL (
    SELECT unnest(r.leaving) AS animal_id, NULL::text AS group_id
    UNION ALL
    SELECT NULL, g ->> 'group_id'
    FROM jsonb_array_elements(r.groups_leaving) AS g, generate_series(1, (g ->> 'head')::integer)
) dead
WHERE r.kind = 'death' AND r.state NOT IN ('refused', 'withdrawn');
