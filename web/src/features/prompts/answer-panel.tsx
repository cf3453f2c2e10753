import { useQuery } from "@tanstack/react-query";
import { answerQuery } from "../../api/council-queries";
import type { Answer } from "../../api/types";
import { costWords } from "../../lib/cost";
import { formatDecimal, NOTHING } from "../../lib/decimal";
import { plainWords } from "../../lib/words";
import { CopyButton } from "../../ui/copy-button";
import { Fact } from "../../ui/figures";
import { Skeleton, StaleNote, View } from "../../ui/states";
import { StrangersWords } from "../../ui/strangers";
import { Cell, HeadCell, RowHead, Table } from "../../ui/table";

function count(value: number): string {
  return formatDecimal(String(value), { digits: 0 });
}

function Calls({ calls }: { calls: Answer["calls"] }) {
  return (
    <Table
      caption="Calls of this asking"
      head={
        <>
          <HeadCell>Call</HeadCell>
          <HeadCell number>HTTP</HeadCell>
          <HeadCell>What came</HeadCell>
          <HeadCell number>Cost, USD</HeadCell>
        </>
      }
    >
      {calls.map((call, index) => (
        <tr key={index} className="border-b border-line">
          <RowHead className="font-normal!">
            {call.provider}/{call.model}
          </RowHead>
          <Cell number>{call.status ?? NOTHING}</Cell>
          <Cell className="whitespace-normal!">
            {call.fault === null ? "an answer" : plainWords(call.fault)}
            {call.reason !== null && <span className="block text-xs break-words text-ink-3">{call.reason}</span>}
          </Cell>
          <Cell number>{costWords(call.cost_usd)}</Cell>
        </tr>
      ))}
    </Table>
  );
}

function Told({ answer }: { answer: Answer }) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4 pt-3">
      <dl className="grid grid-cols-2 gap-x-6 gap-y-3 sm:grid-cols-3">
        <Fact term="Asked for">
          <span className="whitespace-normal">
            {answer.analyst}, {answer.provider}/{answer.model}
          </span>
        </Fact>
        <Fact term="Who really answered">
          <span className="whitespace-normal">
            {answer.answered_by ?? "nobody"}
            {answer.fallback && <span className="text-warn">, in its place: counts for nobody</span>}
          </span>
        </Fact>
        <Fact term="Temperature, tokens at most">
          {answer.temperature === null ? "its own" : formatDecimal(answer.temperature, { digits: 1 })},{" "}
          {count(answer.output_tokens_max)}
        </Fact>
        <Fact term="Tokens in, out">
          {count(answer.input_tokens)}, {count(answer.output_tokens)}
        </Fact>
        <Fact term="Cost">{costWords(answer.cost_usd)} USD</Fact>
        <Fact term="Latency">{formatDecimal(String(answer.latency_ms / 1000), { digits: 2 })} s</Fact>
      </dl>
      {answer.cut && <StaleNote>The text was too long and is shown in part.</StaleNote>}
      {answer.text === null ? (
        <p>
          It said nothing: {plainWords(answer.silence ?? "not known")}.{" "}
          <span className="break-words text-ink-2">{answer.reason}</span>
        </p>
      ) : (
        <>
          <StrangersWords kind="a model's answer, word for word">
            <pre className="mt-1 font-mono text-xs wrap-anywhere whitespace-pre-wrap">{answer.text}</pre>
          </StrangersWords>
          <div>
            <CopyButton text={answer.text} what="the answer" />
          </div>
        </>
      )}
      <Calls calls={answer.calls} />
    </div>
  );
}

const LOADING = (
  <div className="grid gap-3 pt-3">
    <Skeleton className="h-20 w-full" />
    <Skeleton className="h-64 w-full" />
  </div>
);

/** What a model said, word for word, who it was and what it cost. */
export function AnswerTold({ record }: { record: string }) {
  const query = useQuery(answerQuery(record));
  return (
    <View what="The answer" query={query} skeleton={LOADING}>
      {(answer) => <Told answer={answer} />}
    </View>
  );
}
