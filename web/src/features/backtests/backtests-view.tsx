import { useState } from "react";
import { ListPanel } from "./list-panel";
import { StartDrawer } from "./start-drawer";

/** The backtests that are kept, and a way to start another one. */
export function BacktestsView() {
  const [starting, setStarting] = useState(false);
  return (
    <>
      <ListPanel onNew={() => setStarting(true)} />
      {starting && <StartDrawer again={null} onClose={() => setStarting(false)} />}
    </>
  );
}
