import type { Silence } from "../../api/types";
import { Panel } from "../../ui/panel";

/** Who abstained, on how many pairs, and why. */
export function Silences({ silences, className = "" }: { silences: readonly Silence[]; className?: string }) {
  if (silences.length === 0) return null;
  return (
    <Panel title="Abstentions" className={className}>
      <ul>
        {silences.map(({ analyst, pairs, reasons }) => (
          <li key={analyst} className="border-b border-line py-2">
            <p className="flex justify-between gap-3">
              <span className="font-medium">{analyst}</span>
              <span className="text-ink-2">
                {pairs} {pairs === 1 ? "pair" : "pairs"}
              </span>
            </p>
            {reasons.map((reason) => (
              <p key={reason} className="break-words text-ink-2">
                {reason}
              </p>
            ))}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
