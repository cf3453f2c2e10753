import type { ResultMonth } from "../../api/types";
import { NOTHING } from "../../lib/decimal";
import { Panel } from "../../ui/panel";
import { Cell, HeadCell, RowHead, Table } from "../../ui/table";
import { yearOf } from "./months";
import { valueWords } from "./words";

const NAMES = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function Change({ month }: { month: ResultMonth | undefined }) {
  if (month === undefined) return null;
  if (month.change === null) return <span className="text-ink-3">{NOTHING}</span>;
  const tone = month.change > 0 ? "text-long" : month.change < 0 ? "text-short" : "";
  return (
    <span className={tone}>
      {valueWords(month.change, "share", { signed: true }).replace(" %", "")}
      {!month.whole && (
        <>
          <span aria-hidden="true">*</span>
          <span className="sr-only"> (not a whole month)</span>
        </>
      )}
    </span>
  );
}

/** What every month made of the equity it began with. */
export function MonthsTable({ months }: { months: readonly ResultMonth[] }) {
  const years = [...new Set(months.map(({ year }) => year))];
  return (
    <Panel title="Months" aside={<span className="text-xs text-ink-3">change in %, * is not whole</span>}>
      <Table
        caption="Return of every month in percent"
        head={
          <>
            <HeadCell>Year</HeadCell>
            {NAMES.map((name) => (
              <HeadCell key={name} number>
                {name}
              </HeadCell>
            ))}
            <HeadCell number>Year</HeadCell>
          </>
        }
      >
        {years.map((year) => {
          const own = months.filter((month) => month.year === year);
          return (
            <tr key={year} className="border-b border-line">
              <RowHead>{year}</RowHead>
              {NAMES.map((name, index) => (
                <Cell key={name} number>
                  <Change month={own.find(({ month }) => month === index + 1)} />
                </Cell>
              ))}
              <Cell number className="font-medium">
                {valueWords(yearOf(own), "share", { signed: true }).replace(" %", "")}
              </Cell>
            </tr>
          );
        })}
      </Table>
    </Panel>
  );
}
