import type { BacktestResult, ResultFigure } from "../../api/types";
import { Panel } from "../../ui/panel";
import { Cell, HeadCell, RowHead, Table } from "../../ui/table";
import { Defined } from "./defined";
import { figureWords, intervalWords } from "./words";

const KEY = ["total_return", "max_drawdown", "sharpe", "expectancy_r", "profit_factor", "win_rate", "trades", "cagr"];
const COLUMNS = [
  ["Return", "Risk"],
  ["Trades", "Activity"],
] as const;

function toneOf(figure: ResultFigure): string {
  const signed = ["total_return", "net_profit", "cagr", "expectancy_r", "expectancy", "sharpe"].includes(figure.name);
  if (!signed || figure.value === null || figure.value === 0) return "";
  return figure.value > 0 ? "text-long" : "text-short";
}

/** The few figures that are looked at first. */
export function KeyFigures({ figures }: { figures: readonly ResultFigure[] }) {
  const found = KEY.flatMap((name) => figures.filter((figure) => figure.name === name));
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-4 sm:grid-cols-4 xl:grid-cols-8">
      {found.map((figure) => (
        <div key={figure.name} className="min-w-0">
          <dt className="text-xs text-ink-3">{figure.label}</dt>
          <dd className={`text-base font-semibold whitespace-nowrap ${toneOf(figure)}`}>{figureWords(figure)}</dd>
          {intervalWords(figure) !== null && (
            <dd className="text-xs text-ink-3" title={`${(figure.level ?? 0) * 100} % interval`}>
              {intervalWords(figure)}
            </dd>
          )}
        </div>
      ))}
    </dl>
  );
}

function Rows({ group, figures }: { group: string; figures: readonly ResultFigure[] }) {
  if (figures.length === 0) return null;
  return (
    <>
      <tr>
        <th scope="colgroup" colSpan={3} className="h-8 pt-3 text-left text-xs font-medium text-ink-3">
          {group}
        </th>
      </tr>
      {figures.map((figure) => (
        <tr key={figure.name} className="border-b border-line align-baseline">
          <RowHead className="py-1 font-normal whitespace-normal!">
            <Defined label={figure.label}>
              <p>{figure.definition}</p>
              {figure.basis !== "" && <p className="text-ink-3">From {figure.basis}.</p>}
              {figure.level !== null && figure.method !== "" && <p className="text-ink-3">{figure.method}</p>}
            </Defined>
          </RowHead>
          <Cell number className={toneOf(figure)}>
            {figureWords(figure)}
          </Cell>
          <Cell number className="text-ink-2">
            {intervalWords(figure)}
          </Cell>
        </tr>
      ))}
    </>
  );
}

/** Every figure with its interval; what it means is told when its name is pressed. */
export function FiguresPanel({ result }: { result: BacktestResult }) {
  return (
    <Panel title="Figures" aside={<span className="text-xs text-ink-3">press a name for what it means</span>}>
      <div className="grid gap-x-10 xl:grid-cols-2">
        {COLUMNS.map((groups) => (
          <Table
            key={groups.join()}
            caption={`Figures: ${groups.join(", ").toLowerCase()}`}
            head={
              <>
                <HeadCell>Figure</HeadCell>
                <HeadCell number>Value</HeadCell>
                <HeadCell number>95 % interval</HeadCell>
              </>
            }
          >
            {groups.map((group) => (
              <Rows key={group} group={group} figures={result.figures.filter((figure) => figure.group === group)} />
            ))}
          </Table>
        ))}
      </div>
    </Panel>
  );
}
