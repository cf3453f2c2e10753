import { useQuery } from "@tanstack/react-query";
import { riskQuery } from "../../api/queries";
import type { Breaker } from "../../api/types";
import { formatDecimal } from "../../lib/decimal";
import { formatUtc, parseTime } from "../../lib/time";
import { plainWords, sentenceCase } from "../../lib/words";
import { FeedAge } from "../../ui/age";
import { CheckIcon, CrossIcon, QuestionIcon } from "../../ui/icons";
import { Panel } from "../../ui/panel";
import { Empty, Skeleton, View } from "../../ui/states";
import { Cell, HeadCell, RowHead, Table } from "../../ui/table";
import { boardOf, type Field } from "./board";

const MARKS = {
  ok: { Icon: CheckIcon, words: "ok", tone: "text-ink-2" },
  unknown: { Icon: QuestionIcon, words: "unknown", tone: "text-warn" },
  tripped: { Icon: CrossIcon, words: "tripped", tone: "rounded-sm bg-halt px-1 font-medium text-on-halt" },
} as const;

/** "1.05 of 5 %": rounded, and with the unit said once where both share it. A gain is no loss: "0 of 5 %". */
function valueAndLimit({ known, value, limit }: Breaker): string {
  if (!known) return `limit ${limit}`;
  const [number = "", unit] = value.split(" ");
  if (unit === undefined || !limit.endsWith(` ${unit}`)) return `${value} of ${limit}`;
  return `${number.startsWith("-") ? "0" : formatDecimal(number, { digits: 2 })} of ${limit}`;
}

function FieldCell({ field }: { field: Field | null }) {
  if (field === null) return <Cell className="text-ink-3">not used</Cell>;
  const { Icon, words, tone } = MARKS[field.state];
  const { reason } = field.breaker;
  return (
    <Cell className="py-1 align-top">
      <span className={`inline-flex items-center gap-1 ${tone}`} title={reason || undefined}>
        <Icon className="size-3.5" />
        {words}
      </span>
      <span className="block text-xs whitespace-normal text-ink-3">{valueAndLimit(field.breaker)}</span>
    </Cell>
  );
}

function Tripped({ breaker }: { breaker: Breaker }) {
  return (
    <li className="border-b border-line py-2">
      <p className="font-medium">
        {breaker.portfolio}: {plainWords(breaker.name)}
        {breaker.scope !== "" && `, ${breaker.scope} only`}
      </p>
      <p className="text-xs text-ink-2">
        {breaker.reason.replace(/\.$/, "")}.
        {breaker.since !== null && (
          <>
            {" "}
            Tripped <FeedAge at={breaker.since} word="ago" />
            {breaker.until !== null && `, until ${formatUtc(parseTime(breaker.until))} UTC`}.
          </>
        )}
      </p>
    </li>
  );
}

const LOADING = (
  <div className="grid gap-2 pt-3">
    {Array.from({ length: 7 }, (_, index) => (
      <Skeleton key={index} className="h-10 w-full" />
    ))}
  </div>
);

/** Every circuit breaker of every book: its state, its value and its limit. */
export function BreakerBoard({ className = "" }: { className?: string }) {
  const query = useQuery(riskQuery);
  return (
    <Panel
      title="Breakers"
      className={className}
      aside={<span className="text-xs text-ink-3">block openings, never closings</span>}
    >
      <View what="Breakers" query={query} skeleton={LOADING}>
        {(data) => {
          const board = boardOf(data.breakers);
          if (board.names.length === 0)
            return (
              <Empty title="No breaker has been looked at yet">They are checked at every close of the feed.</Empty>
            );
          return (
            <>
              {board.tripped.length > 0 && (
                <ul aria-label="Tripped breakers">
                  {board.tripped.map((breaker) => (
                    <Tripped key={`${breaker.portfolio} ${breaker.name} ${breaker.scope}`} breaker={breaker} />
                  ))}
                </ul>
              )}
              <Table
                caption="Circuit breakers by book"
                className="max-sm:text-xs"
                head={
                  <>
                    <HeadCell>Breaker</HeadCell>
                    {board.books.map((book) => (
                      <HeadCell key={book}>{book}</HeadCell>
                    ))}
                  </>
                }
              >
                {board.names.map((name) => (
                  <tr key={name} className="border-b border-line">
                    <RowHead className="py-1 align-top whitespace-normal!">{sentenceCase(name)}</RowHead>
                    {board.books.map((book) => (
                      <FieldCell key={book} field={board.field(name, book)} />
                    ))}
                  </tr>
                ))}
              </Table>
            </>
          );
        }}
      </View>
    </Panel>
  );
}
