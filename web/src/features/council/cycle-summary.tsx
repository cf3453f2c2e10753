import type { CouncilCycle } from "../../api/types";
import { formatUtc, parseTime } from "../../lib/time";
import { FeedAge } from "../../ui/age";
import { Fact } from "../../ui/figures";
import { costWords } from "../../lib/cost";
import { byHand, seatsOf, tallyOf } from "./matrix";

/** When the council was asked, who sat on it, and in figures what came of it. */
export function CycleSummary({ cycle, newest }: { cycle: CouncilCycle; newest: boolean }) {
  const tally = tallyOf(cycle);
  return (
    <div className="flex flex-wrap items-start gap-x-10 gap-y-3 py-3">
      <div className="min-w-0">
        <h2 className="text-base font-semibold">
          {newest ? "The latest cycle" : "An earlier cycle"}, <FeedAge at={cycle.at} word="old" />
        </h2>
        <p className="text-ink-2">
          {formatUtc(parseTime(cycle.at))} UTC{" "}
          <span className="text-xs text-ink-3" title={`Slot ${cycle.slot}`}>
            {byHand(cycle) && "asked by hand, "}journal <span className="font-mono">{cycle.id}</span>
          </span>
        </p>
        <ul aria-label="The panel" className="mt-1 flex flex-wrap gap-x-4 gap-y-0.5 text-xs">
          {seatsOf(cycle).map(({ analyst, kind }) => (
            <li key={analyst}>
              <span className="font-medium">{analyst}</span> <span className="text-ink-3">{kind}</span>
            </li>
          ))}
        </ul>
      </div>
      <dl className="flex flex-wrap gap-x-8 gap-y-2 md:ml-auto">
        <Fact term="Pairs with a side">{tally.sides}</Fact>
        <Fact term="Published">{tally.published}</Fact>
        <Fact term="Kept back">{tally.keptBack}</Fact>
        <Fact term="Opposed">{tally.opposed}</Fact>
        <Fact term="Abstaining">{cycle.silences.length}</Fact>
        {cycle.models.length > 0 && <Fact term="Cost, USD">{costWords(cycle.cost_usd)}</Fact>}
      </dl>
    </div>
  );
}
