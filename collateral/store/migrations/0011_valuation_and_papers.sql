-- What values the animals, and the papers around a loan: market prices, weighings, insurance, registration, core banking.

-- A market's price belongs to nobody: no customer can be told from it, so it carries no policy.
-- In thousandths of the currency's main unit per kg of live weight: 27.904 RMB/kg is 27904.
CREATE TABLE market_price (
    species     text NOT NULL CHECK (species IN ('cattle', 'sheep', 'pig')),
    stock_class text NOT NULL DEFAULT '',
    region      text NOT NULL DEFAULT '' CHECK (region ~ '^[0-9]{0,6}$'),  -- leading digits of a county code
    source      text NOT NULL CHECK (source <> ''),
    priced_on   date NOT NULL,
    li_per_kg   integer NOT NULL CHECK (li_per_kg > 0),
    PRIMARY KEY (species, stock_class, region, source, priced_on)
);

-- What an animal weighed, or on average a head of a group.
CREATE TABLE weighing (
    animal_id   text REFERENCES animal,
    group_id    text REFERENCES animal_group,
    weighed_on  date NOT NULL,
    weight_g    integer NOT NULL CHECK (weight_g > 0),
    stock_class text NOT NULL DEFAULT '',
    source      text NOT NULL CHECK (source <> ''),
    UNIQUE NULLS NOT DISTINCT (animal_id, group_id, weighed_on),
    CHECK (num_nonnulls(animal_id, group_id) = 1)
);
CREATE INDEX weighing_of_group ON weighing (group_id, weighed_on) WHERE group_id IS NOT NULL;

CREATE TABLE insurance_policy (
    policy_no                 text PRIMARY KEY,
    loan_id                   text NOT NULL REFERENCES loan,
    insurer                   text NOT NULL CHECK (insurer <> ''),
    species                   text CHECK (species IN ('cattle', 'sheep', 'pig')),  -- NULL: any
    insured_head              integer NOT NULL CHECK (insured_head > 0),
    begins_on                 date NOT NULL,
    ends_on                   date NOT NULL CHECK (ends_on >= begins_on),
    bank_is_first_beneficiary boolean NOT NULL
);
CREATE INDEX ON insurance_policy (loan_id);

CREATE TABLE registry_filing (
    registration_no text PRIMARY KEY,
    loan_id         text NOT NULL REFERENCES loan,
    filed_on        date NOT NULL,
    ends_on         date NOT NULL CHECK (ends_on >= filed_on)
);
CREATE INDEX ON registry_filing (loan_id);

-- The newest row of a loan counts; older ones say how it went.
CREATE TABLE core_banking_status (
    loan_id            text NOT NULL REFERENCES loan,
    status_on          date NOT NULL,
    overdue_days       integer NOT NULL CHECK (overdue_days >= 0),
    five_class         text NOT NULL
                       CHECK (five_class IN ('normal', 'special_mention', 'substandard', 'doubtful', 'loss')),
    drawdown_as_agreed boolean,  -- NULL: nobody has looked
    supervisor         text,
    PRIMARY KEY (loan_id, status_on)
);

ALTER TABLE weighing ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_stock ON weighing TO herdlien_person USING (
    animal_id IN (SELECT animal_id FROM animal) OR group_id IN (SELECT group_id FROM animal_group));

DO $$
DECLARE
    child text;
BEGIN
    FOREACH child IN ARRAY ARRAY['insurance_policy', 'registry_filing', 'core_banking_status'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', child);
        EXECUTE format(
            'CREATE POLICY of_loan ON %I TO herdlien_person USING (loan_id IN (SELECT loan_id FROM loan))', child);
    END LOOP;
END $$;

GRANT SELECT ON market_price, weighing, insurance_policy, registry_filing, core_banking_status TO herdlien_person;
