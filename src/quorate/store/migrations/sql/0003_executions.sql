-- Venues count trades in each market by itself, and tell both sides of a trade under one id: an execution is known by
-- pair, trade id and action, as the desk knows it.
alter table ledger drop constraint ledger_pkey;
alter table ledger add primary key (account, pair, trade_id, action);
