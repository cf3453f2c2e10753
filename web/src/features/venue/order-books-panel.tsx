import type { Venue } from "../../api/types";
import { Age } from "../../ui/age";
import { WarnIcon } from "../../ui/icons";
import { PairLink } from "../../ui/pair-link";
import { Panel } from "../../ui/panel";

/** Pairs on which nothing is opened now, because the venue's order book of them is not to be relied on. */
export function OrderBooksPanel({ blocked, silent }: { blocked: Venue["blocked_books"]; silent: boolean }) {
  return (
    <Panel title="Order books" aside={<span className="text-xs text-ink-3">block openings, never closings</span>}>
      {blocked.length === 0 ? (
        <p className="py-3 text-ink-2">
          {silent ? "No desk follows them just now." : "Every order book that is followed is to be relied on."}
        </p>
      ) : (
        <ul aria-label="Pairs on which nothing is opened">
          {blocked.map(({ pair, reason, since }) => (
            <li key={pair} className="flex flex-wrap items-baseline gap-x-2 border-b border-line py-1.5">
              <WarnIcon className="size-3.5 self-center text-warn" />
              <PairLink pair={pair} className="font-medium" />
              <span className="text-ink-2">nothing is opened: {reason}</span>
              <Age at={since} className="ml-auto text-xs text-ink-3" />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
