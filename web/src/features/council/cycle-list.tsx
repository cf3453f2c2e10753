import { Link } from "react-router";
import type { CouncilCycle } from "../../api/types";
import { cyclePath } from "../../lib/links";
import { formatUtc, parseTime } from "../../lib/time";
import { Button } from "../../ui/button";
import { Panel } from "../../ui/panel";
import { Cell, HeadCell, RowHead, Table } from "../../ui/table";
import { byHand, tallyOf } from "./matrix";

interface CycleListProps {
  cycles: readonly CouncilCycle[];
  /** The cycle that is shown, and the newest of all. */
  shown: string;
  newest: string;
  /** Fetches earlier cycles; null when the journal holds no more. */
  onEarlier: (() => void) | null;
  loading: boolean;
}

function Row({ cycle, shown, newest }: { cycle: CouncilCycle } & Pick<CycleListProps, "shown" | "newest">) {
  const tally = tallyOf(cycle);
  const current = cycle.id === shown;
  return (
    <tr className={`border-b border-line ${current ? "bg-accent-quiet" : ""}`}>
      <RowHead className="pl-2!">
        <Link
          to={cyclePath(cycle.id === newest ? null : cycle.id)}
          preventScrollReset
          aria-current={current ? "true" : undefined}
          className={current ? "font-semibold" : "text-accent underline underline-offset-4"}
        >
          {formatUtc(parseTime(cycle.at)).slice(5)}
          <span className="sr-only">, journal {cycle.id}</span>
        </Link>
        {byHand(cycle) && <span className="block text-xs font-normal text-ink-3">by hand</span>}
      </RowHead>
      <Cell number>{tally.sides}</Cell>
      <Cell number>{tally.opposed}</Cell>
      <Cell number>{tally.keptBack}</Cell>
      <Cell number className="pr-2!">
        {tally.published}
      </Cell>
    </tr>
  );
}

const HEAD = (
  <>
    <HeadCell className="pl-2!">Cycle, UTC</HeadCell>
    <HeadCell number>Sides</HeadCell>
    <HeadCell number>Opposed</HeadCell>
    <HeadCell number>Kept back</HeadCell>
    <HeadCell number className="pr-2!">
      Published
    </HeadCell>
  </>
);

/** Cycles, newest first; one of them is shown beside. */
export function CycleList({ cycles, shown, newest, onEarlier, loading }: CycleListProps) {
  return (
    <Panel title="Cycles">
      <Table caption="Cycles of the council, newest first" head={HEAD}>
        {cycles.map((cycle) => (
          <Row key={cycle.id} cycle={cycle} shown={shown} newest={newest} />
        ))}
      </Table>
      {onEarlier !== null && (
        <Button className="mt-3 w-full" onClick={onEarlier} disabled={loading}>
          {loading ? "Fetching earlier cycles" : "Show earlier cycles"}
        </Button>
      )}
    </Panel>
  );
}
