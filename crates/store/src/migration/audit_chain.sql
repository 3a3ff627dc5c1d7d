-- The audit trail becomes a chain (docs/ARCHITECTURE.md, « The audit trail »).
--
-- Requests insert events and what is personal of them; one worker gives them their
-- sequence and seals them. No foreign keys hold these tables together: an event costs a
-- sign-in as little as can be, `preau audit verify` looks at more than a key could say,
-- and the role of the service has no right to delete anyway.

-- What happened. Ids of people stand in audit_personal alone. Kinds are not enumerated: a
-- trail takes what later versions write, and this table is not rewritten for a new word.
create table audit_entry (
    id {uuid} not null primary key,
    at {time} not null,
    action text not null,
    actor_kind text not null,
    actor_id text,
    target_kind text not null,
    target_id text,
    client_id text,
    details text,
    check (actor_kind <> 'account' or actor_id is null),
    check (target_kind <> 'account' or target_id is null)
) {options};

create index audit_entry_by_action on audit_entry (action, id);
create index audit_entry_by_client on audit_entry (client_id, id) where client_id is not null;
create index audit_entry_by_actor on audit_entry (actor_kind, actor_id, id)
    where actor_id is not null;
create index audit_entry_by_target on audit_entry (target_kind, target_id, id)
    where target_id is not null;

-- Of whom. A seal covers a commitment to this row, so that the row can be erased.
create table audit_personal (
    event_id {uuid} not null primary key,
    salt {bytes} not null,
    actor_id text,
    target_id text,
    network text,
    details text
) {options};

create index audit_personal_by_actor on audit_personal (actor_id, event_id)
    where actor_id is not null;
create index audit_personal_by_target on audit_personal (target_id, event_id)
    where target_id is not null;

-- Events that wait for their seal: the queue of the worker, which empties it.
create table audit_pending (
    event_id {uuid} not null primary key
) {options};

-- The chain. Two workers can never seal one event, nor give one place twice.
create table audit_seal (
    sequence {count} not null primary key check (sequence > 0),
    event_id {uuid} not null unique,
    sealed_at {time} not null,
    commitment {bytes},
    hash {bytes} not null
) {options};

-- The head of each closed day (UTC), signed. It stays when the day is pruned.
create table audit_day (
    day text not null primary key check (length(day) = 10),
    first_sequence {count} not null unique,
    last_sequence {count} not null unique,
    hash {bytes} not null,
    signature text not null,
    check (first_sequence <= last_sequence)
) {options};

-- Keys that sign heads and nothing else.
create table audit_key (
    id {uuid} not null primary key,
    generation integer not null unique,
    public_key text not null,
    sealed text not null,
    created_at {time} not null
) {options};

-- One row: which worker seals, until when, and how far it came.
create table audit_sealer (
    id integer not null primary key check (id = 1),
    holder {uuid},
    held_until {time} not null,
    sequence {count} not null,
    sealed_at {time} not null,
    hash {bytes} not null,
    signature text
) {options};

-- What is there already waits for its seal as if it had just happened. On PostgreSQL an
-- older node that writes meanwhile waits for the view below.
{postgres} lock table audit_event in exclusive mode;

insert into audit_entry
    (id, at, action, actor_kind, actor_id, target_kind, target_id, client_id, details)
select id, at, action,
    actor_kind, case when actor_kind <> 'account' then actor_id end,
    target_kind, case when target_kind <> 'account' then target_id end,
    client_id,
    case when target_kind <> 'account' then nullif(cast(details as text), 'null') end
from audit_event;

{sqlite} insert into audit_personal (event_id, salt, actor_id, target_id, network, details)
select id, randomblob(32),
    case when actor_kind = 'account' then actor_id end,
    case when target_kind = 'account' then target_id end,
    network,
    case when target_kind = 'account' then nullif(details, 'null') end
from audit_event
where actor_kind = 'account' or target_kind = 'account' or network is not null;

{postgres} insert into audit_personal (event_id, salt, actor_id, target_id, network, details)
select id, uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()),
    case when actor_kind = 'account' then actor_id end,
    case when target_kind = 'account' then target_id end,
    network,
    case when target_kind = 'account' then nullif(cast(details as text), 'null') end
from audit_event
where actor_kind = 'account' or target_kind = 'account' or network is not null;

insert into audit_pending (event_id) select id from audit_event;

{sqlite} insert into audit_sealer (id, held_until, sequence, sealed_at, hash)
values (1, 0, 0, 0, zeroblob(32));

{postgres} insert into audit_sealer (id, held_until, sequence, sealed_at, hash)
values (1, 0, 0, 0, decode(repeat('00', 32), 'hex'));

drop table audit_event;

-- The trail as it was before: nodes of the version before go on reading and writing it,
-- and on SQLite this one writes through it too, since one statement cannot fill three
-- tables there.
create view audit_event as
select entry.id, entry.at, entry.action,
    entry.actor_kind, coalesce(personal.actor_id, entry.actor_id) as actor_id,
    entry.target_kind, coalesce(personal.target_id, entry.target_id) as target_id,
    entry.client_id, personal.network,
    cast(coalesce(personal.details, entry.details, 'null') as {json}) as details,
    personal.salt, personal.details as personal_details
from audit_entry entry
left join audit_personal personal on personal.event_id = entry.id;

{sqlite} create trigger audit_event_insert instead of insert on audit_event begin
    insert into audit_entry
        (id, at, action, actor_kind, actor_id, target_kind, target_id, client_id, details)
    values (new.id, new.at, new.action,
        new.actor_kind, case when new.actor_kind <> 'account' then new.actor_id end,
        new.target_kind, case when new.target_kind <> 'account' then new.target_id end,
        new.client_id,
        case when new.target_kind <> 'account' then nullif(new.details, 'null') end)
    ; insert into audit_personal (event_id, salt, actor_id, target_id, network, details)
    select new.id, coalesce(new.salt, randomblob(32)),
        case when new.actor_kind = 'account' then new.actor_id end,
        case when new.target_kind = 'account' then new.target_id end,
        new.network,
        coalesce(new.personal_details,
            case when new.target_kind = 'account' then nullif(new.details, 'null') end)
    where new.actor_kind = 'account' or new.target_kind = 'account'
        or new.network is not null or new.personal_details is not null
    ; insert into audit_pending (event_id) values (new.id)
    ; end;

{postgres} create function audit_event_insert() returns trigger language plpgsql as $body$ begin
    insert into audit_entry
        (id, at, action, actor_kind, actor_id, target_kind, target_id, client_id, details)
    values (new.id, new.at, new.action,
        new.actor_kind, case when new.actor_kind <> 'account' then new.actor_id end,
        new.target_kind, case when new.target_kind <> 'account' then new.target_id end,
        new.client_id,
        case when new.target_kind <> 'account' then nullif(cast(new.details as text), 'null') end)
    ; if new.actor_kind = 'account' or new.target_kind = 'account' or new.network is not null
    then insert into audit_personal (event_id, salt, actor_id, target_id, network, details)
    values (new.id, uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()),
        case when new.actor_kind = 'account' then new.actor_id end,
        case when new.target_kind = 'account' then new.target_id end,
        new.network,
        case when new.target_kind = 'account' then nullif(cast(new.details as text), 'null') end)
    ; end if
    ; insert into audit_pending (event_id) values (new.id)
    ; return new
    ; end $body$;

{postgres} create trigger audit_event_insert instead of insert on audit_event
    for each row execute function audit_event_insert();

-- SQLite has no roles: what those keep on PostgreSQL these triggers keep here, until the
-- command that prunes says that it is at work.
{sqlite} create table audit_keeper (at_work integer not null primary key) strict;

{sqlite} create trigger audit_entry_stays before delete on audit_entry
when not exists (select 1 from audit_keeper)
begin select raise(abort, 'an event of the audit trail is not deleted'); end;

{sqlite} create trigger audit_entry_is_kept before update on audit_entry
begin select raise(abort, 'an event of the audit trail is not changed'); end;

{sqlite} create trigger audit_personal_stays before delete on audit_personal
when not exists (select 1 from audit_keeper)
begin select raise(abort, 'what is personal of an event goes by preau audit alone'); end;

{sqlite} create trigger audit_personal_is_kept before update on audit_personal
begin select raise(abort, 'an event of the audit trail is not changed'); end;

{sqlite} create trigger audit_seal_stays before delete on audit_seal
when not exists (select 1 from audit_keeper)
begin select raise(abort, 'a seal of the audit trail is not deleted'); end;

{sqlite} create trigger audit_seal_is_kept before update on audit_seal
begin select raise(abort, 'a seal of the audit trail is not changed'); end;

{sqlite} create trigger audit_day_stays before delete on audit_day
begin select raise(abort, 'the head of a day is not deleted'); end;

{sqlite} create trigger audit_day_is_kept before update on audit_day
begin select raise(abort, 'the head of a day is not changed'); end;

{sqlite} create trigger audit_key_stays before delete on audit_key
begin select raise(abort, 'a key of the audit trail is not deleted'); end;

{sqlite} create trigger audit_key_is_kept before update on audit_key
begin select raise(abort, 'a key of the audit trail is not changed'); end;
