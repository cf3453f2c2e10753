import type { BacktestResult } from "../../api/types";
import { sentenceCase, plainWords } from "../../lib/words";
import { Panel } from "../../ui/panel";
import { parameterText } from "./wish";
import { valueWords } from "./words";

function Told({ title, facts }: { title: string; facts: readonly (readonly [string, string])[] }) {
  if (facts.length === 0) return null;
  return (
    <div className="min-w-0">
      <h3 className="mb-1 font-semibold">{title}</h3>
      <dl className="text-xs">
        {facts.map(([name, value]) => (
          <div key={name} className="grid grid-cols-[7rem_minmax(0,1fr)] gap-x-3 border-b border-line py-1">
            <dt className="text-ink-3">{name}</dt>
            <dd className="text-ink-2 wrap-anywhere">{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function named(facts: Record<string, string>): (readonly [string, string])[] {
  return Object.entries(facts).map(([name, value]) => [sentenceCase(name), value] as const);
}

/** Everything that was assumed: no result travels without it. */
export function AssumptionsPanel({ result }: { result: BacktestResult }) {
  const silent = Object.entries(result.silent).map(([why, times]) => [`${valueWords(times, "count")} ×`, why] as const);
  return (
    <Panel title="What was assumed">
      <div className="grid gap-x-10 gap-y-6 pt-3 lg:grid-cols-2">
        <Told title="Costs" facts={named(result.costs)} />
        <Told title="Conventions" facts={named(result.conventions)} />
        <Told title="Setups that became no trade" facts={silent} />
        <div className="grid content-start gap-y-6">
          {Object.entries(result.parameters).map(([strategy, values]) => (
            <Told
              key={strategy}
              title={`Parameters of ${plainWords(strategy)}`}
              facts={Object.entries(values).map(([name, value]) => [plainWords(name), parameterText(value)] as const)}
            />
          ))}
        </div>
      </div>
      <p className="mt-4 text-xs text-ink-3">
        {result.estimated.length > 0 && `Modelled, not measured: ${result.estimated.map(plainWords).join(", ")}. `}
        {result.variants_tried > 1 && `${result.variants_tried} variants were tried to come to this one. `}
        {valueWords(result.bars, "count")} candles of {result.source}. It took {result.elapsed_s.toFixed(2)} s. Digest
        of candles, rules, parameters and assumptions: <span className="font-mono break-all">{result.digest}</span>
      </p>
    </Panel>
  );
}
