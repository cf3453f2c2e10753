import { useQuery } from "@tanstack/react-query";
import { riskQuery } from "../../api/queries";
import { CrossIcon, WarnIcon } from "../../ui/icons";
import { UndoPanic } from "./undo-panic";

/** "Trading is halted: the venue's account differs." Reasons are sentences of their own, or clauses. */
function because(what: string, reason: string): string {
  if (reason === "") return `${what}.`;
  const clause = /^\p{Ll}/u.test(reason);
  return `${what}${clause ? ":" : "."} ${reason}${/[.!?]$/.test(reason) ? "" : "."}`;
}

/** Stands across the page when the desk may not open anything. */
export function HaltBar() {
  const { data } = useQuery(riskQuery);
  if (data === undefined || data.trading_state === "ACTIVE") return null;
  const halted = data.trading_state === "HALTED";
  return (
    <div
      role="alert"
      className={`flex items-center gap-2 px-4 py-2 font-medium ${halted ? "bg-halt text-on-halt" : "bg-warn-quiet text-warn"}`}
    >
      {halted ? <CrossIcon /> : <WarnIcon />}
      <span>{because(halted ? "Trading is halted" : "The desk only reduces", data.trading_reason)}</span>
      <UndoPanic />
    </div>
  );
}
