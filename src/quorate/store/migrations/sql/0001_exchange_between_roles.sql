-- What the roles feed, worker and api tell each other. Market data belongs to nobody and carries no owner.
create table candles (
  feed text not null,
  pair text not null,
  timeframe text not null,
  open_ms bigint not null,
  open numeric not null,
  high numeric not null,
  low numeric not null,
  close numeric not null,
  volume double precision not null,
  primary key (feed, pair, timeframe, open_ms)
);

-- What a feed is, as its role announced it: enough for a worker in another process to take its place.
create table feeds (
  feed text primary key,
  kind text not null,
  label text not null,
  timeframe text not null,
  paced boolean not null,
  markets json not null
);

-- One row for each step, written in one transaction with its candles: a step is seen whole or not at all.
create table feed_steps (
  feed text not null,
  at_ms bigint not null,
  fresh boolean not null,
  quarantined json not null,
  primary key (feed, at_ms)
);

create unlogged table quotes (
  feed text not null,
  pair text not null,
  last numeric not null,
  bid numeric,
  ask numeric,
  at timestamptz not null,
  primary key (feed, pair)
);

create table roles (
  role text not null,
  instance text not null,
  state json not null,
  seen_at timestamptz not null default clock_timestamp(),
  primary key (role, instance)
);

create table inbox (
  id uuid primary key,
  account text not null,
  owner uuid not null,
  kind text not null,
  body json not null,
  requested_by text not null,
  idempotency_key text not null,
  created_at timestamptz not null default clock_timestamp(),
  status text not null default 'waiting' check (status in ('waiting', 'taken', 'done', 'failed')),
  reply json,
  answered_at timestamptz,
  unique (account, idempotency_key)
);
create index inbox_waiting on inbox (account, created_at) where status in ('waiting', 'taken');
