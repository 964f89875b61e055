-- Who lends against what: branches, people, farms, pens, animals, devices, loans, pledges, movements.

CREATE TABLE branch (
    branch_id text PRIMARY KEY,
    name_zh   text NOT NULL,
    name_en   text NOT NULL
);

CREATE TABLE farm (
    farm_id   text PRIMARY KEY,
    branch_id text NOT NULL REFERENCES branch,
    name_zh   text NOT NULL,
    name_en   text NOT NULL,
    latitude  double precision NOT NULL CHECK (latitude BETWEEN -90 AND 90),
    longitude double precision NOT NULL CHECK (longitude BETWEEN -180 AND 180),
    timezone  text NOT NULL
);

CREATE TABLE person (
    person_id     text PRIMARY KEY,
    login         text NOT NULL UNIQUE,
    name          text NOT NULL,
    role          text NOT NULL CHECK (role IN ('officer', 'risk', 'farm', 'auditor', 'admin')),
    branch_id     text REFERENCES branch,
    farm_id       text REFERENCES farm,
    password_hash text NOT NULL,
    language      text NOT NULL DEFAULT 'zh' CHECK (language IN ('zh', 'en')),
    -- A farm hand sees one farm, an officer one branch; only the head office sees all.
    CHECK (role IN ('risk', 'auditor', 'admin') OR branch_id IS NOT NULL),
    CHECK (role <> 'farm' OR farm_id IS NOT NULL)
);

CREATE TABLE pen (
    pen_id  text PRIMARY KEY,
    farm_id text NOT NULL REFERENCES farm,
    name    text NOT NULL,
    species text NOT NULL CHECK (species IN ('cattle', 'sheep', 'pig')),
    fence   jsonb NOT NULL  -- a ring of [lon, lat], WGS-84
);

CREATE TABLE animal (
    animal_id text PRIMARY KEY,
    farm_id   text NOT NULL REFERENCES farm,
    pen_id    text NOT NULL REFERENCES pen,
    species   text NOT NULL CHECK (species IN ('cattle', 'sheep', 'pig')),
    scheme    text NOT NULL CHECK (scheme IN ('cn-tag', 'iso-11784', 'dev-eui')),
    identity  text NOT NULL,
    born      date,
    weight_kg real CHECK (weight_kg > 0),
    status    text NOT NULL DEFAULT 'present'
              CHECK (status IN ('present', 'dead', 'sold', 'substituted', 'missing', 'disputed')),
    UNIQUE (scheme, identity)
);
CREATE INDEX ON animal (pen_id);

CREATE TABLE animal_group (
    group_id  text PRIMARY KEY,
    farm_id   text NOT NULL REFERENCES farm,
    pen_id    text NOT NULL REFERENCES pen,
    species   text NOT NULL CHECK (species IN ('cattle', 'sheep', 'pig')),
    head      integer NOT NULL CHECK (head >= 0),
    weight_kg real CHECK (weight_kg > 0)
);

CREATE TABLE gateway (
    gateway_id  text PRIMARY KEY,
    farm_id     text NOT NULL REFERENCES farm,
    latitude    double precision NOT NULL,
    longitude   double precision NOT NULL,
    heartbeat_s integer NOT NULL CHECK (heartbeat_s > 0)
);

CREATE TABLE camera (
    camera_id  text PRIMARY KEY,
    farm_id    text NOT NULL REFERENCES farm,
    pen_id     text NOT NULL REFERENCES pen,
    gateway_id text NOT NULL REFERENCES gateway,
    interval_s integer NOT NULL CHECK (interval_s > 0)
);

CREATE TABLE tag (
    tag_id     text PRIMARY KEY,
    farm_id    text NOT NULL REFERENCES farm,
    model      text NOT NULL,
    interval_s integer NOT NULL CHECK (interval_s > 0)
);

CREATE TABLE tag_assignment (
    tag_id    text NOT NULL REFERENCES tag,
    animal_id text NOT NULL REFERENCES animal,
    since     timestamptz NOT NULL,
    until     timestamptz,
    PRIMARY KEY (tag_id, since),
    CHECK (until > since)
);
-- One wearer per tag and one tag per wearer at a time.
CREATE UNIQUE INDEX tag_worn_once ON tag_assignment (tag_id) WHERE until IS NULL;
CREATE UNIQUE INDEX animal_wears_one ON tag_assignment (animal_id) WHERE until IS NULL;

CREATE TABLE loan (
    loan_id         text PRIMARY KEY,
    branch_id       text NOT NULL REFERENCES branch,
    contract_no     text NOT NULL UNIQUE,
    borrower_zh     text NOT NULL,
    borrower_en     text NOT NULL,
    principal_minor bigint NOT NULL CHECK (principal_minor > 0),
    balance_minor   bigint NOT NULL CHECK (balance_minor >= 0),
    currency        text NOT NULL,
    ltv_ceiling     double precision NOT NULL CHECK (ltv_ceiling > 0 AND ltv_ceiling <= 1),
    drawn_on        date NOT NULL,
    matures_on      date NOT NULL CHECK (matures_on > drawn_on)
);

CREATE TABLE pledge (
    pledge_id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    loan_id              text NOT NULL REFERENCES loan,
    animal_id            text REFERENCES animal,
    group_id             text REFERENCES animal_group,
    head                 integer NOT NULL CHECK (head > 0),
    value_per_head_minor bigint NOT NULL CHECK (value_per_head_minor >= 0),
    since                timestamptz NOT NULL,
    until                timestamptz,
    CHECK (num_nonnulls(animal_id, group_id) = 1),
    CHECK (until > since)
);
-- An animal secures one loan at a time.
CREATE UNIQUE INDEX animal_pledged_once ON pledge (animal_id) WHERE until IS NULL AND animal_id IS NOT NULL;
CREATE INDEX ON pledge (loan_id);

CREATE TABLE movement (
    movement_id text PRIMARY KEY,
    loan_id     text NOT NULL REFERENCES loan,
    kind        text NOT NULL
                CHECK (kind IN ('sale', 'death', 'birth', 'purchase', 'transfer', 'substitution', 'release')),
    animal_ids  text[] NOT NULL,
    window_from timestamptz NOT NULL,
    window_to   timestamptz NOT NULL,
    approved_by text NOT NULL REFERENCES person,
    approved_at timestamptz NOT NULL,
    CHECK (window_to > window_from)
);
