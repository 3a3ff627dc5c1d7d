alter table outbox add column cause text;

create index outbox_parked on outbox (ended_at) where state = 'parked';
