import { useQuery } from "@tanstack/react-query";
import { healthQuery } from "../../api/queries";
import type { Part } from "../../api/types";
import { formatAge } from "../../lib/time";
import { CheckIcon, CrossIcon, FlatIcon, QuestionIcon, WarnIcon } from "../../ui/icons";
import { Panel } from "../../ui/panel";
import { Skeleton, View } from "../../ui/states";

const MARKS = {
  up: { Icon: CheckIcon, tone: "text-ink-2" },
  degraded: { Icon: WarnIcon, tone: "text-warn" },
  down: { Icon: CrossIcon, tone: "text-halt-text" },
  off: { Icon: FlatIcon, tone: "text-ink-3" },
  unknown: { Icon: QuestionIcon, tone: "text-warn" },
} as const;

function PartState({ part }: { part: Part }) {
  const { Icon, tone } = MARKS[part.state];
  return (
    <li className="flex items-baseline gap-3 border-b border-line py-2 compact:py-1">
      <span className="w-18 shrink-0 font-medium">{part.name}</span>
      <span className={`inline-flex w-22 shrink-0 items-center gap-1 ${tone}`}>
        <Icon className="size-3.5" />
        {part.state}
      </span>
      <span className="min-w-0 flex-1 truncate text-ink-2" title={part.detail}>
        {part.detail}
      </span>
      {part.age_ms !== null && <span className="shrink-0 text-xs text-ink-3">{formatAge(part.age_ms)}</span>}
    </li>
  );
}

const LOADING = (
  <div className="grid gap-2 pt-3">
    {Array.from({ length: 5 }, (_, index) => (
      <Skeleton key={index} className="h-6 w-full" />
    ))}
  </div>
);

/** Every part of the desk with its state and the age of its last sign of life. */
export function HealthStrip({ className = "" }: { className?: string }) {
  const query = useQuery(healthQuery);
  return (
    <Panel
      title="System"
      className={className}
      aside={
        <span className="text-xs text-ink-3">
          {query.data && `version ${query.data.version}, account ${query.data.account}`}
        </span>
      }
    >
      <View what="Health" query={query} skeleton={LOADING}>
        {(data) => (
          <ul>
            {data.parts.map((part) => (
              <PartState key={part.name} part={part} />
            ))}
          </ul>
        )}
      </View>
    </Panel>
  );
}
