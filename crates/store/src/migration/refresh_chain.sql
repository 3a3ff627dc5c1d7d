-- A refresh token names the one that it replaces, so that a rotation is one INSERT. What was
-- issued before ends: people sign in once more.

drop table refresh_token;

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
