import { Fragment, useId, useState } from "react";
import { Link } from "react-router";
import type { CouncilCycle, PairVotes, Vote } from "../../api/types";
import { formatPercent, formatPrice, priceDigits } from "../../lib/decimal";
import { marketPath } from "../../lib/links";
import { formatUtc, parseTime } from "../../lib/time";
import { Button } from "../../ui/button";
import { ChevronIcon, WarnIcon } from "../../ui/icons";
import { SideMark } from "../../ui/side";
import { Empty } from "../../ui/states";
import { Cell, HeadCell, RowHead, Table } from "../../ui/table";
import { fateOf, fieldOf, rowsOf, sidesWords } from "./matrix";
import { Outcome } from "./outcome";
import { VoteField } from "./vote-field";

const STEP = 20;

function levels({ entry, stop, target }: Vote): string | null {
  if (entry === null || stop === null || target === null) return null;
  const digits = priceDigits(entry, stop, target);
  const [at, out, to] = [entry, stop, target].map((price) => formatPrice(price, digits));
  return `entry ${at}, stop ${out}, target ${to}`;
}

/** Every opinion on one pair in the analysts' own words. */
function Reasons({ pair, panel }: { pair: PairVotes; panel: number }) {
  return (
    <div className="grid gap-2 py-2 whitespace-normal max-sm:sticky max-sm:left-0 max-sm:w-[calc(100vw-3rem)] sm:w-0 sm:min-w-full sm:pl-5">
      <div className="sm:hidden">
        <Disagreement pair={pair} /> <Outcome pair={pair} panel={panel} />
      </div>
      <ul className="grid gap-x-8 gap-y-2 md:grid-cols-2 xl:grid-cols-3">
        {pair.votes.map((vote) => (
          <li key={vote.analyst} className="min-w-0">
            <p className="flex items-baseline gap-2">
              <span className="font-medium">{vote.analyst}</span>
              {vote.abstained ? (
                <span className="text-xs text-ink-3">abstained</span>
              ) : (
                <SideMark side={vote.side} className="text-xs" />
              )}
            </p>
            <p className="break-words text-ink-2">{vote.reason}</p>
            {levels(vote) !== null && <p className="text-xs text-ink-3">{levels(vote)}</p>}
          </li>
        ))}
      </ul>
      {pair.flat.length > 0 && <p className="text-xs text-ink-3">Flat, nothing to do here: {pair.flat.join(", ")}.</p>}
      <p className="text-xs">
        <Link to={marketPath(pair.pair)} className="text-accent underline underline-offset-4">
          Market of {pair.pair}
        </Link>
      </p>
    </div>
  );
}

function Disagreement({ pair }: { pair: PairVotes }) {
  return (
    <span title={sidesWords(pair)} className="inline-flex items-baseline gap-2">
      <span className="w-10 text-right">{formatPercent(String(pair.disagreement), { digits: 0 })}</span>
      {pair.opposed && (
        <span className="inline-flex items-baseline gap-1 text-xs font-medium text-warn">
          <WarnIcon className="size-3 self-center" />
          opposed
        </span>
      )}
    </span>
  );
}

function Row({ pair, panel }: { pair: PairVotes; panel: readonly string[] }) {
  const [open, setOpen] = useState(false);
  const details = useId();
  return (
    <Fragment>
      <tr className={open ? "" : "border-b border-line"}>
        <RowHead className="sticky left-0 bg-page pr-2">
          <button
            type="button"
            aria-expanded={open}
            aria-controls={open ? details : undefined}
            aria-label={`${pair.pair}, reasons`}
            onClick={() => setOpen(!open)}
            className="flex items-center gap-1.5 py-1"
          >
            <ChevronIcon className={`size-3 text-ink-3 ${open ? "rotate-90" : ""}`} />
            {pair.pair}
          </button>
          <span className="block pb-1 pl-4.5 text-xs font-normal text-ink-3 sm:hidden">
            {fateOf(pair) === "no quorum" ? pair.opposed && "opposed" : fateOf(pair)}
          </span>
        </RowHead>
        {panel.map((analyst) => (
          <Cell key={analyst}>
            <VoteField field={fieldOf(pair, analyst)} />
          </Cell>
        ))}
        <Cell className="max-sm:hidden">
          <Disagreement pair={pair} />
        </Cell>
        <Cell className="min-w-44 py-1 max-sm:hidden">
          <Outcome pair={pair} panel={panel.length} />
        </Cell>
      </tr>
      {open && (
        <tr id={details} className="border-b border-line">
          <td colSpan={panel.length + 3}>
            <Reasons pair={pair} panel={panel.length} />
          </td>
        </tr>
      )}
    </Fragment>
  );
}

function head(panel: readonly string[]) {
  return (
    <>
      <HeadCell className="sticky left-0 bg-page">Pair</HeadCell>
      {panel.map((analyst) => (
        <HeadCell key={analyst}>{analyst}</HeadCell>
      ))}
      <HeadCell className="max-sm:hidden">Disagree</HeadCell>
      <HeadCell className="max-sm:hidden">What the quorum made of it</HeadCell>
    </>
  );
}

/** Analysts across, pairs down, every opinion as it was given; a pair opens to the reasons. */
export function VoteMatrix({ cycle }: { cycle: CouncilCycle }) {
  const [shown, setShown] = useState(STEP);
  const rows = rowsOf(cycle);
  if (rows.length === 0)
    return <Empty title="Nobody took a side">Every analyst was flat on every pair, or abstained.</Empty>;
  const hidden = rows.length - shown;
  return (
    <>
      <Table
        caption={`Votes of the cycle at ${formatUtc(parseTime(cycle.at))} UTC: analysts across, pairs down`}
        head={head(cycle.panel)}
      >
        {rows.slice(0, shown).map((pair) => (
          <Row key={pair.pair} pair={pair} panel={cycle.panel} />
        ))}
      </Table>
      {hidden > 0 && (
        <Button className="mt-3 w-full" onClick={() => setShown(rows.length)}>
          Show {hidden} more {hidden === 1 ? "pair" : "pairs"}
        </Button>
      )}
      <p className="mt-2 text-xs text-ink-3">
        ▲ + long, ▼ − short, each with its stated confidence. A dashed frame stands against the quorum. Disagree: the
        share of those who answered, flat included, that did not take the commonest stance; opposed: long against short.
      </p>
    </>
  );
}
