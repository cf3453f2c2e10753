import type { Price } from "../../api/types";
import { formatCompact, formatPrice, NOTHING } from "../../lib/decimal";
import { FeedAge } from "../../ui/age";
import { Fact, Signed } from "../../ui/figures";

/** The newest quote of the pair, with its age and what of it was estimated. */
export function QuoteLine({ pair, price, digits }: { pair: string; price: Price | undefined; digits: number }) {
  const text = (value: string | null | undefined) => (value == null ? NOTHING : formatPrice(value, digits));
  const base = pair.split("/")[0];
  const estimated = price?.estimated ?? [];
  return (
    <div className="flex flex-wrap items-end gap-x-8 gap-y-2 border-b border-line-strong py-3">
      <div className="min-w-48">
        <h1 className="text-base font-semibold">{pair}</h1>
        <p className="text-xl font-medium">{text(price?.last)}</p>
      </div>
      <dl className="grid grid-cols-[repeat(5,auto)] gap-x-6 max-sm:grid-cols-[repeat(3,auto)] max-sm:gap-y-1">
        <Fact term="24 h">
          <Signed value={price?.change_24h_pct ?? null} digits={2} unit="%" />
        </Fact>
        <Fact term={estimated.includes("bid") ? "Bid, estimated" : "Bid"}>{text(price?.bid)}</Fact>
        <Fact term={estimated.includes("ask") ? "Ask, estimated" : "Ask"}>{text(price?.ask)}</Fact>
        <Fact term="Volume 24 h">
          {price?.volume_24h == null ? NOTHING : `${formatCompact(price.volume_24h.toFixed(2))} ${base}`}
        </Fact>
        <Fact term="Age">{price === undefined ? NOTHING : <FeedAge at={price.at} />}</Fact>
      </dl>
    </div>
  );
}
