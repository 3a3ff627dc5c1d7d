-- What each school answers to a reported link, and what its file says of a link that it ended
-- in the console. docs/DATA.md says what each personal column is for.

-- The columns of link_report go on holding the last answer, for the version before.
create table link_report_answer (
    guardian_account_id {uuid} not null,
    pupil_account_id {uuid} not null,
    school_uai text not null references school (uai),
    answer text not null check (answer in ('upheld', 'ended')),
    answered_at {time} not null,
    primary key (guardian_account_id, pupil_account_id, school_uai),
    -- A report goes along when accounts are grouped and parted, and its answers with it.
    foreign key (guardian_account_id, pupil_account_id)
        references link_report (guardian_account_id, pupil_account_id)
        on update cascade on delete cascade
) {options};

insert into link_report_answer
select guardian_account_id, pupil_account_id, answered_by_school, answer, answered_at
  from link_report
 where answer is not null and answered_at is not null
   and answered_by_school in (select uai from school);

-- When the file ended a link that the school had ended before: of barred links alone, whose
-- ended_at is the school's.
alter table record_link add column filed_ended_at {time};
