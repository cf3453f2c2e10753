/** Direction, always told three ways: a shape, a word and a colour. */
import { DownIcon, FlatIcon, UpIcon } from "./icons";

export type Stance = "LONG" | "SHORT" | "FLAT";

const TONE: Record<Stance, string> = { LONG: "text-long", SHORT: "text-short", FLAT: "text-ink-3" };

export function SideIcon({ side, className }: { side: Stance; className?: string }) {
  const Sign = side === "LONG" ? UpIcon : side === "SHORT" ? DownIcon : FlatIcon;
  return <Sign {...(className !== undefined && { className })} />;
}

export function SideMark({ side, className = "" }: { side: Stance; className?: string }) {
  return (
    <span className={`inline-flex items-center gap-1 font-semibold ${TONE[side]} ${className}`}>
      <SideIcon side={side} className="size-3" />
      {side}
    </span>
  );
}
