import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { deskQuery } from "../../api/queries";
import { plainWords } from "../../lib/words";
import { Select } from "../../ui/choice";
import { Panel } from "../../ui/panel";
import { TIERS, useSignalAddress } from "./filter";
import { SignalList } from "./signal-list";

const SignalDrawer = lazy(() => import("./signal-drawer").then((module) => ({ default: module.SignalDrawer })));

/** The strategy that the council's own signals carry. */
const COUNCIL = { value: "consensus", label: "council" };

function options(all: string, names: readonly string[]) {
  return [{ value: "", label: all }, ...names.map((name) => ({ value: name, label: plainWords(name) }))];
}

/** The signal that the address names, told in a drawer over whatever page is shown. */
export function OpenedSignal() {
  const { opened, open } = useSignalAddress();
  if (opened === null) return null;
  return (
    <Suspense>
      <SignalDrawer id={opened} onClose={() => open(null)} />
    </Suspense>
  );
}

/** Live signals with their filters; the opened one is told in a drawer. */
export function SignalsPanel({ className = "" }: { className?: string }) {
  const { filter, setFilter, open } = useSignalAddress();
  const desk = useQuery(deskQuery);
  const strategies = (desk.data?.strategies ?? []).map((name) => ({ value: name, label: plainWords(name) }));
  const pairs = desk.data?.pairs ?? [];
  return (
    <Panel
      title="Signals"
      className={className}
      aside={
        <div className="grid grid-cols-[5.5rem_6.5rem_6.5rem] gap-1 max-sm:w-full max-sm:grid-cols-3">
          <Select
            label="Tier"
            options={options("All tiers", TIERS)}
            value={filter.tier ?? ""}
            onChoose={(tier) => setFilter({ tier })}
          />
          <Select
            label="Source"
            options={[{ value: "", label: "All sources" }, COUNCIL, ...strategies]}
            value={filter.strategy ?? ""}
            onChoose={(source) => setFilter({ source })}
          />
          <Select
            label="Pair"
            options={[{ value: "", label: "All pairs" }, ...pairs.map((pair) => ({ value: pair, label: pair }))]}
            value={filter.pair ?? ""}
            onChoose={(pair) => setFilter({ pair })}
          />
        </div>
      }
    >
      <SignalList filter={filter} onOpen={open} />
      <OpenedSignal />
    </Panel>
  );
}

/** The signals of one pair, for beside its chart. */
export function PairSignals({ pair, className = "" }: { pair: string; className?: string }) {
  const { open } = useSignalAddress();
  return (
    <Panel title={`Signals of ${pair}`} className={className}>
      <SignalList filter={{ tier: null, strategy: null, pair }} onOpen={open} />
      <OpenedSignal />
    </Panel>
  );
}
