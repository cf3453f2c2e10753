import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { cycleQuery, promptQuery } from "../../api/council-queries";
import type { CouncilCycle, Prompt } from "../../api/types";
import { formatDecimal } from "../../lib/decimal";
import { cyclePath, promptPath } from "../../lib/links";
import { formatUtc, parseTime } from "../../lib/time";
import { Fact } from "../../ui/figures";
import { Panel } from "../../ui/panel";
import { Skeleton, View } from "../../ui/states";
import { AnswerTold } from "./answer-panel";
import { PromptText } from "./prompt-text";

interface Given {
  analyst: string;
  record: string;
}

/** Answers that this cycle's models gave to the prompt. */
function answersIn(cycle: CouncilCycle | undefined, digest: string): Given[] {
  return (cycle?.models ?? []).flatMap(({ analyst, askings }) =>
    askings.flatMap(({ prompt, record }) => (prompt === digest && record !== null ? [{ analyst, record }] : [])),
  );
}

function Facts({ prompt, cycle }: { prompt: Prompt; cycle: CouncilCycle | undefined }) {
  return (
    <dl className="flex flex-wrap gap-x-10 gap-y-2 py-3">
      <Fact term="Class">{prompt.template}</Fact>
      <Fact term="Tokens, at most">{formatDecimal(String(prompt.tokens), { digits: 0 })}</Fact>
      {cycle !== undefined && (
        <Fact term="Asked in the cycle of">
          <Link to={cyclePath(cycle.id)} className="text-accent underline underline-offset-4">
            {formatUtc(parseTime(cycle.at))} UTC
          </Link>
        </Fact>
      )}
      <Fact term="Digest" className="basis-full sm:basis-auto">
        <span className="font-mono text-xs break-all whitespace-normal">{prompt.digest}</span>
      </Fact>
    </dl>
  );
}

function Answers({
  digest,
  given,
  shown,
  cycle,
}: {
  digest: string;
  given: Given[];
  shown: string;
  cycle: string | null;
}) {
  return (
    <Panel title="Answer">
      <span id="answer" />
      {given.length > 1 && (
        <nav aria-label="Answers to this prompt">
          <ul className="flex flex-wrap gap-x-4 pt-2">
            {given.map(({ analyst, record }) => (
              <li key={record}>
                <Link
                  to={promptPath(digest, { ...(cycle !== null && { cycle }), record })}
                  replace
                  preventScrollReset
                  aria-current={record === shown ? "page" : undefined}
                  className={record === shown ? "font-semibold" : "text-accent underline underline-offset-4"}
                >
                  {analyst}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
      )}
      <AnswerTold key={shown} record={shown} />
    </Panel>
  );
}

const LOADING = (
  <div className="grid gap-3 pt-3">
    <Skeleton className="h-10 w-full" />
    {Array.from({ length: 10 }, (_, index) => (
      <Skeleton key={index} className="h-8 w-full" />
    ))}
  </div>
);

/** What models were asked, exactly, and what they answered: `?cycle=ID&record=HASH` name where to look for answers. */
export function PromptView({ digest }: { digest: string }) {
  const [address] = useSearchParams();
  const from = address.get("cycle");
  const record = address.get("record");
  const prompt = useQuery(promptQuery(digest, record));
  const cycle = useQuery({ ...cycleQuery(from ?? ""), enabled: from !== null });
  const given = answersIn(cycle.data, digest);
  const shown = record ?? given[0]?.record;
  return (
    <View what="The prompt" query={prompt} skeleton={LOADING}>
      {(told) => (
        <>
          <Facts prompt={told} cycle={cycle.data} />
          <div className={`grid gap-x-10 gap-y-8 ${shown === undefined ? "max-w-5xl" : "xl:grid-cols-2"}`}>
            <Panel
              title="Prompt"
              aside={
                <span className="text-xs text-ink-3">
                  the same bytes for every model of its class
                  {shown !== undefined && (
                    <a href="#answer" className="ml-3 text-accent underline underline-offset-4 xl:hidden">
                      To the answer
                    </a>
                  )}
                </span>
              }
            >
              <PromptText prompt={told} />
            </Panel>
            {shown !== undefined && <Answers digest={digest} given={given} shown={shown} cycle={from} />}
          </div>
        </>
      )}
    </View>
  );
}
