/** Complete values in the desk's shapes for tests; every test says only what it is about. */
import type { Breaker, EquityPoint, Portfolio, Position, Price, Signal, Stake } from "../api/types";

export function aStake(changes: Partial<Stake> = {}): Stake {
  return {
    name: "aggressive",
    size_usd: "1236.11",
    quantity: "0.0134",
    final_risk_pct: "0.1236",
    factors: {},
    blocked_by: null,
    ...changes,
  };
}

export function aSignal(changes: Partial<Signal> = {}): Signal {
  const targets = [
    { price: "110", fraction: "0.33" },
    { price: "120", fraction: "0.5" },
    { price: "130", fraction: "1" },
  ];
  return {
    id: "signal-1",
    mode: "paper",
    source: "council",
    tier: "gold",
    symbol: "BTCUSDT",
    pair: "BTC/USDT",
    action: "BUY",
    side: "LONG",
    strategy: "council",
    regime: "TRENDING_UP",
    confidence: 0.8436,
    entry_price: 100,
    entry_kind: "market",
    stop_loss: 90,
    take_profit: 130,
    targets,
    plan: {
      stop: "90",
      targets,
      break_even_target: 1,
      break_even_r: null,
      trail_target: 2,
      trail_r: null,
      trail_distance: "8",
      expires: null,
    },
    risk_reward_ratio: 3,
    position_size_usd: 400,
    portfolios: [aStake()],
    indicators: { rsi_14: 61, macd_signal: 1, atr_14: 5, volume_ratio: 1.2 },
    votes: [
      vote("trend", "LONG"),
      vote("breakout", "LONG"),
      { ...vote("momentum", "SHORT"), reason: "RSI 38 and falling." },
    ],
    timestamp: "2026-11-20T07:00:00Z",
    metadata: { model_version: "rules-1", latency_ms: 3, snapshot: "ab".repeat(32), estimated: ["spread"] },
    ...changes,
  };
}

function vote(analyst: string, side: "LONG" | "SHORT") {
  return { analyst, side, confidence: 0.7, entry: "100", stop: "90", target: "130", reason: "Why.", abstained: false };
}

export function aPosition(changes: Partial<Position> = {}): Position {
  return {
    pair: "BTC/USDT",
    side: "LONG",
    quantity: "0.5",
    entry: "100",
    mark: "104",
    stop: "90",
    initial_stop: "90",
    leverage: "1",
    liquidation: null,
    funding: "0",
    targets: [
      { price: "110", fraction: "0.33", hit: true },
      { price: "120", fraction: "1", hit: false },
    ],
    realized: "0",
    unrealized: "2",
    r_now: 0.4,
    opened_at: "2026-11-20T07:00:00Z",
    signal_id: "signal-1",
    source: "council",
    ...changes,
  };
}

export function aBook(changes: Partial<Portfolio> = {}): Portfolio {
  return {
    name: "aggressive",
    sources: ["council"],
    tiers: ["gold", "silver"],
    market: "perp",
    start_equity: "10000",
    equity: "10250.5",
    cash: "10000",
    unrealized: "250.5",
    gross_exposure: 0.2,
    positions: [],
    open_orders: [],
    blocked: false,
    as_of: "2026-11-20T07:00:00Z",
    ...changes,
  };
}

export function aBreaker(changes: Partial<Breaker> = {}): Breaker {
  return {
    portfolio: "aggressive",
    name: "daily_loss",
    scope: "",
    tripped: false,
    known: true,
    reason: "nothing lost today",
    value: "1.0512 %",
    limit: "5 %",
    since: null,
    until: null,
    ...changes,
  };
}

export function aPrice(changes: Partial<Price> = {}): Price {
  return {
    pair: "BTC/USDT",
    last: "105",
    bid: "104.9",
    ask: "105.1",
    change_24h_pct: 1.5,
    volume_24h: 1000,
    at: "2026-11-20T07:02:00Z",
    age_ms: 100,
    estimated: [],
    ...changes,
  };
}

export function aPoint(changes: Partial<EquityPoint> = {}): EquityPoint {
  return {
    id: "1-1",
    timestamp: "2026-11-20T07:00:00Z",
    portfolio: "aggressive",
    equity: "10000",
    cash: "10000",
    unrealized: "0",
    drawdown_pct: 0,
    ...changes,
  };
}
