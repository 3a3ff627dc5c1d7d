-- Registrations have versions, a history and a place that manages them; secrets overlap
-- with labels and last use; programs register clients.
alter table client add column version {time} not null default 1;

-- The registry's version at the last change of this client: nodes read what is newer.
alter table client add column registry_version {time} not null default 0;

alter table client add column managed_by text;

alter table client add column origin text not null default 'operator'
    check (origin in ('operator', 'dynamic'));

create index client_by_registry_version on client (registry_version);

alter table client_secret add column label text;

alter table client_secret add column last_used_at {time};

create table client_use (
    client_id text not null primary key references client (client_id) on delete cascade,
    last_used_at {time} not null
) {options};

-- Outlives its client: a deletion can be taken back.
create table client_version (
    client_id text not null,
    version {time} not null,
    at {time} not null,
    act text not null check (act in ('registered', 'changed', 'deleted')),
    actor_kind text not null check (actor_kind in ('account', 'client', 'operator', 'service')),
    actor_id text,
    registration {json} not null,
    managed_by text,
    primary key (client_id, version)
) {options};

insert into client_version
    (client_id, version, at, act, actor_kind, registration)
select client_id, 1, updated_at, 'registered', 'operator', registration from client;

create table registration_token (
    client_id text not null primary key references client (client_id) on delete cascade,
    hash {bytes} not null,
    created_at {time} not null
) {options};

create table initial_token (
    id {uuid} not null primary key,
    hash {bytes} not null unique,
    label text not null,
    created_at {time} not null,
    expires_at {time} not null,
    uses_left integer not null check (uses_left >= 0)
) {options};

create table idempotent_answer (
    client_id text not null references client (client_id) on delete cascade,
    key_hash {bytes} not null,
    request_hash {bytes} not null,
    sealed text,
    expires_at {time} not null,
    primary key (client_id, key_hash)
) {options};

create index idempotent_answer_by_end on idempotent_answer (expires_at);
