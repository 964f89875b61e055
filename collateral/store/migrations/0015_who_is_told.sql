-- Notices go to people: where they are reached, at which level they are told, and since when they are gone.

ALTER TABLE person
    ADD COLUMN email   text CHECK (email ~ '^[^@[:space:],;<>]+@[^@[:space:],;<>]+$' AND length(email) <= 254),
    -- Unset: it follows from role and branch. A branch head (支行行长) has no role of their own.
    ADD COLUMN told_as text CHECK (told_as IN ('officer', 'branch_head', 'branch_risk', 'head_office')),
    ADD COLUMN left_at timestamptz,
    -- What is said to a branch is said to people of that branch; the farm is told of its own matters alone.
    ADD CONSTRAINT told_where_they_belong CHECK (
        told_as IS NULL OR (role <> 'farm' AND (told_as = 'head_office') = (branch_id IS NULL)));

ALTER TABLE loan ADD COLUMN officer_id text REFERENCES person;

-- One row a recipient, so that a retry reaches exactly who has not been reached. Neither column: not addressed yet, or a
-- way that has no recipients. An address stands here only where no person is behind it.
ALTER TABLE outbox
    ADD COLUMN person_id text REFERENCES person,
    ADD COLUMN address   text,
    ADD CONSTRAINT one_recipient CHECK (num_nonnulls(person_id, address) <= 1);
CREATE INDEX outbox_given_up ON outbox (given_up_at) WHERE given_up_at IS NOT NULL;
CREATE INDEX outbox_to_addresses ON outbox (created_at) WHERE address IS NOT NULL;
