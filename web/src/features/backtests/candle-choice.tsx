import type { BacktestOffer } from "../../api/types";
import { Button } from "../../ui/button";
import { OneOf, Select } from "../../ui/choice";
import { Group, TextField, Tick } from "./field";
import { pairsOf, reachOf, timeframesOf, withCandles, type Wish } from "./wish";

const DAY_MS = 86_400_000;

interface ChoiceProps {
  wish: Wish;
  offer: BacktestOffer;
  onChange: (wish: Wish) => void;
}

function Pairs({ wish, offer, onChange }: ChoiceProps) {
  const there = pairsOf(offer.candles[wish.candles], wish.timeframe);
  const toggle = (pair: string, chosen: boolean) =>
    onChange({ ...wish, pairs: chosen ? [...wish.pairs, pair] : wish.pairs.filter((other) => other !== pair) });
  return (
    <Group title="Pairs" field="pairs">
      <div className="mb-1 flex items-center gap-1 text-xs text-ink-3">
        <span className="mr-auto">
          {wish.pairs.length} of {there.length}
        </span>
        <Button tone="quiet" onClick={() => onChange({ ...wish, pairs: there })}>
          All
        </Button>
        <Button tone="quiet" onClick={() => onChange({ ...wish, pairs: [] })}>
          None
        </Button>
      </div>
      <div
        className="grid max-h-44 grid-cols-2 gap-x-3 overflow-y-auto sm:grid-cols-3"
        tabIndex={0}
        role="group"
        aria-label="Pairs with candles"
      >
        {there.map((pair) => (
          <Tick key={pair} checked={wish.pairs.includes(pair)} onChange={(chosen) => toggle(pair, chosen)}>
            {pair}
          </Tick>
        ))}
      </div>
    </Group>
  );
}

/** Days as a person counts them: back from the last there is. */
function startOf(last: string, days: number): string {
  return new Date(Date.parse(last) - days * DAY_MS).toISOString().slice(0, 10);
}

function Range({ wish, offer, onChange }: ChoiceProps) {
  const reach = reachOf(offer.candles[wish.candles], wish.timeframe, wish.pairs);
  const bounds = reach === null ? {} : { min: reach.first, max: reach.last };
  return (
    <Group title="Range" field="range">
      <div className="grid grid-cols-2 gap-x-3">
        <TextField
          label="First day, UTC"
          field="start"
          type="date"
          value={wish.start}
          onChange={(start) => onChange({ ...wish, start })}
          {...bounds}
        />
        <TextField
          label="Day after the last, UTC"
          field="end"
          type="date"
          value={wish.end}
          onChange={(end) => onChange({ ...wish, end })}
          {...bounds}
        />
      </div>
      <div className="mt-1 flex flex-wrap items-center gap-x-1 text-xs text-ink-3">
        <span className="mr-auto">
          {reach === null ? "Choose a pair first." : `Candles from ${reach.first} to ${reach.last}; empty means all.`}
        </span>
        {reach !== null && (
          <>
            <Button tone="quiet" onClick={() => onChange({ ...wish, start: startOf(reach.last, 90), end: "" })}>
              Last 90 days
            </Button>
            <Button tone="quiet" onClick={() => onChange({ ...wish, start: "", end: "" })}>
              All
            </Button>
          </>
        )}
      </div>
    </Group>
  );
}

/** Whose candles, of which pairs, and from when to when. */
export function CandleChoice({ wish, offer, onChange }: ChoiceProps) {
  const timeframes = timeframesOf(offer.candles[wish.candles]);
  return (
    <>
      <Group title="Candles" field="timeframe">
        <div className="flex flex-wrap items-center gap-3">
          {offer.candles.length > 1 && (
            <Select
              label="Where candles come from"
              value={String(wish.candles)}
              options={offer.candles.map(({ exchange, label }, place) => ({
                value: String(place),
                label: `${exchange}, ${label}`,
              }))}
              onChoose={(place) => onChange(withCandles(wish, offer, Number(place), wish.timeframe))}
            />
          )}
          <OneOf
            label="Timeframe of the candles"
            value={wish.timeframe}
            options={timeframes.map((timeframe) => ({ value: timeframe, label: timeframe }))}
            onChoose={(timeframe) => onChange(withCandles(wish, offer, wish.candles, timeframe))}
          />
        </div>
        <p className="mt-1 text-xs text-ink-3">
          Stops and targets are watched on these; a strategy may read longer bars, which are made of them.
        </p>
      </Group>
      <Pairs wish={wish} offer={offer} onChange={onChange} />
      <Range wish={wish} offer={offer} onChange={onChange} />
    </>
  );
}
