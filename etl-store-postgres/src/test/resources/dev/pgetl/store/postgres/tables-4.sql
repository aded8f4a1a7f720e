-- Tables of version 4, with the rows of StateOfVersion2 and an owner. Never changed.
create schema pgetl;
create table "pgetl".migration (
  version int primary key,
  applied_at timestamptz not null default now());
create table "pgetl".pipeline (
  id int generated always as identity primary key,
  name text not null unique,
  epoch bigint not null default 0,
  created_at timestamptz not null default now());
create table "pgetl".table_phase (
  pipeline_id int not null references "pgetl".pipeline on delete cascade,
  table_oid bigint not null,
  step bigint generated always as identity,
  change json not null,
  stored_at timestamptz not null default now(),
  primary key (pipeline_id, table_oid, step));
create table "pgetl".table_schema (
  pipeline_id int not null references "pgetl".pipeline on delete cascade,
  table_oid bigint not null,
  snapshot_lsn pg_lsn not null,
  change json not null,
  stored_at timestamptz not null default now(),
  primary key (pipeline_id, table_oid, snapshot_lsn));
create table "pgetl".table_mapping (
  pipeline_id int not null references "pgetl".pipeline on delete cascade,
  table_oid bigint not null,
  change json not null,
  stored_at timestamptz not null default now(),
  primary key (pipeline_id, table_oid));
create table "pgetl".slot_progress (
  pipeline_id int not null references "pgetl".pipeline on delete cascade,
  slot_name text not null,
  system_identifier text not null,
  timeline int not null,
  slot_created_at pg_lsn not null,
  flushed_lsn pg_lsn not null,
  stored_at timestamptz not null default now(),
  primary key (pipeline_id, slot_name)) with (fillfactor = 50);
comment on table "pgetl".migration is 'pgetl store: state of pipelines, never replicated';
comment on table "pgetl".pipeline is 'pgetl store: state of pipelines, never replicated';
comment on table "pgetl".table_phase is 'pgetl store: state of pipelines, never replicated';
comment on table "pgetl".table_schema is 'pgetl store: state of pipelines, never replicated';
comment on table "pgetl".table_mapping is 'pgetl store: state of pipelines, never replicated';
comment on table "pgetl".slot_progress is 'pgetl store: state of pipelines, never replicated';
insert into "pgetl".migration (version) values (1);
create table "pgetl".table_copy (
  pipeline_id int not null references "pgetl".pipeline on delete cascade,
  table_oid bigint not null,
  change json not null,
  stored_at timestamptz not null default now(),
  primary key (pipeline_id, table_oid)) with (fillfactor = 50);
comment on table "pgetl".table_copy is 'pgetl store: state of pipelines, never replicated';
insert into "pgetl".migration (version) values (2);
alter table "pgetl".pipeline
  add column owner text not null default '',
  add column lease_until timestamptz not null default to_timestamp(0);
insert into "pgetl".migration (version) values (3);
create table "pgetl".quarantine (
  pipeline_id int not null references "pgetl".pipeline on delete cascade,
  table_oid bigint not null,
  commit_lsn pg_lsn not null,
  ordinal bigint not null,
  refused boolean not null,
  replay_lsn pg_lsn,
  replay_ordinal bigint,
  event bytea not null,
  stored_at timestamptz not null default now(),
  primary key (pipeline_id, table_oid, commit_lsn, ordinal));
create table "pgetl".quarantine_key (
  pipeline_id int not null references "pgetl".pipeline on delete cascade,
  table_oid bigint not null,
  replay_lsn pg_lsn not null,
  replay_ordinal bigint not null,
  primary key (pipeline_id, table_oid));
create table "pgetl".quarantine_epoch (
  pipeline_id int primary key references "pgetl".pipeline on delete cascade,
  epoch bigint not null);
comment on table "pgetl".quarantine is 'pgetl store: state of pipelines, never replicated';
comment on table "pgetl".quarantine_key is 'pgetl store: state of pipelines, never replicated';
comment on table "pgetl".quarantine_epoch is 'pgetl store: state of pipelines, never replicated';
insert into "pgetl".migration (version) values (4);
insert into pgetl.pipeline (name, epoch, owner) values ('orders', 4, 'host/1');
insert into pgetl.table_phase (pipeline_id, table_oid, change)
  values ((select id from pgetl.pipeline where name = 'orders'), 16384,
  '{"change":"phase","table":16384,"phase":"Init"}');
insert into pgetl.table_phase (pipeline_id, table_oid, change)
  values ((select id from pgetl.pipeline where name = 'orders'), 16384,
  '{"change":"phase","table":16384,"phase":"DataSync"}');
insert into pgetl.table_phase (pipeline_id, table_oid, change)
  values ((select id from pgetl.pipeline where name = 'orders'), 16384,
  '{"change":"phase","table":16384,"phase":"FinishedCopy"}');
insert into pgetl.table_phase (pipeline_id, table_oid, change)
  values ((select id from pgetl.pipeline where name = 'orders'), 16384,
  '{"change":"phase","table":16384,"phase":"SyncDone","lsn":"1/20"}');
insert into pgetl.table_phase (pipeline_id, table_oid, change)
  values ((select id from pgetl.pipeline where name = 'orders'), 16384,
  '{"change":"phase","table":16384,"phase":"Ready"}');
insert into pgetl.table_phase (pipeline_id, table_oid, change)
  values ((select id from pgetl.pipeline where name = 'orders'), 4294967295,
  '{"change":"phase","table":4294967295,"phase":"Errored","reason":"refused \"\u00FC\"","solution":"fix it","retry":"MANUAL","attempt":3}');
insert into pgetl.table_schema (pipeline_id, table_oid, snapshot_lsn, change)
  values ((select id from pgetl.pipeline where name = 'orders'), 16384, '0/20',
  '{"change":"schema","schema":{"table":16384,"schema":"public","name":"us\"ers","snapshot":"0/20","identity":"f","columns":[{"name":"id","type":{"oid":23,"schema":"pg_catalog","name":"int4","kind":"BASE","delimiter":","},"modifier":-1,"identity":true,"attribute":1,"nullable":false,"key":1,"default":"nextval(''users_id_seq''::regclass)"},{"name":"moods","type":{"oid":16401,"schema":"public","name":"_mood","kind":"ARRAY","delimiter":";","inner":{"oid":16400,"schema":"public","name":"mood","kind":"COMPOSITE","delimiter":",","fields":[{"name":"a","type":{"oid":25,"schema":"pg_catalog","name":"text","kind":"BASE","delimiter":","}},{"name":"b","type":{"oid":23,"schema":"pg_catalog","name":"int4","kind":"BASE","delimiter":","}}]}},"modifier":7,"identity":false,"attribute":3,"nullable":true,"key":0}]}}');
insert into pgetl.table_schema (pipeline_id, table_oid, snapshot_lsn, change)
  values ((select id from pgetl.pipeline where name = 'orders'), 16384, '0/30',
  '{"change":"schema","schema":{"table":16384,"schema":"public","name":"us\"ers","snapshot":"0/30","identity":"f","columns":[{"name":"id","type":{"oid":23,"schema":"pg_catalog","name":"int4","kind":"BASE","delimiter":","},"modifier":-1,"identity":true,"attribute":1,"nullable":false,"key":1,"default":"nextval(''users_id_seq''::regclass)"},{"name":"moods","type":{"oid":16401,"schema":"public","name":"_mood","kind":"ARRAY","delimiter":";","inner":{"oid":16400,"schema":"public","name":"mood","kind":"COMPOSITE","delimiter":",","fields":[{"name":"a","type":{"oid":25,"schema":"pg_catalog","name":"text","kind":"BASE","delimiter":","}},{"name":"b","type":{"oid":23,"schema":"pg_catalog","name":"int4","kind":"BASE","delimiter":","}}]}},"modifier":7,"identity":false,"attribute":3,"nullable":true,"key":0}]}}');
insert into pgetl.table_mapping (pipeline_id, table_oid, change)
  values ((select id from pgetl.pipeline where name = 'orders'), 16384,
  '{"change":"mapping","table":16384,"destination":"users \uD83D\uDE00"}');
insert into pgetl.slot_progress
  (pipeline_id, slot_name, system_identifier, timeline, slot_created_at, flushed_lsn)
  values ((select id from pgetl.pipeline where name = 'orders'), 'pgetl_apply_it', '7431', 2, '0/16B3748', '0/40');
insert into pgetl.table_copy (pipeline_id, table_oid, change)
  values ((select id from pgetl.pipeline where name = 'orders'), 4294967295,
  '{"change":"ranges","table":4294967295,"ranges":"a to b\n\"\u00FC\" to \\\n"}');
