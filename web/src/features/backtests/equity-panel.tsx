import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { curveQuery } from "../../api/backtest-queries";
import type { BacktestCurve, BacktestResult } from "../../api/types";
import { OneOf, Select } from "../../ui/choice";
import { Panel } from "../../ui/panel";
import { Empty, Skeleton, View } from "../../ui/states";
import { CHART_HEIGHT, Curves } from "./curves";

const LOADING = (
  <div className="grid gap-2 pt-2">
    <Skeleton className="h-4 w-64" />
    <Skeleton className={`w-full ${CHART_HEIGHT}`} />
    <Skeleton className="h-4 w-40" />
  </div>
);

type Beside = "held" | "nothing";

const BESIDE = [
  { value: "held", label: "Over holding" },
  { value: "nothing", label: "Alone" },
] as const;

/** What was simply held began with everything, so it is drawn with the total only. */
function heldOf(result: BacktestResult, chosen: string) {
  return chosen === "total" ? result.curves.find(({ kind }) => kind === "baseline") : undefined;
}

function labelOf(result: BacktestResult, name: string): string {
  return result.curves.find((curve) => curve.name === name)?.label ?? name;
}

function Drawn({ result, own, held }: { result: BacktestResult; own: BacktestCurve; held: BacktestCurve | undefined }) {
  const lines = useMemo(
    () =>
      [own, ...(held === undefined ? [] : [held])].map(({ curve, points }) => ({
        name: labelOf(result, curve),
        points,
      })),
    [result, own, held],
  );
  return <Curves lines={lines} asChange={false} />;
}

interface EquityProps {
  id: string;
  result: BacktestResult;
  chosen: string;
  beside: Beside;
}

function Equity({ id, result, chosen, beside }: EquityProps) {
  const query = useQuery(curveQuery(id, chosen));
  const against = beside === "held" ? heldOf(result, chosen) : undefined;
  const held = useQuery({ ...curveQuery(id, against?.name ?? chosen), enabled: against !== undefined });
  return (
    <View what="The curve" query={query} skeleton={LOADING}>
      {(own) => <Drawn result={result} own={own} held={against === undefined ? undefined : held.data} />}
    </View>
  );
}

/** Equity and drawdown of everything together or of one part, and what holding would have made. */
export function EquityPanel({ id, result }: { id: string; result: BacktestResult }) {
  const own = result.curves.filter(({ kind }) => kind !== "baseline");
  const [chosen, choose] = useState(own[0]?.name ?? "total");
  const [beside, setBeside] = useState<Beside>("held");
  return (
    <Panel
      title="Equity and drawdown"
      aside={
        <div className="flex flex-wrap items-center gap-2">
          {heldOf(result, chosen) !== undefined && (
            <OneOf label="What it is drawn with" options={BESIDE} value={beside} onChoose={setBeside} />
          )}
          {own.length > 1 && (
            <Select
              label="Curve"
              value={chosen}
              options={own.map(({ name, label }) => ({ value: name, label }))}
              onChoose={choose}
            />
          )}
        </div>
      }
    >
      {own.length === 0 ? (
        <Empty title="No curve">Nothing was traded and nothing was marked.</Empty>
      ) : (
        <Equity id={id} result={result} chosen={chosen} beside={beside} />
      )}
    </Panel>
  );
}
