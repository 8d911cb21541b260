-- Intent: what is wanted now, as last asked for. The log has how it came to be.
create table container_intent (
  id          text primary key,
  namespace   text not null,
  name        text not null,
  requested   timestamptz not null,
  unique (namespace, name)
);

create table workload_intent (
  namespace   text not null,
  name        text not null,
  revision    integer not null,
  replicas    integer not null,
  spec_digest text not null,
  removed     boolean not null default false,
  primary key (namespace, name)
);

create table named_intent (
  kind        text not null,
  name        text not null,
  body        bytea not null,
  primary key (kind, name)
);

-- A request that comes again with the same key gets the first answer.
create table idempotency (
  key          text primary key,
  request_hash text not null,
  status       integer not null,
  answer       text not null,
  made         timestamptz not null
);

-- What Debezium carries to the log. Sequence numbers are gapless: the counter is a row, not a sequence, and a
-- transaction that rolls back gives its number back.
create table outbox_counter (
  source      text primary key,
  last        bigint not null
);

create table outbox (
  id            uuid primary key,
  aggregatetype text not null,
  aggregateid   text not null,
  topic         text not null,
  subject       text not null,
  type          text not null,
  sequence      bigint not null unique,
  occurred      text not null,
  actor         text not null,
  traceparent   text,
  payload       bytea not null
);
