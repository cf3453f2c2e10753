import type { UnprotectedPosition } from "../../api/types";
import { formatExact, formatPrice } from "../../lib/decimal";
import { Age } from "../../ui/age";
import { CrossIcon } from "../../ui/icons";
import { PairLink } from "../../ui/pair-link";
import { Panel } from "../../ui/panel";
import { SideMark } from "../../ui/side";

function Bare({ position }: { position: UnprotectedPosition }) {
  const { side, quantity, stop, unheard } = position;
  return (
    <li className="border-b border-line py-2">
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <span className="inline-flex items-center gap-1 rounded-sm bg-halt px-1.5 font-medium text-on-halt">
          <CrossIcon className="size-3.5" />
          {unheard ? "stop unsure" : "no stop"}
        </span>
        {side !== null && <SideMark side={side} className="text-xs" />}
        <PairLink pair={position.pair} className="font-medium" />
        <span className="text-ink-2">
          {quantity !== null && `${formatExact(quantity)}, `}
          {position.portfolio}
          {stop !== null && `, its stop belongs at ${formatPrice(stop)}`}
        </span>
      </p>
      <p className="mt-1">{position.doing}</p>
      <p className="text-xs text-ink-3">
        Alarm raised <Age at={position.since} word="ago" />: {position.reason}.
      </p>
    </li>
  );
}

/** Open positions that no stop at the venue protects; only there while there are some. */
export function UnprotectedPanel({ positions }: { positions: readonly UnprotectedPosition[] }) {
  if (positions.length === 0) return null;
  return (
    <Panel title="Positions without a stop">
      <ul aria-label="Positions without a stop">
        {positions.map((position) => (
          <Bare key={`${position.portfolio} ${position.pair}`} position={position} />
        ))}
      </ul>
    </Panel>
  );
}
