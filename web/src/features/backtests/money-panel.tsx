import type { ResultMoney } from "../../api/types";
import { formatDecimal, signOf, toNumber } from "../../lib/decimal";
import { ProfitUsd } from "../../ui/figures";
import { Panel } from "../../ui/panel";

interface Step {
  name: string;
  value: string;
  kind: "sum" | "cost";
}

function stepsOf(money: ResultMoney): Step[] {
  return [
    { name: "At the candles' prices", value: money.gross, kind: "sum" },
    { name: "Fees", value: money.fees, kind: "cost" },
    { name: "Spread and slippage", value: money.spread_and_slippage, kind: "cost" },
    { name: "Funding", value: money.funding, kind: "cost" },
    { name: "Closed trades, net", value: money.net, kind: "sum" },
    ...(money.still_open === null
      ? []
      : [{ name: "Still open at the end", value: money.still_open, kind: "sum" as const }]),
  ];
}

/** From what the candles' prices gave to what was left. */
export function MoneyPanel({ money }: { money: ResultMoney }) {
  const steps = stepsOf(money);
  const widest = Math.max(...steps.map(({ value }) => Math.abs(toNumber(value))), 1e-9);
  return (
    <Panel title="Where the money went">
      <dl>
        {steps.map(({ name, value, kind }) => (
          <div
            key={name}
            className="grid grid-cols-[minmax(0,11rem)_minmax(0,1fr)_7rem] items-center gap-x-3 border-b border-line py-1.5"
          >
            <dt className={kind === "sum" ? "font-medium" : "pl-3 text-ink-2"}>{name}</dt>
            <dd aria-hidden="true">
              <svg viewBox="0 0 100 6" preserveAspectRatio="none" className="h-1.5 w-full">
                <rect
                  width={(Math.abs(toNumber(value)) / widest) * 100}
                  height="6"
                  className={kind === "cost" ? "fill-ink-3" : signOf(value) < 0 ? "fill-short" : "fill-long"}
                />
              </svg>
            </dd>
            <dd className="text-right">
              {kind === "sum" ? (
                <ProfitUsd value={value} />
              ) : (
                <span className="text-ink-2">{formatDecimal(negated(value), { digits: 2, signed: true })}</span>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

/** A cost is told as what it takes away. */
function negated(value: string): string {
  return value.startsWith("-") ? value.slice(1) : `-${value}`;
}
