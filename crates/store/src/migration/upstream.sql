-- Sign-in through another provider: FranceConnect. docs/DATA.md says what each personal
-- column is for.

create table bond (
    id {uuid} not null primary key,
    issuer text not null,
    subject text not null,
    account_id {uuid} not null references account (id) on delete cascade,
    sealed_pivot text,
    asserted_at {time},
    created_at {time} not null,
    used_at {time},
    unique (issuer, subject),
    unique (account_id, issuer),
    check ((sealed_pivot is null) = (asserted_at is null))
) {options};

-- An activation that stands on what an upstream vouched for, in place of the provisional password.
alter table activation add column sealed_vouched text;
