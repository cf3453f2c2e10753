import type { IndicatorColumns } from "../../api/types";
import { formatCompact, formatDecimal, NOTHING } from "../../lib/decimal";
import { formatUtc } from "../../lib/time";
import { Signed } from "../../ui/figures";
import type { Bar } from "./bars";
import { styleOf } from "./indicator-style";

interface ChartLegendProps {
  bar: Bar | undefined;
  digits: number;
  indicators: IndicatorColumns | undefined;
}

function valueAt(columns: IndicatorColumns, values: readonly (number | null)[], bar: Bar): number | null {
  const index = columns.open_ms.indexOf(bar.time * 1000);
  return (index < 0 ? values.at(-1) : values[index]) ?? null;
}

interface Group {
  label: string;
  tone: string;
  series: IndicatorColumns["series"];
}

/** Columns of one indicator stand together under its name: Bollinger's three, MACD's three. */
function groupsOf(columns: IndicatorColumns): Group[] {
  const groups = new Map<string, Group>();
  for (const series of columns.series) {
    const { group, tone } = styleOf(series.name);
    const found = groups.get(group);
    if (found) found.series.push(series);
    else groups.set(group, { label: group, tone, series: [series] });
  }
  return [...groups.values()];
}

/** The bar under the crosshair, or the newest one, in figures that keep their places. */
export function ChartLegend({ bar, digits, indicators }: ChartLegendProps) {
  const price = (value: number | undefined) =>
    value === undefined ? NOTHING : formatDecimal(value.toFixed(digits + 2), { digits });
  const fields = [
    ["Open", price(bar?.open)],
    ["High", price(bar?.high)],
    ["Low", price(bar?.low)],
    ["Close", price(bar?.close)],
    ["Volume", bar === undefined ? NOTHING : formatCompact(bar.volume.toFixed(4))],
  ] as const;
  return (
    <div className="grid min-h-14 content-start max-sm:min-h-22 gap-y-1 py-2 text-xs">
      <dl className="flex flex-wrap gap-x-4 gap-y-0.5">
        <div className="w-32">
          <dt className="sr-only">Bar opened, UTC</dt>
          <dd className="text-ink-2">{bar === undefined ? NOTHING : formatUtc(bar.time * 1000)}</dd>
        </div>
        {fields.map(([name, value]) => (
          <div key={name} className="flex gap-1.5">
            <dt className="text-ink-3">
              <abbr title={name} className="no-underline">
                {name.charAt(0)}
              </abbr>
            </dt>
            <dd className="min-w-14">{value}</dd>
          </div>
        ))}
        <div className="flex gap-1.5">
          <dt className="sr-only">Change</dt>
          <dd className="min-w-16">
            <Signed value={bar === undefined ? null : (bar.close / bar.open - 1) * 100} digits={2} unit="%" />
          </dd>
        </div>
      </dl>
      {indicators !== undefined && bar !== undefined && (
        <dl className="flex flex-wrap gap-x-4 gap-y-0.5">
          {groupsOf(indicators).map(({ label, tone, series }) => (
            <div key={label} className="flex gap-1.5">
              <dt className={tone}>{label}</dt>
              <dd>
                {series
                  .map(({ values }) => valueAt(indicators, values, bar))
                  .map((value) => (value === null ? NOTHING : formatDecimal(value.toFixed(digits + 2), { digits })))
                  .join(" / ")}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}
