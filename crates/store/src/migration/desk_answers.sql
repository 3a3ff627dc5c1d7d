-- What a school's file says of a link that the school ended in the console. docs/DATA.md says
-- what each personal column is for.

-- When the file ended a link that the school had ended before: of barred links alone, whose
-- ended_at is the school's.
alter table record_link add column filed_ended_at {time};
