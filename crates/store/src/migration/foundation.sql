-- The first schema. `{uuid}`, `{time}`, `{bool}`, `{json}`, `{bytes}` and `{options}` stand for
-- the types of each database; times are UTC milliseconds since the epoch. docs/DATA.md
-- says what each personal column is for and how long it is kept.

create table school (
    uai text not null primary key check (length(uai) = 8),
    name text not null,
    level text not null check (level in ('ecole', 'college', 'lycee')),
    town text,
    email text,
    phone text,
    updated_at {time} not null
) {options};

create table account (
    id {uuid} not null primary key,
    kind text not null check (kind in ('pupil', 'guardian', 'officer', 'administrator')),
    identifier text not null unique check (identifier = lower(identifier)),
    state text not null check (state in ('known', 'active', 'suspended', 'merged', 'closed')),
    merged_into {uuid} references account (id),
    given_name text not null,
    family_name text not null,
    given_name_normal text not null,
    family_name_normal text not null,
    birth_date text check (length(birth_date) = 10),
    locale text not null check (locale in ('fr', 'en')),
    password_state text not null check (password_state in ('absent', 'provisional', 'chosen')),
    password_hash text,
    password_set_at {time},
    sessions_from {time} not null,
    additional_claims {json} not null,
    created_at {time} not null,
    updated_at {time} not null,
    check ((state = 'merged') = (merged_into is not null)),
    check ((password_state = 'absent') = (password_hash is null)),
    check ((password_state = 'absent') = (password_set_at is null))
) {options};

create index account_by_name on account (family_name_normal, given_name_normal);
create index account_by_merge on account (merged_into) where merged_into is not null;

create table contact (
    id {uuid} not null primary key,
    account_id {uuid} not null references account (id),
    channel text not null check (channel in ('email', 'sms')),
    slot text not null check (slot in ('current', 'pending')),
    value text not null,
    comparable text not null,
    state text not null check (state in ('unconfirmed', 'confirmed')),
    confirmed_at {time},
    created_at {time} not null,
    unique (account_id, channel, slot),
    check (slot = 'current' or state = 'unconfirmed'),
    check ((state = 'confirmed') = (confirmed_at is not null))
) {options};

create index contact_by_value on contact (channel, comparable);

create table directory_record (
    id {uuid} not null primary key,
    source text not null,
    source_key text not null,
    school_uai text not null references school (uai),
    kind text not null check (kind in ('pupil', 'guardian')),
    account_id {uuid} not null references account (id),
    given_name text not null,
    family_name text not null,
    given_name_normal text not null,
    family_name_normal text not null,
    birth_date text check (length(birth_date) = 10),
    email text,
    phone text,
    class_name text,
    ended_at {time},
    created_at {time} not null,
    updated_at {time} not null,
    unique (source, source_key)
) {options};

create index directory_record_by_account on directory_record (account_id);
create index directory_record_by_school on directory_record (school_uai, kind);
create index directory_record_by_name on directory_record (family_name_normal, given_name_normal);

create table record_link (
    id {uuid} not null primary key,
    guardian_record_id {uuid} not null references directory_record (id),
    pupil_record_id {uuid} not null references directory_record (id),
    relationship text not null check (relationship in ('mother', 'father', 'guardian', 'other')),
    legal_rank integer not null check (legal_rank in (1, 2)),
    ended_at {time},
    created_at {time} not null,
    updated_at {time} not null,
    unique (guardian_record_id, pupil_record_id),
    check (guardian_record_id <> pupil_record_id)
) {options};

create index record_link_by_pupil on record_link (pupil_record_id);

create table link_report (
    guardian_account_id {uuid} not null references account (id),
    pupil_account_id {uuid} not null references account (id),
    reported_at {time} not null,
    primary key (guardian_account_id, pupil_account_id)
) {options};

create index link_report_by_pupil on link_report (pupil_account_id);

create table client (
    client_id text not null primary key,
    registration {json} not null,
    created_at {time} not null,
    updated_at {time} not null
) {options};

create table client_secret (
    id {uuid} not null primary key,
    client_id text not null references client (client_id) on delete cascade,
    hash {bytes} not null,
    created_at {time} not null,
    expires_at {time},
    unique (client_id, hash)
) {options};

create table registry (
    singleton integer not null primary key check (singleton = 1),
    version {time} not null
) {options};

insert into registry (singleton, version) values (1, 1);

create table service_secret (
    name text not null primary key,
    sealed text not null,
    created_at {time} not null
) {options};

create table signing_key (
    id {uuid} not null primary key,
    algorithm text not null check (algorithm in ('ES256', 'RS256', 'EdDSA')),
    generation integer not null check (generation > 0),
    sealed text not null,
    sign_from {time} not null,
    created_at {time} not null,
    unique (algorithm, generation)
) {options};

create table authorization_grant (
    id {uuid} not null primary key,
    account_id {uuid} not null references account (id),
    client_id text not null references client (client_id) on delete cascade,
    session_id {uuid} not null,
    scope text not null,
    claims_request {json} not null,
    auth_time {time} not null,
    acr text not null,
    amr text not null,
    offline {bool} not null,
    created_at {time} not null,
    expires_at {time} not null,
    revoked_at {time}
) {options};

create index authorization_grant_by_account on authorization_grant (account_id, client_id);
create index authorization_grant_by_client on authorization_grant (client_id);
create index authorization_grant_by_session on authorization_grant (session_id);
create index authorization_grant_by_end on authorization_grant (expires_at);

create table refresh_token (
    id {uuid} not null primary key,
    grant_id {uuid} not null references authorization_grant (id) on delete cascade,
    hash {bytes} not null unique,
    replaces {uuid} unique,
    created_at {time} not null,
    expires_at {time} not null
) {options};

create index refresh_token_by_grant on refresh_token (grant_id);
create index refresh_token_by_end on refresh_token (expires_at);

create table consent (
    account_id {uuid} not null references account (id),
    client_id text not null references client (client_id) on delete cascade,
    scope text not null,
    given_at {time} not null,
    primary key (account_id, client_id)
) {options};

create index consent_by_client on consent (client_id);

create table revoked_token (
    id {uuid} not null primary key,
    expires_at {time} not null
) {options};

create index revoked_token_by_end on revoked_token (expires_at);

create table used_assertion (
    client_id text not null,
    jti text not null,
    expires_at {time} not null,
    primary key (client_id, jti)
) {options};

create index used_assertion_by_end on used_assertion (expires_at);

create table audit_event (
    id {uuid} not null primary key,
    at {time} not null,
    action text not null,
    actor_kind text not null check (actor_kind in ('account', 'client', 'operator', 'service')),
    actor_id text,
    target_kind text not null check (target_kind in ('account', 'client', 'key', 'directory')),
    target_id text,
    client_id text,
    network text,
    details {json} not null
) {options};

create index audit_event_by_time on audit_event (at);
create index audit_event_by_target on audit_event (target_kind, target_id, at);
create index audit_event_by_actor on audit_event (actor_kind, actor_id, at);

create table outbox (
    id {uuid} not null primary key,
    account_id {uuid} references account (id),
    channel text not null check (channel in ('email', 'sms')),
    template text not null,
    locale text not null check (locale in ('fr', 'en')),
    sealed text,
    state text not null check (state in ('pending', 'delivered', 'expired', 'parked')),
    attempts integer not null,
    next_attempt_at {time} not null,
    expires_at {time} not null,
    created_at {time} not null,
    ended_at {time},
    check ((state = 'pending') = (sealed is not null)),
    check ((state = 'pending') = (ended_at is null))
) {options};

create index outbox_due on outbox (next_attempt_at) where state = 'pending';
create index outbox_ended on outbox (ended_at) where ended_at is not null;
create index outbox_by_account on outbox (account_id);

create table ephemeral (
    kind text not null,
    key text not null,
    value text not null,
    version {time} not null,
    spent {time} not null,
    expires_at {time} not null,
    primary key (kind, key)
) {options};

create index ephemeral_by_end on ephemeral (expires_at);

create table attempt (
    kind text not null,
    key text not null,
    failures {time} not null,
    last_at {time} not null,
    expires_at {time} not null,
    primary key (kind, key)
) {options};

create index attempt_by_end on attempt (expires_at);
