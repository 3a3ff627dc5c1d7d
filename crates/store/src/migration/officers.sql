-- What a school's officer does for the people of the school: suspensions of the school's
-- part, links that the school ended against its own file, answers to reported links,
-- contacts that it corrected, acts that wait for a second officer or for a day.
-- docs/DATA.md says what each personal column is for.

create table suspension (
    account_id {uuid} not null references account (id) on delete cascade,
    school_uai text not null references school (uai),
    reason text not null check (reason in ('family_request', 'compromised', 'court_decision',
        'left_school', 'other')),
    note text,
    state_before text not null check (state_before in ('known', 'active')),
    by_account_id {uuid} references account (id),
    at {time} not null,
    primary key (account_id, school_uai)
) {options};

create index suspension_by_school on suspension (school_uai, at);

alter table record_link add column barred_at {time};

alter table link_report add column answer text check (answer in ('upheld', 'ended'));
alter table link_report add column answered_at {time};
alter table link_report add column answered_by_school text;

alter table directory_record add column filed_email text;
alter table directory_record add column filed_phone text;
alter table directory_record add column corrected_at {time};

create index directory_record_of_school on directory_record (school_uai, family_name_normal,
    given_name_normal, id);
create index directory_record_of_class on directory_record (school_uai, class_name);

create table pending_act (
    id {uuid} not null primary key,
    kind text not null check (kind in ('password_reset', 'factor_removal')),
    account_id {uuid} not null references account (id) on delete cascade,
    school_uai text not null references school (uai),
    checked {json} not null,
    asked_by {uuid} not null references account (id),
    asked_at {time} not null,
    effective_at {time} not null,
    cancel_hash {bytes} not null unique,
    outcome text check (outcome in ('done', 'cancelled')),
    ended_by {uuid} references account (id),
    ended_at {time},
    check ((outcome is null) = (ended_at is null))
) {options};

create unique index pending_act_open on pending_act (account_id, kind) where ended_at is null;
create index pending_act_by_account on pending_act (account_id, asked_at);
create index pending_act_by_school on pending_act (school_uai, effective_at)
    where ended_at is null;
create index pending_act_due on pending_act (kind, effective_at) where ended_at is null;
create index pending_act_ended on pending_act (ended_at) where ended_at is not null;

create index refused_birth_date_by_time on refused_birth_date (at);

drop index account_grouping_by_merged;
create index account_grouping_by_merged on account_grouping (merged_account_id);
