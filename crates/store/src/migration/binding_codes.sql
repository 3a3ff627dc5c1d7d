-- A code binds another provider's identity to an active account: one more purpose of proofs.
-- The old table is renamed first, which on PostgreSQL waits for who writes and keeps others out.

alter table proof rename to proof_before;

create table proof (
    id {uuid} not null primary key,
    purpose text not null check (purpose in ('registration_code', 'registration', 'password_link',
        'password_code', 'new_password', 'email_confirmation', 'email_cancellation',
        'phone_confirmation', 'grouping', 'binding_code', 'disavowal')),
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

insert into proof (id, purpose, account_id, counted_as, hash, contact, details, allowed, tries,
                   created_at, expires_at, spent_at)
select id, purpose, account_id, counted_as, hash, contact, details, allowed, tries,
       created_at, expires_at, spent_at
  from proof_before;

drop table proof_before;

create index proof_by_account on proof (account_id, purpose);
create index proof_by_count on proof (purpose, counted_as, created_at) where counted_as is not null;
create index proof_by_end on proof (expires_at);

-- Identities that nobody vouched for within a year are forgotten.
create index bond_by_assertion on bond (asserted_at) where asserted_at is not null;
