-- Records of analysts, what asking them cost, what the optimizer set, lessons, funding: and their grants.
alter table shadow_results
  add column record text not null default 'rules',
  add column contaminated boolean not null default false,
  add column regime text not null default 'NEUTRAL',
  add column opposite_of text not null default '',
  add column hold_r numeric,
  add column risk_share numeric not null default 0;

create table records (
  account text not null,
  owner uuid not null,
  analyst text not null,
  record text not null,
  knowledge_cutoff text,
  at timestamptz not null,
  epoch integer not null,
  seq bigint not null,
  primary key (account, epoch, seq)
);
comment on table records is 'every beginning of a record: an analyst that goes back to an earlier key has two rows of it';

create table council_votes (
  account text not null,
  owner uuid not null,
  slot text not null,
  at timestamptz not null,
  analyst text not null,
  voted integer not null,
  abstained integer not null,
  epoch integer not null,
  seq bigint not null,
  primary key (account, epoch, seq, analyst)
);
create index council_votes_analyst on council_votes (account, analyst, at);

create table council_asks (
  account text not null,
  owner uuid not null,
  slot text not null,
  at timestamptz not null,
  analyst text not null,
  record text not null,
  code text not null,
  prompt text not null,
  input_tokens integer not null,
  output_tokens integer not null,
  cost_usd numeric not null,
  latency_ms integer not null,
  repeats integer not null,
  flips integer not null,
  epoch integer not null,
  seq bigint not null,
  primary key (account, epoch, seq, analyst)
);
create index council_asks_analyst on council_asks (account, analyst, at);
create index council_asks_prompt on council_asks (account, prompt);

create table optimizations (
  account text not null,
  owner uuid not null,
  version integer not null,
  at timestamptz not null,
  changed_by text not null,
  epoch integer not null,
  seq bigint not null,
  body json not null,
  primary key (account, epoch, seq)
);

create table lessons (
  account text not null,
  owner uuid not null,
  trade text not null,
  pair text not null,
  at timestamptz not null,
  epoch integer not null,
  seq bigint not null,
  body json not null,
  primary key (account, trade)
);
create index lessons_order on lessons (account, epoch, seq);

create table funding (
  account text not null,
  owner uuid not null,
  portfolio text not null,
  pair text not null,
  side text not null,
  rate numeric not null,
  notional numeric not null,
  amount numeric not null,
  at timestamptz not null,
  epoch integer not null,
  seq bigint not null,
  primary key (account, epoch, seq)
);

-- What the four agents decided is read from the journal itself, newest first, a kind at a time.
create index journal_decisions on journal (account, kind, epoch, seq) where kind in (
  'RegimeChanged', 'MarketRegimeChanged', 'CouncilAsked', 'SignalPublished', 'OrderDenied', 'BreakerChanged',
  'TradingStateChanged', 'KillSwitchRearmed', 'PositionsEvaluated', 'PositionChanged', 'TradeClosed'
);

do $$
declare
  name text;
begin
  if not exists (select from pg_roles where rolname = 'quorate') then
    return;
  end if;
  foreach name in array array['records', 'council_votes', 'council_asks', 'optimizations', 'lessons', 'funding'] loop
    execute format('grant select, insert, update, delete on table %I to quorate', name);
  end loop;
end $$;
