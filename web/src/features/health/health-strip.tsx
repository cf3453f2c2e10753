import { useQuery } from "@tanstack/react-query";
import { healthQuery } from "../../api/queries";
import type { Health, ModelBudget } from "../../api/types";
import { divide, formatCompact, formatUsd, toNumber } from "../../lib/decimal";
import { formatAge } from "../../lib/time";
import { CheckIcon, CrossIcon, FlatIcon, QuestionIcon, WarnIcon } from "../../ui/icons";
import { Meter } from "../../ui/meter";
import { Panel } from "../../ui/panel";
import { Skeleton, View } from "../../ui/states";
import { providerStanding, providerWords, sourceStanding, sourceWords, type Standing } from "./provider-words";

const MARKS = {
  up: { Icon: CheckIcon, tone: "text-ink-2" },
  degraded: { Icon: WarnIcon, tone: "text-warn" },
  down: { Icon: CrossIcon, tone: "text-halt-text" },
  off: { Icon: FlatIcon, tone: "text-ink-3" },
  unknown: { Icon: QuestionIcon, tone: "text-warn" },
} as const;

interface LineProps {
  name: string;
  standing: Standing;
  /** The state in the desk's own word. */
  state: string;
  detail: string;
  ageMs: number | null;
}

function Line({ name, standing, state, detail, ageMs }: LineProps) {
  const { Icon, tone } = MARKS[standing];
  return (
    <li className="flex items-baseline gap-3 border-b border-line py-2 compact:py-1">
      <span className="w-24 shrink-0 truncate font-medium" title={name}>
        {name}
      </span>
      <span className={`inline-flex w-22 shrink-0 items-baseline gap-1 ${tone}`}>
        <Icon className="size-3.5 self-center" />
        {state}
      </span>
      <span className="min-w-0 flex-1 truncate text-ink-2" title={detail}>
        {detail}
      </span>
      {ageMs !== null && <span className="shrink-0 text-xs text-ink-3">{formatAge(ageMs)}</span>}
    </li>
  );
}

const HEADING = "mt-4 text-xs font-medium text-ink-3";

function Sources({ sources }: { sources: Health["context"] }) {
  return (
    <>
      <h3 className={HEADING}>Context sources</h3>
      {sources.length === 0 ? (
        <p className="py-2 text-ink-2">None is asked beside this feed.</p>
      ) : (
        <ul aria-label="Context sources">
          {sources.map((source) => (
            <Line
              key={source.name}
              name={source.name}
              standing={sourceStanding(source)}
              state={source.state}
              detail={sourceWords(source)}
              ageMs={source.age_ms}
            />
          ))}
        </ul>
      )}
    </>
  );
}

function Budget({ budget }: { budget: ModelBudget }) {
  const left = divide(budget.left_usd, budget.limit_usd) ?? "0";
  return (
    <div className="flex flex-wrap items-center gap-x-3 border-b border-line py-2">
      <span className="font-medium">Budget left today</span>
      <Meter share={toNumber(left)} className="w-16 shrink-0" />
      <span className="ml-auto text-ink-2">
        {formatUsd(budget.left_usd)} of {formatUsd(budget.limit_usd)} USD, {formatCompact(String(budget.left_tokens))}{" "}
        of {formatCompact(String(budget.limit_tokens))} tokens
      </span>
    </div>
  );
}

function Models({ providers, budget }: Pick<Health, "providers" | "budget">) {
  return (
    <>
      <h3 className={HEADING}>Models</h3>
      {providers.length === 0 && budget === null ? (
        <p className="py-2 text-ink-2">No model sits on the panel: it votes by rules.</p>
      ) : (
        <>
          <ul aria-label="Providers of models">
            {providers.map((provider) => (
              <Line
                key={provider.name}
                name={provider.name}
                standing={providerStanding(provider)}
                state={providerStanding(provider)}
                detail={providerWords(provider)}
                ageMs={null}
              />
            ))}
          </ul>
          {budget === null ? (
            <p className="py-2 text-warn">The budget's book cannot be read.</p>
          ) : (
            <Budget budget={budget} />
          )}
        </>
      )}
    </>
  );
}

const LOADING = (
  <div className="grid gap-2 pt-3">
    {Array.from({ length: 5 }, (_, index) => (
      <Skeleton key={index} className="h-6 w-full" />
    ))}
  </div>
);

/** Every part of the desk with its state and the age of its last sign of life; then what it can do without. */
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
          <>
            <ul aria-label="Parts">
              {data.parts.map((part) => (
                <Line
                  key={part.name}
                  name={part.name}
                  standing={part.state}
                  state={part.state}
                  detail={part.detail}
                  ageMs={part.age_ms}
                />
              ))}
            </ul>
            <Sources sources={data.context} />
            <Models providers={data.providers} budget={data.budget} />
          </>
        )}
      </View>
    </Panel>
  );
}
