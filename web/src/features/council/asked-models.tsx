import { Fragment } from "react";
import { Link } from "react-router";
import type { AskedModel, CouncilCycle, ModelAsking } from "../../api/types";
import { costWords } from "../../lib/cost";
import { formatDecimal, NOTHING } from "../../lib/decimal";
import { promptPath } from "../../lib/links";
import { plainWords } from "../../lib/words";
import { CheckIcon, CrossIcon } from "../../ui/icons";
import { Panel } from "../../ui/panel";
import { Cell, HeadCell, RowHead, Table } from "../../ui/table";
import { answeredWords, codeWords } from "./asking-words";

const LINK = "text-accent underline underline-offset-4";

function count(value: number): string {
  return formatDecimal(String(value), { digits: 0 });
}

function Figures({ of }: { of: AskedModel | ModelAsking }) {
  return (
    <>
      <Cell number>
        {count(of.input_tokens)} / {count(of.output_tokens)}
      </Cell>
      <Cell number>{costWords(of.cost_usd)}</Cell>
      <Cell number>{formatDecimal(String(of.latency_ms / 1000), { digits: 2 })} s</Cell>
    </>
  );
}

function Asking({ asking, place, cycle }: { asking: ModelAsking; place: number; cycle: string }) {
  return (
    <tr className="border-b border-line text-xs">
      <th scope="row" className="h-7 pl-4 text-left font-normal whitespace-nowrap text-ink-2">
        asking {place}
      </th>
      <Cell>{asking.answered_by ?? <span className="text-ink-3">no answer</span>}</Cell>
      <Cell className="whitespace-normal!">
        {asking.fault === null ? "sound" : plainWords(asking.fault)}
        {asking.fallback && ", by another model: it counts for nobody"}
      </Cell>
      <Figures of={asking} />
      <Cell>
        <Link className={LINK} to={promptPath(asking.prompt, { cycle, record: asking.record })}>
          prompt{asking.record !== null && " and answer"}
          <span className="sr-only"> of asking {place}</span>
        </Link>
      </Cell>
    </tr>
  );
}

function Model({ model, cycle }: { model: AskedModel; cycle: string }) {
  const voted = model.code === "voted";
  const Sign = voted ? CheckIcon : CrossIcon;
  const first = model.askings[0];
  return (
    <Fragment>
      <tr className={model.askings.length > 1 ? "" : "border-b border-line"}>
        <RowHead className="py-1">
          {model.analyst}
          <span className="block text-xs font-normal text-ink-3">
            {model.provider}/{model.model}
            {model.template !== null && `, ${model.template}`}
          </span>
        </RowHead>
        <Cell className="whitespace-normal!">{answeredWords(model)}</Cell>
        <Cell>
          <span className="inline-flex items-center gap-1" title={codeWords(model.code)}>
            <Sign className={`size-3.5 ${voted ? "text-ink-2" : "text-warn"}`} />
            {voted ? "voted" : `abstained: ${plainWords(model.code)}`}
          </span>
        </Cell>
        <Figures of={model} />
        <Cell>
          {model.prompt === null ? (
            <span className="text-ink-3">{NOTHING}</span>
          ) : (
            <Link className={LINK} to={promptPath(model.prompt, { cycle, record: first?.record ?? null })}>
              prompt{first?.record != null && " and answer"}
              <span className="sr-only"> of {model.analyst}</span>
            </Link>
          )}
        </Cell>
      </tr>
      {model.askings.length > 1 &&
        model.askings.map((asking, index) => <Asking key={index} asking={asking} place={index + 1} cycle={cycle} />)}
    </Fragment>
  );
}

const HEAD = (
  <>
    <HeadCell>Model</HeadCell>
    <HeadCell>Who really answered</HeadCell>
    <HeadCell>What came of it</HeadCell>
    <HeadCell number>Tokens in / out</HeadCell>
    <HeadCell number>Cost, USD</HeadCell>
    <HeadCell number>Latency</HeadCell>
    <HeadCell>Word for word</HeadCell>
  </>
);

/** How every model of the panel was asked in this cycle, and who really answered. */
export function AskedModels({ cycle }: { cycle: CouncilCycle }) {
  return (
    <Panel title="Models asked">
      {cycle.models.length === 0 ? (
        <p className="py-3 text-ink-2">No model was asked in this cycle: everybody on its panel votes by rules.</p>
      ) : (
        <Table caption="Models asked in this cycle" head={HEAD}>
          {cycle.models.map((model) => (
            <Model key={model.analyst} model={model} cycle={cycle.id} />
          ))}
        </Table>
      )}
    </Panel>
  );
}
