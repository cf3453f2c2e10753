-- Who may do what. The runtime role cannot change or remove an entry: the journal only grows.
do $$
declare
  name text;
begin
  if not exists (select from pg_roles where rolname = 'quorate') then
    return;
  end if;
  execute format('grant usage on schema %I to quorate', current_schema());
  foreach name in array array[
    'accounts', 'portfolios', 'signals', 'orders', 'ledger', 'positions', 'trades', 'equity', 'shadows',
    'shadow_results', 'breakers', 'trading_states', 'regimes', 'markets', 'slots', 'candles', 'feeds', 'feed_steps',
    'quotes', 'roles', 'inbox', 'leases', 'checkpoints', 'silences'
  ] loop
    execute format('grant select, insert, update, delete on table %I to quorate', name);
  end loop;
  grant select, insert on table journal to quorate;
  grant select, update on table journal_head to quorate;
  grant select on table alembic_version to quorate;
end $$;
