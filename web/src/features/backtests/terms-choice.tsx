import type { BacktestOffer } from "../../api/types";
import { formatDecimal, formatPercent } from "../../lib/decimal";
import { plainWords } from "../../lib/words";
import { OneOf } from "../../ui/choice";
import { FaultText, Group, TextField, Tick } from "./field";
import { ENGINES } from "./words";
import { withEngine, type Wish } from "./wish";

interface ChoiceProps {
  wish: Wish;
  offer: BacktestOffer;
  onChange: (wish: Wish) => void;
}

const ENTRIES = [
  { value: "next_open", label: "Next open" },
  { value: "this_close", label: "This close" },
] as const;
const TIES = [
  { value: "pessimistic", label: "Stop first" },
  { value: "optimistic", label: "Target first" },
] as const;

function Costs({ wish, offer, onChange }: ChoiceProps) {
  const ofDesk = (name: string) => wish.engine === "event" && name !== "funding" && name !== "liquidation";
  const switched = (name: Wish["without"][number], on: boolean) =>
    onChange({ ...wish, without: on ? wish.without.filter((other) => other !== name) : [...wish.without, name] });
  return (
    <Group title="Costs" field="without">
      <div className="grid grid-cols-2 gap-x-3">
        <TextField
          label="Fee of every fill, %"
          field="fee"
          value={wish.feePercent}
          placeholder="as set"
          hint={`Empty: maker ${formatPercent(offer.maker_fee, { digits: 3 })}, taker ${formatPercent(offer.taker_fee, { digits: 3 })}`}
          onChange={(feePercent) => onChange({ ...wish, feePercent })}
        />
        <TextField
          label="Start equity of each part"
          field="start_equity"
          value={wish.startEquity}
          placeholder="as set"
          disabled={wish.engine === "event"}
          hint={
            wish.engine === "event"
              ? "Portfolios begin with their own."
              : offer.start_equity === null
                ? "No portfolio sizes by risk."
                : `Empty: ${formatDecimal(offer.start_equity, { digits: 0 })}`
          }
          onChange={(startEquity) => onChange({ ...wish, startEquity })}
        />
      </div>
      <details className="mt-2">
        <summary className="text-xs text-accent">
          What counts{wish.without.length > 0 && `, ${wish.without.length} switched off`}
        </summary>
        <div className="pt-1">
          {offer.costs.map(({ name, about }) => (
            <Tick
              key={name}
              checked={!wish.without.includes(name)}
              disabled={ofDesk(name)}
              onChange={(on) => switched(name, on)}
            >
              {plainWords(name)} <span className="text-xs text-ink-3">{about}</span>
            </Tick>
          ))}
        </div>
      </details>
    </Group>
  );
}

function Conventions({ wish, onChange }: Omit<ChoiceProps, "offer">) {
  return (
    <div className="mt-3 grid gap-2">
      <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
        <span className="text-xs text-ink-2">Orders at market fill at</span>
        <OneOf
          label="Where orders at market fill"
          options={ENTRIES}
          value={wish.entry}
          onChoose={(entry) => onChange({ ...wish, entry })}
        />
      </div>
      <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
        <span className="text-xs text-ink-2">Stop and target in one candle</span>
        <OneOf
          label="Stop and target in one candle"
          options={TIES}
          value={wish.tie}
          onChoose={(tie) => onChange({ ...wish, tie })}
        />
      </div>
      {(wish.entry === "this_close" || wish.tie === "optimistic") && (
        <p className="text-xs text-warn">This is kinder than the market: results will flatter.</p>
      )}
      <FaultText field="entry" />
      <FaultText field="tie" />
    </div>
  );
}

/** How it is run: by which engine, at which costs, by which conventions. */
export function TermsChoice({ wish, offer, onChange }: ChoiceProps) {
  return (
    <>
      <Group title="Engine" field="engine">
        <OneOf
          label="Engine"
          value={wish.engine}
          options={[
            { value: "compiled", label: "Compiled" },
            { value: "event", label: "Real desk" },
          ]}
          onChoose={(engine) => onChange(withEngine(wish, engine))}
        />
        <p className="mt-1 text-xs text-ink-3">{ENGINES[wish.engine]}</p>
        {wish.engine === "compiled" && <Conventions wish={wish} onChange={onChange} />}
      </Group>
      <Costs wish={wish} offer={offer} onChange={onChange} />
      <div className="border-t border-line pt-2">
        <Tick checked={wish.baselines} onChange={(baselines) => onChange({ ...wish, baselines })}>
          Ask whether luck does as well
          <span className="block text-xs text-ink-3">
            Random entry, holding, intervals and other orders of the results: some seconds more, and without them there
            is no verdict.
          </span>
        </Tick>
      </div>
    </>
  );
}
