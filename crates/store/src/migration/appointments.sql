-- Who has power over others' data: administrators and auditors of the service, officers of
-- a school. Whoever administered before goes on.

create table appointment (
    id {uuid} not null primary key,
    account_id {uuid} not null references account (id),
    role text not null check (role in ('administrator', 'auditor', 'officer')),
    school_uai text references school (uai),
    created_at {time} not null,
    check ((role = 'officer') = (school_uai is not null))
) {options};

create unique index appointment_at_school on appointment (account_id, school_uai) where school_uai is not null;
create unique index appointment_to_service on appointment (account_id, role) where school_uai is null;
create index appointment_by_school on appointment (school_uai) where school_uai is not null;

insert into appointment (id, account_id, role, school_uai, created_at)
select id, id, 'administrator', null, created_at from account where kind = 'administrator';
