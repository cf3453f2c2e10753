import { formatPercent } from "../../lib/decimal";
import { CrossIcon } from "../../ui/icons";
import { SideIcon } from "../../ui/side";
import type { Field } from "./matrix";

const TONE = { LONG: "bg-long-quiet text-long", SHORT: "bg-short-quiet text-short" } as const;
const SIGN = { LONG: "+", SHORT: "−" } as const;

/** One opinion in a field of the matrix: a shape, a sign and a colour for the side, and how sure it was. */
export function VoteField({ field }: { field: Field }) {
  if (field.kind === "nothing") return <span className="text-ink-3">not asked</span>;
  if (field.kind === "flat")
    return (
      <span className="text-ink-3" title={field.reason || undefined}>
        flat
      </span>
    );
  if (field.kind === "abstained")
    return (
      <span className="inline-flex items-center gap-1 text-ink-3" title={field.reason}>
        <CrossIcon className="size-3" />
        abstained
      </span>
    );
  const { side, confidence, reason } = field.vote;
  if (side === "FLAT") return <span className="text-ink-3">flat</span>;
  return (
    <span
      title={reason}
      className={`inline-flex h-6 items-center gap-1 rounded-sm px-1.5 font-medium ${TONE[side]} ${
        field.dissents ? "outline-1 outline-current outline-dashed" : ""
      }`}
    >
      <SideIcon side={side} className="size-2.5" />
      <span className="sr-only">{side}, sure:</span>
      <span>
        <span aria-hidden="true">{SIGN[side]}</span>
        {formatPercent(String(confidence), { digits: 0 })}
      </span>
      {field.dissents && <span className="sr-only">, dissents</span>}
    </span>
  );
}
