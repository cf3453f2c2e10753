-- What a live desk knows of its venue: orders as the venue numbers them, positions without a stop, order books that are
-- not to be relied on, somebody else's orders, breaks. What the journal says of them already is laid out here as well.
alter table orders
  add column venue_id text not null default '',
  add column sent_at timestamptz,
  add column cancel_at timestamptz;
create index orders_ended on orders (account, epoch, seq)
  where state in ('DENIED', 'FILLED', 'CANCELLED', 'REJECTED', 'VOID');

create table unprotected (
  account text not null,
  owner uuid not null,
  portfolio text not null,
  pair text not null,
  reason text not null,
  at timestamptz not null,
  epoch integer not null,
  seq bigint not null,
  primary key (account, portfolio, pair)
);
comment on table unprotected is 'open positions that have no stop at the venue, since when that is an alarm';

create table blocked_books (
  account text not null,
  owner uuid not null,
  pair text not null,
  reason text not null,
  at timestamptz not null,
  epoch integer not null,
  seq bigint not null,
  primary key (account, pair)
);
comment on table blocked_books is 'pairs on which nothing is opened, because the order book of the venue is not live';

create table external_orders (
  account text not null,
  owner uuid not null,
  pair text not null,
  venue_id text not null,
  action text not null,
  open_quantity numeric not null,
  price numeric,
  at timestamptz not null,
  epoch integer not null,
  seq bigint not null,
  primary key (account, pair, venue_id)
);
comment on table external_orders is 'open orders on the account that are not ours';

create table breaks (
  account text not null,
  owner uuid not null,
  subject text not null,
  expected numeric not null,
  found numeric not null,
  reason text not null,
  reckoned boolean not null,
  at timestamptz not null,
  epoch integer not null,
  seq bigint not null,
  primary key (account, epoch, seq)
);
comment on table breaks is 'differences between the ledger and the venue that nothing explains';

insert into unprotected (account, owner, portfolio, pair, reason, at, epoch, seq)
select account, owner, body ->> 'portfolio', body ->> 'pair', body ->> 'reason',
  to_timestamp((body ->> 'at_ms')::bigint / 1000.0), epoch, seq
from (
  select distinct on (account, subject) account, owner, epoch, seq, body from journal
  where kind = 'ProtectionChanged' order by account, subject, epoch desc, seq desc
) newest where not (body ->> 'protected')::boolean;

insert into blocked_books (account, owner, pair, reason, at, epoch, seq)
select account, owner, body ->> 'pair', body ->> 'reason',
  to_timestamp((body ->> 'at_ms')::bigint / 1000.0), epoch, seq
from (
  select distinct on (account, subject) account, owner, epoch, seq, body from journal
  where kind = 'BookStatusChanged' order by account, subject, epoch desc, seq desc
) newest where not (body ->> 'live')::boolean;

insert into external_orders (account, owner, pair, venue_id, action, open_quantity, price, at, epoch, seq)
select account, owner, body #>> '{order,pair}', body #>> '{order,venue_id}', body #>> '{order,action}',
  (body #>> '{order,open_quantity}')::numeric, (body #>> '{order,price}')::numeric,
  to_timestamp((body #>> '{order,at_ms}')::bigint / 1000.0), epoch, seq
from (
  select distinct on (account, body #>> '{order,pair}', subject) account, owner, epoch, seq, body from journal
  where kind = 'ExternalOrderChanged' order by account, body #>> '{order,pair}', subject, epoch desc, seq desc
) newest where (body #>> '{order,open_quantity}')::numeric > 0;

insert into breaks (account, owner, subject, expected, found, reason, reckoned, at, epoch, seq)
select account, owner, body ->> 'subject', (body ->> 'expected')::numeric, (body ->> 'found')::numeric,
  body ->> 'reason', coalesce((body ->> 'reckoned')::boolean, false),
  to_timestamp((body ->> 'at_ms')::bigint / 1000.0), epoch, seq
from journal where kind = 'BreakFound';

-- Orders that may still change a position; of those that have ended it does not matter any more.
update orders o set venue_id = told.venue_id, sent_at = told.sent_at, cancel_at = told.cancel_at
from (
  select j.account, j.subject as client_id,
    coalesce(max(j.body ->> 'venue_id') filter (where j.kind = 'OrderAccepted'), '') as venue_id,
    max(to_timestamp((j.body ->> 'at_ms')::bigint / 1000.0)) filter (where j.kind = 'OrderSubmitted') as sent_at,
    max(to_timestamp((j.body ->> 'at_ms')::bigint / 1000.0)) filter (where j.kind = 'CancelRequested') as cancel_at
  from journal j join orders open using (account)
  where j.kind in ('OrderSubmitted', 'OrderAccepted', 'CancelRequested') and j.subject = open.client_id
    and open.state in ('INTENDED', 'SUBMITTED', 'ACCEPTED', 'PARTIALLY_FILLED', 'UNKNOWN')
  group by j.account, j.subject
) told where o.account = told.account and o.client_id = told.client_id;

do $$
declare
  name text;
begin
  if not exists (select from pg_roles where rolname = 'quorate') then
    return;
  end if;
  foreach name in array array['unprotected', 'blocked_books', 'external_orders', 'breaks'] loop
    execute format('grant select, insert, update, delete on table %I to quorate', name);
  end loop;
end $$;
