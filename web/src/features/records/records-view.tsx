import { useQuery } from "@tanstack/react-query";
import { startTransition, useOptimistic } from "react";
import { useSearchParams } from "react-router";
import { recordsQuery } from "../../api/council-queries";
import type { Analysts, AnalystRecord } from "../../api/types";
import { formatUtc, parseTime } from "../../lib/time";
import { Panel } from "../../ui/panel";
import { Empty, Skeleton, View } from "../../ui/states";
import { Leaderboard } from "./leaderboard";
import { RecordDetail } from "./record-detail";
import { Versus } from "./versus";
import { chosenOf, idOf } from "./words";

/** What is shown, kept in the address: `?record=ID&earlier=yes`. */
function useRecordsAddress() {
  const [address, setAddress] = useSearchParams();
  const withChange = (name: string, value: string | null) => {
    const after = new URLSearchParams(address);
    if (value === null) after.delete(name);
    else after.set(name, value);
    return after;
  };
  return {
    wanted: address.get("record"),
    earlier: address.get("earlier") === "yes",
    addressOf: (id: string) => `?${withChange("record", id)}`,
    setEarlier: (earlier: boolean) =>
      setAddress(withChange("earlier", earlier ? "yes" : null), { replace: true, preventScrollReset: true }),
  };
}

function CouncilVerdict({ records }: { records: readonly AnalystRecord[] }) {
  const council = records.find((record) => record.kind === "council" && record.record.newest);
  return (
    <Panel title="The council against what it has to beat">
      {council === undefined ? (
        <p className="py-3 text-ink-2">
          The council has no record yet: it begins with the first quorum. Until then nothing says that it is better than
          its best analyst, a plain majority, buying and holding, or luck.
        </p>
      ) : (
        <Versus record={council} caption="The council against its best analyst, a majority, buy and hold, and luck" />
      )}
    </Panel>
  );
}

function EarlierSwitch({ on, onSwitch }: { on: boolean; onSwitch: (on: boolean) => void }) {
  // The address changes a moment later; the box must not jump back meanwhile.
  const [shown, show] = useOptimistic(on);
  const change = (next: boolean) =>
    startTransition(() => {
      show(next);
      onSwitch(next);
    });
  return (
    <label className="inline-flex items-center gap-2 text-xs text-ink-2">
      <input type="checkbox" checked={shown} onChange={(event) => change(event.target.checked)} />
      Earlier records too
    </label>
  );
}

function Records({ data }: { data: Analysts }) {
  const { wanted, earlier, addressOf, setEarlier } = useRecordsAddress();
  const records = data.models;
  const chosen = chosenOf(records, wanted);
  return (
    <div className="grid gap-y-8 pt-2">
      <CouncilVerdict records={records} />
      <Panel
        title="Records"
        aside={
          <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
            {data.as_of !== null && (
              <span className="text-xs text-ink-3">
                paper trades closed up to {formatUtc(parseTime(data.as_of))} UTC
              </span>
            )}
            <EarlierSwitch on={earlier} onSwitch={setEarlier} />
          </div>
        }
      >
        {chosen === undefined ? (
          <Empty title="No records yet">
            Every vote with a direction is run to its end on paper; a record begins with the first.
          </Empty>
        ) : (
          <Leaderboard records={records} chosen={idOf(chosen)} addressOf={addressOf} />
        )}
        <p className="mt-2 text-xs text-ink-3">
          Every vote is run to its end on paper with the same exits and costs. R is the distance from entry to stop.
          Intervals are 95 %, bootstrapped over days; a hollow dot has none yet, arrows go on beyond the scale. Who has
          too few decisions or days has no rank, and says what is missing.
        </p>
      </Panel>
      {chosen !== undefined && <RecordDetail key={idOf(chosen)} record={chosen} />}
    </div>
  );
}

const LOADING = (
  <div className="grid gap-3 pt-3">
    {Array.from({ length: 10 }, (_, index) => (
      <Skeleton key={index} className="h-10 w-full" />
    ))}
  </div>
);

/** Records of analysts: who is any good, how sure that is, and what may be concluded. */
export function RecordsView() {
  const [address] = useSearchParams();
  const query = useQuery(recordsQuery(address.get("earlier") === "yes"));
  return (
    <View what="Records" query={query} skeleton={LOADING}>
      {(data) => <Records data={data} />}
    </View>
  );
}
