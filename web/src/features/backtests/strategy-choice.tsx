import type { BacktestOffer, OfferedStrategy } from "../../api/types";
import { plainWords } from "../../lib/words";
import { Group, TextField, Tick } from "./field";
import { parameterText, reads, type Wish } from "./wish";

interface ChoiceProps {
  wish: Wish;
  offer: BacktestOffer;
  onChange: (wish: Wish) => void;
}

function Parameters({ strategy, wish, onChange }: { strategy: OfferedStrategy } & Omit<ChoiceProps, "offer">) {
  const typed = wish.parameters[strategy.name] ?? {};
  const place = wish.strategies.indexOf(strategy.name);
  const type = (name: string, text: string) =>
    onChange({
      ...wish,
      parameters: { ...wish.parameters, [strategy.name]: { ...typed, [name]: text } },
    });
  const changed = strategy.parameters.filter(
    ({ name, value }) => (typed[name] ?? parameterText(value)) !== parameterText(value),
  );
  return (
    <details className="mb-1 ml-6">
      <summary className="text-xs text-accent">
        Parameters<span className="sr-only"> of {plainWords(strategy.name)}</span>
        {changed.length > 0 && `, ${changed.length} changed`}
      </summary>
      <div className="grid grid-cols-2 gap-x-3 gap-y-2 py-2 sm:grid-cols-3">
        {strategy.parameters.map(({ name, value }) => (
          <TextField
            key={name}
            label={plainWords(name)}
            field={`strategies.${place}.parameters.${name}`}
            value={typed[name] ?? parameterText(value)}
            onChange={(text) => type(name, text)}
          />
        ))}
      </div>
    </details>
  );
}

/** Which strategies run, and with which parameters. */
export function StrategyChoice({ wish, offer, onChange }: ChoiceProps) {
  const toggle = (name: string, chosen: boolean) =>
    onChange({
      ...wish,
      strategies: chosen ? [...wish.strategies, name] : wish.strategies.filter((other) => other !== name),
    });
  return (
    <Group title="Strategies" field="strategies">
      {offer.strategies.map((strategy) => {
        const fits = reads(strategy, wish.timeframe);
        const chosen = wish.strategies.includes(strategy.name);
        return (
          <div key={strategy.name}>
            <Tick checked={chosen} disabled={!fits} onChange={(checked) => toggle(strategy.name, checked)}>
              <span className="font-medium">{plainWords(strategy.name)}</span>{" "}
              <span className="text-xs text-ink-3">
                {fits
                  ? `${strategy.timeframe} bars`
                  : `reads ${strategy.timeframe} bars, which ${wish.timeframe} candles cannot make`}
              </span>
              <span className="block text-xs text-ink-2">{strategy.about}</span>
            </Tick>
            {chosen && <Parameters strategy={strategy} wish={wish} onChange={onChange} />}
          </div>
        );
      })}
    </Group>
  );
}
