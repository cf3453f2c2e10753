import type { Order } from "../../api/types";
import { sentenceCase } from "../../lib/words";
import { FeedAge } from "../../ui/age";
import { CheckIcon, CloseIcon, CrossIcon, DownIcon, FlatIcon, QuestionIcon, UpIcon } from "../../ui/icons";
import { PairLink } from "../../ui/pair-link";
import { Cell, RowHead } from "../../ui/table";
import { filledWords, kindWords, priceWords, standingOf, stateWords } from "./order-words";

const MARKS = {
  doubt: { Icon: QuestionIcon, tone: "rounded-sm bg-warn-quiet px-1 font-medium text-warn" },
  waits: { Icon: FlatIcon, tone: "text-ink-2" },
  live: { Icon: CheckIcon, tone: "text-ink" },
  going: { Icon: CloseIcon, tone: "text-ink-2" },
  done: { Icon: CheckIcon, tone: "text-ink" },
  over: { Icon: FlatIcon, tone: "text-ink-2" },
  refused: { Icon: CrossIcon, tone: "text-warn" },
} as const;

/** Buy or sell, told by a shape, a word and a colour. */
export function ActionMark({ action }: { action: Order["action"] }) {
  const buys = action === "BUY";
  const Sign = buys ? UpIcon : DownIcon;
  return (
    <span className={`inline-flex items-center gap-1 text-xs font-semibold ${buys ? "text-long" : "text-short"}`}>
      <Sign className="size-3" />
      {action}
    </span>
  );
}

/** Our own id and the venue's, each said for what it is: they are what one looks an order up by. */
function Ids({ order, paper, className }: { order: Order; paper: boolean; className: string }) {
  const { client_id, venue_id, sent_at } = order;
  return (
    <span className={`text-xs font-normal text-ink-3 ${className}`}>
      <span className="block">
        ours <span className="font-mono wrap-anywhere text-ink-2">{client_id}</span>
      </span>
      {!paper && sent_at !== null && (
        <span className="block">
          {venue_id === null ? (
            "the venue's is not known"
          ) : (
            <>
              the venue's <span className="font-mono wrap-anywhere text-ink-2">{venue_id}</span>
            </>
          )}
        </span>
      )}
    </span>
  );
}

function State({ order }: { order: Order }) {
  const { Icon, tone } = MARKS[standingOf(order)];
  const going = standingOf(order) === "going" ? order.cancel_requested_at : null;
  return (
    <>
      <span className={`inline-flex items-start gap-1 ${tone}`}>
        <Icon className="mt-0.5 size-3.5" />
        {stateWords(order)}
      </span>
      <span className="block text-xs text-ink-3">
        <FeedAge at={going ?? order.changed_at} word="ago" />
      </span>
      {order.reason !== null && <span className="block text-xs text-ink-2">{order.reason}</span>}
    </>
  );
}

export function OrderRow({ order, paper }: { order: Order; paper: boolean }) {
  const { price, is } = priceWords(order);
  return (
    <tr className="border-b border-line">
      <RowHead className="py-1.5 align-top whitespace-normal!">
        <span className="flex flex-wrap items-center gap-x-2">
          <ActionMark action={order.action} />
          <PairLink pair={order.pair} />
        </span>
        <span className="block text-xs font-normal text-ink-2">
          {sentenceCase(kindWords(order))}, {order.portfolio}
        </span>
        <span className="block text-xs font-normal text-ink-2 sm:hidden">
          {filledWords(order)} at {price} <span className="text-ink-3">({is})</span>
        </span>
        <Ids order={order} paper={paper} className="block xl:hidden" />
      </RowHead>
      <Cell number className="py-1.5 align-top max-sm:hidden">
        {filledWords(order)}
      </Cell>
      <Cell number className="py-1.5 align-top max-sm:hidden">
        {price}
        <span className="block text-xs text-ink-3">{is}</span>
      </Cell>
      <Cell className="max-w-72 py-1.5 align-top whitespace-normal! wrap-anywhere max-sm:max-w-36">
        <State order={order} />
      </Cell>
      <Cell className="py-1.5 align-top max-xl:hidden">
        <Ids order={order} paper={paper} className="block" />
      </Cell>
    </tr>
  );
}
