-- Projections: what the journal says, laid out for reading. Written in the transaction of the entries they come from.
-- `epoch, seq` name the entry a row was last changed by. Amounts are numeric (exact), times are feed time.
create table accounts (
  account text primary key,
  owner uuid not null,
  mode text not null,
  feed text not null,
  label text not null,
  created_at timestamptz not null,
  settings_digest text not null,
  config json not null
);
create index accounts_owner on accounts (owner);

create table portfolios (
  account text not null,
  owner uuid not null,
  name text not null,
  start_equity numeric not null,
  equity numeric not null,
  cash numeric not null,
  unrealized numeric not null,
  drawdown_pct numeric not null,
  at timestamptz not null,
  epoch integer not null,
  seq bigint not null,
  primary key (account, name)
);

create table signals (
  account text not null,
  owner uuid not null,
  id text not null,
  mode text not null,
  source text not null,
  tier text not null,
  strategy text not null,
  pair text not null,
  side text not null,
  at timestamptz not null,
  epoch integer not null,
  seq bigint not null,
  body json not null,
  primary key (account, id)
);
create index signals_order on signals (account, epoch, seq);

create table orders (
  account text not null,
  owner uuid not null,
  client_id text not null,
  intent_id text not null,
  signal_id text not null,
  portfolio text not null,
  pair text not null,
  action text not null,
  kind text not null,
  purpose text not null,
  price numeric not null,
  quantity numeric not null,
  filled numeric not null,
  state text not null,
  reason text not null,
  intended_at timestamptz not null,
  changed_at timestamptz not null,
  epoch integer not null,
  seq bigint not null,
  primary key (account, client_id)
);
create index orders_open on orders (account, pair)
  where state in ('INTENDED', 'SUBMITTED', 'ACCEPTED', 'PARTIALLY_FILLED', 'UNKNOWN');

create table ledger (
  account text not null,
  owner uuid not null,
  portfolio text not null,
  trade_id text not null,
  client_id text not null,
  pair text not null,
  action text not null,
  price numeric not null,
  quantity numeric not null,
  fee numeric not null,
  liquidity text not null,
  realized numeric not null,
  cash numeric not null,
  at timestamptz not null,
  epoch integer not null,
  seq bigint not null,
  primary key (account, trade_id)
);

create table positions (
  account text not null,
  owner uuid not null,
  portfolio text not null,
  pair text not null,
  side text not null,
  source text not null,
  signal_id text not null,
  quantity numeric not null,
  entry numeric not null,
  stop numeric not null,
  realized numeric not null,
  fees numeric not null,
  opened_at timestamptz not null,
  epoch integer not null,
  seq bigint not null,
  body json not null,
  primary key (account, portfolio, pair)
);

create table trades (
  account text not null,
  owner uuid not null,
  id text not null,
  portfolio text not null,
  signal_id text not null,
  source text not null,
  pair text not null,
  side text not null,
  quantity numeric not null,
  entry numeric not null,
  exit numeric not null,
  fees numeric not null,
  pnl numeric not null,
  r numeric not null,
  reason text not null,
  opened_at timestamptz not null,
  closed_at timestamptz not null,
  epoch integer not null,
  seq bigint not null,
  body json not null,
  primary key (account, id)
);
create index trades_order on trades (account, epoch, seq);

create table equity (
  account text not null,
  owner uuid not null,
  portfolio text not null,
  at timestamptz not null,
  equity numeric not null,
  cash numeric not null,
  unrealized numeric not null,
  drawdown_pct numeric not null,
  epoch integer not null,
  seq bigint not null,
  primary key (account, epoch, seq)
);

create table shadows (
  account text not null,
  owner uuid not null,
  id text not null,
  analyst text not null,
  pair text not null,
  side text not null,
  opened_at timestamptz not null,
  epoch integer not null,
  seq bigint not null,
  body json not null,
  primary key (account, id)
);

create table shadow_results (
  account text not null,
  owner uuid not null,
  id text not null,
  analyst text not null,
  pair text not null,
  side text not null,
  confidence numeric not null,
  opened_at timestamptz not null,
  closed_at timestamptz not null,
  r numeric,
  reason text not null,
  epoch integer not null,
  seq bigint not null,
  primary key (account, id)
);
create index shadow_results_analyst on shadow_results (account, analyst, epoch, seq);

create table breakers (
  account text not null,
  owner uuid not null,
  portfolio text not null,
  name text not null,
  scope text not null,
  tripped boolean not null,
  reason text not null,
  value text not null,
  threshold text not null,
  at timestamptz not null,
  until timestamptz,
  epoch integer not null,
  seq bigint not null,
  primary key (account, portfolio, name, scope)
);

create table trading_states (
  account text not null,
  owner uuid not null,
  scope text not null,
  state text not null,
  changed_by text not null,
  reason text not null,
  at timestamptz not null,
  epoch integer not null,
  seq bigint not null,
  primary key (account, scope)
);

create table regimes (
  account text not null,
  owner uuid not null,
  pair text not null,
  regime text not null,
  why text not null,
  at timestamptz not null,
  epoch integer not null,
  seq bigint not null,
  primary key (account, pair)
);
comment on column regimes.pair is 'empty for the regime of the whole market';

create table silences (
  account text not null,
  owner uuid not null,
  pair text not null,
  strategy text not null,
  until timestamptz not null,
  why text not null,
  at timestamptz not null,
  epoch integer not null,
  seq bigint not null,
  primary key (account, pair, strategy)
);
comment on table silences is 'until when nothing new is said about a pair: cool-downs of the council, pauses of strategies';
comment on column silences.strategy is 'empty for the cool-down of the council';

create table markets (
  account text not null,
  owner uuid not null,
  pair text not null,
  epoch integer not null,
  seq bigint not null,
  body json not null,
  primary key (account, pair)
);

create table slots (
  account text not null,
  owner uuid not null,
  job text not null,
  slot text not null,
  instant timestamptz not null,
  outcome text not null check (outcome in ('completed', 'failed')),
  report json,
  error text,
  epoch integer not null,
  seq bigint not null,
  primary key (account, job, slot)
);
create index slots_order on slots (account, epoch, seq);
-- A failed slot may be run again to its end; a completed one never.
