import { useSearchParams } from "react-router";
import type { SignalFilter } from "../../api/signal-filter";
import type { Tier } from "../../api/types";

export const TIERS: readonly Tier[] = ["gold", "silver", "single"];

function asTier(text: string | null): Tier | null {
  return TIERS.find((tier) => tier === text) ?? null;
}

/** Filter and opened signal, kept in the address: `?tier=gold&pair=BTC/USDT&source=council&signal=ID`. */
export function useSignalAddress() {
  const [address, setAddress] = useSearchParams();
  const filter: SignalFilter = {
    tier: asTier(address.get("tier")),
    pair: address.get("pair"),
    strategy: address.get("source"),
  };

  function change(changes: Record<string, string | null>, replace: boolean): void {
    setAddress(
      (before) => {
        const after = new URLSearchParams(before);
        for (const [name, value] of Object.entries(changes)) {
          if (value === null || value === "") after.delete(name);
          else after.set(name, value);
        }
        return after;
      },
      { replace, preventScrollReset: true },
    );
  }

  return {
    filter,
    opened: address.get("signal"),
    setFilter: (changes: { tier?: string | null; pair?: string | null; source?: string | null }) =>
      change(changes, true),
    open: (id: string | null) => change({ signal: id }, false),
  };
}
