import { useQuery } from "@tanstack/react-query";
import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";
import { pricesQuery } from "../../api/queries";
import type { Price } from "../../api/types";
import { formatPrice, toNumber } from "../../lib/decimal";
import { Signed } from "../../ui/figures";
import { SearchIcon } from "../../ui/icons";
import { Empty, Skeleton, View } from "../../ui/states";

interface PairPickerProps {
  chosen: string;
  onChoose: (pair: string) => void;
}

/** Traded in 24 h in quote units, as near as sorting needs. */
function turnover(price: Price): number {
  return price.volume_24h === null ? -1 : price.volume_24h * toNumber(price.last);
}

function byTurnover(left: Price, right: Price): number {
  return turnover(right) - turnover(left) || left.pair.localeCompare(right.pair);
}

interface RowProps {
  price: Price;
  id: string;
  chosen: boolean;
  active: boolean;
  onChoose: () => void;
}

function Row({ price, id, chosen, active, onChoose }: RowProps) {
  const row = useRef<HTMLLIElement>(null);
  const [base, quote] = price.pair.split("/");
  useEffect(() => {
    if (active) row.current?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <li
      ref={row}
      id={id}
      role="option"
      aria-selected={chosen}
      onClick={onChoose}
      className={`grid h-(--row) cursor-pointer grid-cols-[1fr_auto_4.25rem] items-center gap-x-2 border-b border-line px-2 ${
        chosen ? "bg-accent-quiet font-medium" : "hover:bg-surface"
      } ${active ? "outline-2 -outline-offset-2 outline-accent" : ""}`}
    >
      <span className="truncate">
        {base}
        <span className="text-xs text-ink-3">/{quote}</span>
      </span>
      <span className="text-right">{formatPrice(price.last)}</span>
      <span className="text-right text-xs">
        <Signed value={price.change_24h_pct} digits={2} unit="%" />
      </span>
    </li>
  );
}

function Pairs({ prices, chosen, onChoose }: PairPickerProps & { prices: readonly Price[] }) {
  const [text, setText] = useState("");
  const [active, setActive] = useState<number | null>(null);
  const id = useId();
  const wanted = text.trim().toUpperCase();
  const found = prices
    .filter((price) => price.pair.replace("/", "").includes(wanted.replace("/", "")))
    .toSorted(byTurnover);
  const last = found.length - 1;

  function onKeyDown(event: KeyboardEvent): void {
    const at = active ?? -1;
    const next = { ArrowDown: Math.min(at + 1, last), ArrowUp: Math.max(at - 1, 0) }[event.key];
    if (next !== undefined && found.length > 0) {
      event.preventDefault();
      setActive(next);
    }
    const pair = found[active ?? 0]?.pair;
    if (event.key === "Enter" && pair !== undefined) onChoose(pair);
  }

  return (
    <>
      <label className="flex h-9 items-center gap-2 border-b border-line-strong px-2">
        <SearchIcon className="size-4 text-ink-3" />
        <span className="sr-only">Search a pair</span>
        <input
          type="search"
          role="combobox"
          aria-expanded="true"
          aria-controls={id}
          aria-autocomplete="list"
          aria-activedescendant={active === null ? undefined : `${id}-${active}`}
          autoComplete="off"
          spellCheck={false}
          placeholder={`Search ${prices.length} pairs`}
          className="h-full min-w-0 flex-1 bg-transparent outline-none"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setActive(null);
          }}
          onKeyDown={onKeyDown}
        />
      </label>
      <ul
        id={id}
        role="listbox"
        aria-label="Pairs by turnover"
        tabIndex={-1}
        className="min-h-0 flex-1 overflow-y-auto"
      >
        {found.map((price, index) => (
          <Row
            key={price.pair}
            id={`${id}-${index}`}
            price={price}
            chosen={price.pair === chosen}
            active={index === active}
            onChoose={() => onChoose(price.pair)}
          />
        ))}
      </ul>
      {found.length === 0 && <Empty title={`No pair has “${text}” in its name`} />}
      <p className="px-2 pt-2 text-xs text-ink-3">Price and change over 24 h, by turnover</p>
    </>
  );
}

const LOADING = (
  <div className="grid gap-2 pt-2">
    {Array.from({ length: 14 }, (_, index) => (
      <Skeleton key={index} className="h-7 w-full" />
    ))}
  </div>
);

/** Every pair of the feed with its price, found by typing; arrow keys and Enter choose. */
export function PairPicker({ chosen, onChoose }: PairPickerProps) {
  const query = useQuery(pricesQuery);
  return (
    <div className="flex h-full min-h-0 flex-col">
      <View what="Prices" query={query} skeleton={LOADING}>
        {(data) =>
          data.prices.length === 0 ? (
            <Empty title="No prices yet">They come with the first candles of the feed.</Empty>
          ) : (
            <Pairs prices={data.prices} chosen={chosen} onChoose={onChoose} />
          )
        }
      </View>
    </div>
  );
}
