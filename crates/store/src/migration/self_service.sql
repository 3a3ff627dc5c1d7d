-- What people do for themselves: activation, proofs sent to contacts, changes that can be
-- taken back, accounts that were grouped. docs/DATA.md says what each personal column is for.

alter table link_report add column asked_at {time};

create table activation (
    account_id {uuid} not null primary key references account (id) on delete cascade,
    holder {bytes} not null,
    reached text not null check (reached in ('birth_date', 'password', 'email', 'phone', 'terms')),
    password_hash text,
    email text,
    phone text,
    updated_at {time} not null
) {options};

create table refused_birth_date (
    id {uuid} not null primary key,
    account_id {uuid} not null references account (id) on delete cascade,
    pupil_account_id {uuid} references account (id) on delete cascade,
    typed text not null check (length(typed) = 10),
    at {time} not null
) {options};

create index refused_birth_date_by_account on refused_birth_date (account_id, at);
create index refused_birth_date_by_pupil on refused_birth_date (pupil_account_id);

create table proof (
    id {uuid} not null primary key,
    purpose text not null check (purpose in ('registration_code', 'registration', 'password_link',
        'password_code', 'new_password', 'email_confirmation', 'email_cancellation',
        'phone_confirmation', 'grouping', 'disavowal')),
    account_id {uuid} references account (id) on delete cascade,
    counted_as {bytes},
    hash {bytes} not null,
    contact text,
    details {json} not null,
    allowed integer not null check (allowed >= 0),
    tries integer not null check (tries >= 0),
    created_at {time} not null,
    expires_at {time} not null,
    spent_at {time},
    unique (purpose, hash),
    check (tries <= allowed)
) {options};

create index proof_by_account on proof (account_id, purpose);
create index proof_by_count on proof (purpose, counted_as, created_at) where counted_as is not null;
create index proof_by_end on proof (expires_at);

create table account_change (
    id {uuid} not null primary key,
    account_id {uuid} not null references account (id) on delete cascade,
    at {time} not null,
    sealed_before text not null,
    expires_at {time} not null
) {options};

create index account_change_by_account on account_change (account_id);
create index account_change_by_end on account_change (expires_at);

create table account_grouping (
    id {uuid} not null primary key,
    kept_account_id {uuid} not null references account (id),
    merged_account_id {uuid} not null references account (id),
    at {time} not null,
    sealed_before text not null
) {options};

create index account_grouping_by_kept on account_grouping (kept_account_id);
create unique index account_grouping_by_merged on account_grouping (merged_account_id);

create table subject_change (
    id {uuid} not null primary key,
    client_id text not null references client (client_id) on delete cascade,
    from_account_id {uuid} not null references account (id),
    to_account_id {uuid} not null references account (id),
    at {time} not null,
    told_at {time},
    unique (client_id, from_account_id)
) {options};

create index subject_change_by_from on subject_change (from_account_id);
create index subject_change_by_to on subject_change (to_account_id);
alter table school add column town_normal text;

create index school_by_town on school (town_normal);
