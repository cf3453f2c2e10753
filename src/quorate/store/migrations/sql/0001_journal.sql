-- The journal: append-only, one sequence, one hash chain. `body` is json, not jsonb: the exact text that was hashed.
create table journal (
  epoch integer not null,
  seq bigint not null,
  account text not null,
  owner uuid not null,
  kind text not null,
  subject text not null,
  at timestamptz not null,
  recorded_at timestamptz not null default clock_timestamp(),
  body json not null,
  digest bytea not null,
  hash bytea not null,
  primary key (epoch, seq)
);
comment on column journal.at is 'feed time of the batch the entry belongs to';
-- One for each published stream, and for what is looked up by kind, so that no reader scans the rest.
create index journal_signals_paper on journal (epoch, seq, account)
  where kind = 'SignalPublished' and body #>> '{signal,mode}' = 'paper';
create index journal_signals_live on journal (epoch, seq, account)
  where kind = 'SignalPublished' and body #>> '{signal,mode}' = 'live';
create index journal_equity on journal (epoch, seq, account) where kind = 'EquityMarked';
create index journal_trades on journal (epoch, seq, account) where kind = 'TradeClosed';
create index journal_ballots on journal (account, epoch, seq) where kind = 'VotesCast';
create index journal_snapshots on journal (account, subject) where kind = 'SnapshotTaken';
create index journal_accounts on journal (account, epoch, seq) where kind = 'AccountOpened';

create table journal_head (
  single boolean primary key default true check (single),
  epoch integer not null,
  seq bigint not null,
  hash bytea not null
);
insert into journal_head (epoch, seq, hash) values (1, 0, decode(repeat('00', 32), 'hex'));

create table leases (
  account text primary key,
  owner uuid not null,
  token bigint not null,
  holder text not null,
  taken_at timestamptz not null default clock_timestamp()
);

-- Lock the chain's head and give the fencing token each account has now. The two statements see two snapshots: whoever
-- waited for the lock sees every token that was raised while it waited.
create function journal_open(
  in accounts text[], out epoch integer, out seq bigint, out hash bytea, out tokens bigint[]
) language plpgsql as $$
begin
  select h.epoch, h.seq, h.hash into epoch, seq, hash from journal_head h for update;
  tokens := array(
    select l.token from unnest(accounts) with ordinality as a(account, place)
      left join leases l on l.account = a.account order by a.place
  );
end $$;

create function journal_close(new_epoch integer, new_seq bigint, new_hash bytea) returns void language sql as $$
  update journal_head set epoch = new_epoch, seq = new_seq, hash = new_hash;
  select pg_notify('journal', new_epoch || '-' || new_seq);
$$;

create table checkpoints (
  account text not null,
  owner uuid not null,
  epoch integer not null,
  seq bigint not null,
  taken_at timestamptz not null default clock_timestamp(),
  digest bytea not null,
  body bytea not null,
  primary key (account, epoch, seq)
);
