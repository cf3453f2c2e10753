import { useQuery } from "@tanstack/react-query";
import { contextQuery } from "../../api/council-queries";
import type { WorldContext } from "../../api/types";
import { formatAge, formatSince, formatUtc, parseTime } from "../../lib/time";
import { plainWords } from "../../lib/words";
import { CheckIcon, FlatIcon, QuestionIcon } from "../../ui/icons";
import { Panel } from "../../ui/panel";
import { Empty, Skeleton, StaleNote, View } from "../../ui/states";
import { Cell, HeadCell, RowHead, Table } from "../../ui/table";
import { figureWords, partWords } from "./figures";
import { TextList } from "./text-list";

const STATES = {
  present: { Icon: CheckIcon, tone: "text-ink-2" },
  missing: { Icon: QuestionIcon, tone: "text-warn" },
  off: { Icon: FlatIcon, tone: "text-ink-3" },
} as const;

function Parts({ parts }: { parts: WorldContext["parts"] }) {
  return (
    <Panel title="Parts">
      <ul>
        {parts.map(({ name, state, age_ms, why }) => {
          const { Icon, tone } = STATES[state];
          return (
            <li
              key={name}
              className="grid grid-cols-[minmax(0,1fr)_auto_auto] items-baseline gap-x-3 border-b border-line py-2 sm:grid-cols-[7.5rem_5.5rem_minmax(0,1fr)_auto]"
            >
              <span className="font-medium">{partWords(name)}</span>
              <span className={`inline-flex items-baseline gap-1 ${tone}`}>
                <Icon className="size-3.5 self-center" />
                {state}
              </span>
              <span className="text-xs text-ink-3 sm:order-last">{age_ms !== null && formatAge(age_ms)}</span>
              <span className="min-w-0 break-words text-ink-2 max-sm:col-span-full">{why}</span>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

function Figures({ figures }: { figures: WorldContext["figures"] }) {
  return (
    <Panel title="Figures">
      {figures.length === 0 ? (
        <p className="py-3 text-ink-2">No figure is known.</p>
      ) : (
        <Table
          caption="Figures of the context"
          head={
            <>
              <HeadCell>Figure</HeadCell>
              <HeadCell>Pair</HeadCell>
              <HeadCell number>Value</HeadCell>
              <HeadCell number>Age</HeadCell>
              <HeadCell>
                Told<span className="max-sm:sr-only"> to models</span>
              </HeadCell>
            </>
          }
        >
          {figures.map((figure) => (
            <tr key={`${figure.part} ${figure.name} ${figure.pair ?? ""}`} className="border-b border-line">
              <RowHead className="whitespace-normal!">{figure.name}</RowHead>
              <Cell>{figure.pair ?? "market"}</Cell>
              <Cell number>{figureWords(figure)}</Cell>
              <Cell number className="text-ink-3">
                {formatAge(figure.age_ms)}
              </Cell>
              <Cell>
                {figure.told ? <CheckIcon className="size-3.5" /> : null}
                <span className="sr-only">{figure.told ? "yes" : "no"}</span>
              </Cell>
            </tr>
          ))}
        </Table>
      )}
    </Panel>
  );
}

const KINDS = ["news", "social", "community"] as const;

function Told({ context }: { context: WorldContext }) {
  if (!context.available) return <Empty title="No context">{context.why}</Empty>;
  return (
    <>
      {context.why !== "" && <StaleNote>{context.why}</StaleNote>}
      <p className="py-3 text-ink-2">
        What is known of the world besides candles
        {context.at !== null && `, as of ${formatUtc(parseTime(context.at), { seconds: true })} UTC`}
        {context.told_age_ms !== null && `, told ${formatSince(context.told_age_ms, "ago")}`}. Prices decide; context
        informs.
      </p>
      <div className="grid gap-x-10 gap-y-8 xl:grid-cols-2">
        <div className="grid min-w-0 content-start gap-y-8">
          <Parts parts={context.parts} />
          <Figures figures={context.figures} />
        </div>
        <div className="grid min-w-0 content-start gap-y-8">
          {KINDS.map((kind) => (
            <TextList
              key={kind}
              title={plainWords(kind)}
              part={context.parts.find((part) => part.name === kind)}
              texts={context.texts.filter((text) => text.kind === kind)}
            />
          ))}
        </div>
      </div>
    </>
  );
}

const LOADING = (
  <div className="grid gap-3 pt-3 xl:grid-cols-2">
    {Array.from({ length: 12 }, (_, index) => (
      <Skeleton key={index} className="h-10 w-full" />
    ))}
  </div>
);

/** What models are told of the world: figures with ages, strangers' words with their sources, and what is missing. */
export function ContextView() {
  const query = useQuery(contextQuery);
  return (
    <View what="The context" query={query} skeleton={LOADING}>
      {(context) => <Told context={context} />}
    </View>
  );
}
