import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation } from "react-router";
import { agentsQuery } from "../../api/council-queries";
import type { Agent, Decision } from "../../api/types";
import { marketPath, promptPath, signalSearch } from "../../lib/links";
import { formatUtc, parseTime } from "../../lib/time";
import { FeedAge } from "../../ui/age";
import { Button } from "../../ui/button";
import { Panel } from "../../ui/panel";
import { Empty, Skeleton, View } from "../../ui/states";

const STEP = 6;
const GRID = "grid gap-x-10 gap-y-10 pt-2 lg:grid-cols-2";
const LINK = "text-accent underline underline-offset-4";

function Subject({ decision: { pair, subject } }: { decision: Decision }) {
  if (pair == null) return <span className="font-medium">{subject}</span>;
  return (
    <Link to={marketPath(pair)} className="font-medium underline-offset-4 hover:underline">
      {subject}
    </Link>
  );
}

function Told({ decision, first }: { decision: Decision; first: boolean }) {
  const { search } = useLocation();
  return (
    <li className="border-b border-line py-2 compact:py-1">
      <p className="flex items-baseline justify-between gap-3">
        <span className="min-w-0 break-words">
          <Subject decision={decision} />: {decision.decided}
        </span>
        <span className="flex shrink-0 gap-x-3 text-xs text-ink-3">
          {decision.signal != null && (
            <Link to={{ search: signalSearch(search, decision.signal) }} preventScrollReset className={LINK}>
              signal<span className="sr-only"> about {decision.subject}</span>
            </Link>
          )}
          {decision.prompt != null && (
            <Link to={promptPath(decision.prompt)} className={LINK}>
              prompt<span className="sr-only"> about {decision.subject}</span>
            </Link>
          )}
          <FeedAge at={decision.at} />
        </span>
      </p>
      <p className="break-words text-ink-2">{decision.why}</p>
      {first && (
        <p className="flex flex-wrap gap-x-3 text-xs text-ink-3">
          <span>{formatUtc(parseTime(decision.at), { seconds: true })} UTC</span>
          <span>
            journal{" "}
            <span className="font-mono">
              {decision.entry} {decision.event}
            </span>
          </span>
        </p>
      )}
    </li>
  );
}

function AgentPanel({ agent }: { agent: Agent }) {
  const [shown, setShown] = useState(STEP);
  const { decisions, last, made_of } = agent;
  return (
    <Panel
      title={agent.title}
      aside={
        <span className="text-xs text-ink-3">
          {last === null ? (
            "has not decided yet"
          ) : (
            <>
              last decided <FeedAge at={last.at} word="ago" />
            </>
          )}
        </span>
      }
    >
      <p className="pt-2">{agent.does}</p>
      <p className="mt-0.5 text-xs break-words text-ink-3">Made of: {made_of.join("; ")}.</p>
      {decisions.length === 0 ? (
        <Empty title="No decision yet">What it decides will stand here with its reason.</Empty>
      ) : (
        <ol aria-label={`Decisions of the ${agent.title.toLowerCase()}, newest first`} className="mt-1">
          {decisions.slice(0, shown).map((decision, index) => (
            <Told key={`${decision.entry} ${decision.subject} ${index}`} decision={decision} first={index === 0} />
          ))}
        </ol>
      )}
      {decisions.length > shown && (
        <Button className="mt-3 w-full" onClick={() => setShown(decisions.length)}>
          Show all {decisions.length} decisions
          <span className="sr-only"> of the {agent.title.toLowerCase()}</span>
        </Button>
      )}
    </Panel>
  );
}

const LOADING = (
  <div className={GRID}>
    {[0, 1, 2, 3].map((agent) => (
      <div key={agent} className="grid gap-2">
        <Skeleton className="h-10 w-full" />
        <Skeleton className="h-10 w-full" />
        {Array.from({ length: STEP }, (_, index) => (
          <Skeleton key={index} className="h-14 w-full" />
        ))}
      </div>
    ))}
  </div>
);

/** The agents by name: what each is made of, and what it decided, newest first, with its reason. */
export function AgentsView() {
  const query = useQuery(agentsQuery);
  return (
    <View what="Agents" query={query} skeleton={LOADING}>
      {(data) => (
        <div className={GRID}>
          {data.agents.map((agent) => (
            <AgentPanel key={agent.name} agent={agent} />
          ))}
        </div>
      )}
    </View>
  );
}
