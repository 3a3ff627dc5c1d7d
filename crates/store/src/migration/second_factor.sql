-- What proves a person beside the password, and links with which staff set up their access.
-- docs/DATA.md says what each personal column is for.

-- One row of an account that has a second factor or had one: it stays when the factor ends.
create table second_factor (
    account_id {uuid} not null primary key references account (id) on delete cascade,
    first_at {time} not null,
    sealed_totp text,
    totp_step {count},
    totp_at {time},
    totp_used_at {time},
    check ((sealed_totp is null) = (totp_step is null) and (sealed_totp is null) = (totp_at is null))
) {options};

create table recovery_code (
    id {uuid} not null primary key,
    account_id {uuid} not null references account (id) on delete cascade,
    hash {bytes} not null,
    created_at {time} not null,
    used_at {time},
    unique (account_id, hash)
) {options};

create table passkey (
    id {uuid} not null primary key,
    account_id {uuid} not null references account (id) on delete cascade,
    credential_id {bytes} not null unique,
    credential {json} not null,
    counter {count} not null check (counter >= 0),
    name text not null,
    created_at {time} not null,
    used_at {time}
) {options};

create index passkey_by_account on passkey (account_id);

create table invitation (
    id {uuid} not null primary key,
    account_id {uuid} not null references account (id) on delete cascade,
    hash {bytes} not null unique,
    created_at {time} not null,
    expires_at {time} not null,
    spent_at {time}
) {options};

create index invitation_by_account on invitation (account_id);
create index invitation_by_end on invitation (expires_at);
