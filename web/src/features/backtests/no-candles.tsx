import { Empty } from "../../ui/states";

function Command({ children }: { children: string }) {
  return (
    <code className="mt-1 block rounded-sm bg-accent-quiet px-2 py-1.5 text-left font-mono text-xs wrap-anywhere">
      {children}
    </code>
  );
}

/** Says how candles come here: the desk downloads none by itself. */
export function NoCandles() {
  return (
    <Empty title="No candles are recorded here">
      <p>A backtest runs over recorded candles. Download some from an exchange:</p>
      <Command>quorate data download --pairs BTC/USDT ETH/USDT --timeframe 5m,1h --days 365</Command>
      <p className="mt-3">Or bring your own, from freqtrade, Binance Vision, Kraken or any CSV:</p>
      <Command>quorate data import user_data/data/binance</Command>
      <p className="mt-3">They are found here as soon as they are there.</p>
    </Empty>
  );
}
