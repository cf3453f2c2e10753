import type { Venue } from "../../api/types";
import { formatExact, NOTHING, signOf } from "../../lib/decimal";
import { Age } from "../../ui/age";
import { CheckIcon, WarnIcon } from "../../ui/icons";
import { Panel } from "../../ui/panel";
import { Cell, HeadCell, RowHead, Table } from "../../ui/table";

function Expected({ amount, compared }: { amount: string | null; compared: boolean }) {
  if (amount === null) {
    if (!compared) return <span className="text-ink-3">{NOTHING}</span>;
    return (
      <span className="inline-flex items-center gap-1 text-ink-3">
        <CheckIcon className="size-3.5" />
        agrees
      </span>
    );
  }
  return (
    <span className="inline-flex items-center gap-1 font-medium text-warn">
      <WarnIcon className="size-3.5" />
      {formatExact(amount)}
    </span>
  );
}

function Positions({ differences }: { differences: Venue["position_differences"] }) {
  if (differences.length === 0) return null;
  return (
    <ul aria-label="Positions that differ">
      {differences.map(({ pair, expected, found }) => (
        <li key={pair} className="flex items-center gap-2 border-b border-line py-1.5 text-warn">
          <WarnIcon className="size-3.5" />
          <span>
            {pair}: the venue has {formatExact(found)}, the ledger expects {formatExact(expected)}.
          </span>
        </li>
      ))}
    </ul>
  );
}

/** What the account has at the venue, and what the ledger expects where the two differ. */
export function BalancesPanel({ venue }: { venue: Venue }) {
  const { balances, balances_at: at, market } = venue;
  const doubtful = venue.orders_in_doubt > 0;
  return (
    <Panel
      title="Balances"
      aside={
        at !== null && (
          <span className="text-xs text-ink-3">
            as of <Age at={at} word="ago" />
          </span>
        )
      }
    >
      {balances.length === 0 ? (
        <p className="py-3 text-ink-2">
          {at === null ? "The venue has not been asked for them yet." : "The account is empty."}
        </p>
      ) : (
        <Table
          caption="Balances at the venue"
          head={
            <>
              <HeadCell>Asset</HeadCell>
              <HeadCell number>At the venue</HeadCell>
              <HeadCell number>In orders</HeadCell>
              <HeadCell number>Ledger</HeadCell>
            </>
          }
        >
          {balances.map(({ asset, total, held, expected }) => (
            <tr key={asset} className="border-b border-line">
              <RowHead>{asset}</RowHead>
              <Cell number>{formatExact(total)}</Cell>
              <Cell number className="text-ink-2">
                {signOf(held) === 0 ? NOTHING : formatExact(held)}
              </Cell>
              <Cell number>
                <Expected amount={expected} compared={market === "spot" && !doubtful} />
              </Cell>
            </tr>
          ))}
        </Table>
      )}
      <Positions differences={venue.position_differences} />
      {market === "spot" && doubtful && (
        <p className="pt-2 text-xs text-ink-3">While an order is in doubt balances are not compared anew.</p>
      )}
      {market === "perp" && (
        <p className="pt-2 text-xs text-ink-3">
          On perpetuals positions are compared with the ledger; balances also move with funding.
        </p>
      )}
    </Panel>
  );
}
