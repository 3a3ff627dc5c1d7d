-- Sectors are told apart by kind: a name, a host, one client alone (domain::subject). The
-- subjects that people have stay theirs: a registration that named no sector, and whose
-- subjects would be others by it, names the text in which they were made.
create table kept_sector (
    client_id text not null,
    version {time} not null,
    uri text not null,
    host text not null,
    primary key (client_id, version)
) {options};

{sqlite} insert into kept_sector
select client_id, version, coalesce(json_extract(registration, '$.sector_identifier_uri'),
        json_extract(registration, '$.redirect_uris[0]'), ''), ''
    from client_version where act <> 'deleted'
    and json_extract(registration, '$.sector') is null
    and coalesce(json_extract(registration, '$.subject_type'), 'pairwise') = 'pairwise';

{postgres} insert into kept_sector
select client_id, version, coalesce(registration ->> 'sector_identifier_uri',
        registration -> 'redirect_uris' ->> 0, ''), ''
    from client_version where act <> 'deleted'
    and registration ->> 'sector' is null
    and coalesce(registration ->> 'subject_type', 'pairwise') = 'pairwise';

{sqlite} update kept_sector set host = substr(uri, instr(uri, '://') + 3)
    where instr(uri, '://') > 0 and instr(uri, ':') = instr(uri, '://');

{sqlite} update kept_sector set host = substr(host, 1, instr(host || '/', '/') - 1);

{sqlite} update kept_sector set host = substr(host, 1, instr(host || '?', '?') - 1);

{sqlite} update kept_sector set host = case when host like '[%'
    then substr(host, 1, instr(host, ']'))
    else substr(host, 1, instr(host || ':', ':') - 1) end;

{postgres} update kept_sector
    set host = coalesce(substring(uri from '^[^:]+://(\[[^]]*\]|[^/?:]*)'), '');

update kept_sector set host = lower(host)
    where lower(uri) like 'http://%' or lower(uri) like 'https://%';

-- The host of a service is in its sector as before.
delete from kept_sector
    where (lower(uri) like 'http://%' or lower(uri) like 'https://%')
    and host like '%.%' and host not like '127.%';

-- What a program registered itself with is nobody's host, and was never its to choose.
delete from kept_sector where host <> '' and exists (
    select 1 from client_version own
    where own.client_id = kept_sector.client_id and own.act = 'registered'
    and own.actor_kind = 'client' and own.actor_id = own.client_id);

update kept_sector set host = client_id where host = '';

{sqlite} update client set registration = json_set(registration, '$.sector', host)
    from kept_sector
    where kept_sector.client_id = client.client_id and kept_sector.version = client.version;

{postgres} update client set registration = jsonb_set(registration, '{sector}', to_jsonb(host))
    from kept_sector
    where kept_sector.client_id = client.client_id and kept_sector.version = client.version;

{sqlite} update client_version set registration = json_set(registration, '$.sector', host)
    from kept_sector
    where kept_sector.client_id = client_version.client_id
    and kept_sector.version = client_version.version;

{postgres} update client_version
    set registration = jsonb_set(registration, '{sector}', to_jsonb(host))
    from kept_sector
    where kept_sector.client_id = client_version.client_id
    and kept_sector.version = client_version.version;

drop table kept_sector;

-- A program does not change what somebody else has changed of its registration.
delete from registration_token where exists (
    select 1 from client_version line
    where line.client_id = registration_token.client_id and line.act = 'changed'
    and not (line.actor_kind = 'client' and line.actor_id = line.client_id));
