/** Lightweight Charts asks for this credit wherever its logo is not shown on the chart. */
export function ChartCredit() {
  return (
    <p className="text-xs text-ink-3">
      Charts by{" "}
      <a
        className="underline underline-offset-2 hover:text-ink"
        href="https://www.tradingview.com/"
        target="_blank"
        rel="noreferrer"
      >
        TradingView
      </a>
    </p>
  );
}
