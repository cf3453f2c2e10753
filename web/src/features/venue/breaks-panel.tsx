import type { Break } from "../../api/types";
import { formatExact } from "../../lib/decimal";
import { Age } from "../../ui/age";
import { CheckIcon, WarnIcon } from "../../ui/icons";
import { Panel } from "../../ui/panel";

function Told({ found }: { found: Break }) {
  return (
    <li className="border-b border-line py-2">
      <p className="flex flex-wrap items-center gap-x-2">
        {found.stands ? (
          <span className="inline-flex items-center gap-1 rounded-sm bg-warn-quiet px-1 font-medium text-warn">
            <WarnIcon className="size-3.5" />
            stops openings
          </span>
        ) : (
          <span className="inline-flex items-center gap-1 text-ink-3">
            <CheckIcon className="size-3.5" />
            seen by a person
          </span>
        )}
        <span className="font-medium">{found.subject}</span>
        <span className="text-xs text-ink-3">
          <Age at={found.at} word="ago" />
        </span>
      </p>
      <p>
        The venue has {formatExact(found.found)}, the ledger expected {formatExact(found.expected)}: {found.reason}.
        {found.reckoned && " Since then the venue's figure is reckoned with."}
      </p>
      {found.stands && <p className="mt-1 font-medium">{found.todo}</p>}
    </li>
  );
}

/** Differences between the venue and the ledger that nothing explains, those that stop openings among them. */
export function BreaksPanel({ breaks }: { breaks: readonly Break[] }) {
  return (
    <Panel title="Breaks" aside={<span className="text-xs text-ink-3">venue against ledger</span>}>
      {breaks.length === 0 ? (
        <p className="py-3 text-ink-2">
          None was ever found. Balances, orders and executions are compared to the last unit.
        </p>
      ) : (
        <ul aria-label="Breaks, newest first">
          {breaks.map((found, place) => (
            <Told key={`${found.at} ${found.subject} ${place}`} found={found} />
          ))}
        </ul>
      )}
    </Panel>
  );
}
