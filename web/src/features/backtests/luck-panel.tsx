import type { BacktestResult, ResultBaseline } from "../../api/types";
import { NOTHING } from "../../lib/decimal";
import { Panel } from "../../ui/panel";
import { Cell, HeadCell, RowHead, Table } from "../../ui/table";
import { Defined } from "./defined";
import { told, valueWords } from "./words";

const ON_WIDE = "max-sm:hidden";
const MIDDLE = 2;

function typical({ quantiles, unit }: ResultBaseline): string {
  const value = quantiles.length > 1 ? quantiles[MIDDLE] : quantiles[0];
  return valueWords(value ?? null, unit, { signed: true });
}

function spread({ quantiles, unit }: ResultBaseline): string {
  const [low, high] = [quantiles[0], quantiles.at(-1)];
  if (quantiles.length < 2 || low === undefined || high === undefined) return NOTHING;
  return `${valueWords(low, unit, { signed: true })} to ${valueWords(high, unit, { signed: true })}`;
}

/** What luck and doing nothing would have made of the same candles, at the same costs. */
export function LuckPanel({ result }: { result: BacktestResult }) {
  return (
    <Panel title="Against luck and holding">
      {result.baselines.length === 0 ? (
        <p className="py-3 text-ink-2">
          It was not held against anything. Run it again with &ldquo;Ask whether luck does as well&rdquo;.
        </p>
      ) : (
        <Table
          caption="The backtest against its baselines"
          head={
            <>
              <HeadCell>Against</HeadCell>
              <HeadCell number>It made</HeadCell>
              <HeadCell number>Typical</HeadCell>
              <HeadCell number className={ON_WIDE}>
                5 to 95 %
              </HeadCell>
              <HeadCell number>Beaten</HeadCell>
            </>
          }
        >
          {result.baselines.map((baseline) => (
            <tr key={baseline.name} className="border-b border-line align-baseline">
              <RowHead className="py-1 font-normal whitespace-normal!">
                <Defined label={told(baseline.label)}>
                  <p>{told(baseline.sentence)}</p>
                  <p className="text-ink-3">{told(baseline.definition)}</p>
                </Defined>
                <span className="block text-xs text-ink-3">
                  {baseline.measure}
                  {baseline.draws > 1 && `, ${valueWords(baseline.draws, "count")} draws`}
                </span>
              </RowHead>
              <Cell number>{valueWords(baseline.value, baseline.unit, { signed: true })}</Cell>
              <Cell number>{typical(baseline)}</Cell>
              <Cell number className={`text-ink-2 ${ON_WIDE}`}>
                {spread(baseline)}
              </Cell>
              <Cell number>
                {baseline.percentile === null
                  ? NOTHING
                  : valueWords(baseline.percentile / 100, "share").replace(/\.\d+/, "")}
              </Cell>
            </tr>
          ))}
        </Table>
      )}
      {result.other_orders !== null && (
        <div className="pt-3 text-ink-2">
          <Defined label="The same trades in another order">
            <p>{result.other_orders.method}</p>
          </Defined>
          <p className="mt-1">{told(result.other_orders.sentence)}</p>
        </div>
      )}
    </Panel>
  );
}
