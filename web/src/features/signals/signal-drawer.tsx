import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { signalQuery } from "../../api/queries";
import type { Lesson, Order, Shadow, Signal, SignalDetail, Trade } from "../../api/types";
import {
  compare,
  formatDecimal,
  formatPercent,
  formatPrice,
  formatUsd,
  NOTHING,
  priceDigits,
  roundTo,
  signOf,
} from "../../lib/decimal";
import { cyclePath, promptPath } from "../../lib/links";
import { plainWords, sentenceCase } from "../../lib/words";
import { formatUtc, parseTime } from "../../lib/time";
import { FeedAge } from "../../ui/age";
import { Drawer } from "../../ui/drawer";
import { Fact, plain, ProfitUsd } from "../../ui/figures";
import { ResultR } from "../../ui/result";
import { SideMark } from "../../ui/side";
import { Skeleton, View } from "../../ui/states";
import { fractionWords, levelsOf, TierTag } from "./parts";
import { SizingChain } from "./sizing-chain";
import { shadowWords, VotesTold } from "./votes-told";

const LINK = "text-accent underline underline-offset-4";

function Head({ signal }: { signal: Signal }) {
  const levels = levelsOf(signal);
  const { rsi_14, macd_signal, atr_14, volume_ratio } = signal.indicators;
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <SideMark side={signal.side} className="text-lg" />
        <span className="text-lg font-semibold">{signal.pair}</span>
        <TierTag signal={signal} />
      </div>
      <p className="mt-1 text-ink-2">
        {formatUtc(parseTime(signal.timestamp), { seconds: true })} UTC, <FeedAge at={signal.timestamp} word="old" />.{" "}
        {formatPercent(String(signal.confidence))} sure, market {plainWords(signal.regime)}, entered{" "}
        {signal.entry_kind === "maker" ? "by a resting maker order" : "at market"}.
      </p>
      <dl className="mt-4 grid grid-cols-3 gap-x-4 gap-y-3">
        <Fact term="Entry">{levels.entry}</Fact>
        <Fact term="Stop">{levels.stop}</Fact>
        <Fact term="Reward to risk">{plain(signal.risk_reward_ratio, 2)}</Fact>
        {levels.targets.map((price, index) => (
          <Fact
            key={index}
            term={`Target ${index + 1}, closes ${fractionWords(signal.targets[index]?.fraction ?? "1")}`}
          >
            {price}
          </Fact>
        ))}
      </dl>
      <dl className="mt-3 grid grid-cols-4 gap-x-4 border-t border-line pt-3">
        <Fact term="RSI 14">{plain(rsi_14, 1)}</Fact>
        <Fact term="MACD signal">{macd_signal === null ? NOTHING : formatPrice(macd_signal.toPrecision(4))}</Fact>
        <Fact term="ATR 14">{atr_14 === null ? NOTHING : formatPrice(atr_14.toPrecision(4))}</Fact>
        <Fact term="Volume">{plain(volume_ratio, 2, "×")}</Fact>
      </dl>
    </>
  );
}

function Orders({ orders }: { orders: readonly Order[] }) {
  return (
    <ul className="mt-2">
      {orders.map((order) => (
        <li key={order.client_id} className="border-t border-line py-2">
          <div className="flex flex-wrap justify-between gap-x-3">
            <span>
              <span className="text-ink-2">{order.portfolio}</span> {order.purpose}
              {order.kind !== order.purpose && `, ${plainWords(order.kind)}`}
            </span>
            <span className="font-medium">{plainWords(order.state)}</span>
          </div>
          <p className="text-xs text-ink-2">
            {order.action} {order.filled} of {order.quantity} at {formatPrice(order.price)}
            {order.reason !== null && `: ${order.reason}`}
          </p>
        </li>
      ))}
    </ul>
  );
}

function Trades({ trades }: { trades: readonly Trade[] }) {
  return (
    <ul className="mt-2">
      {trades.map((trade) => {
        const digits = priceDigits(trade.entry, trade.exit);
        return (
          <li key={trade.id} className="flex flex-wrap justify-between gap-x-3 border-t border-line py-2">
            <span>
              <span className="text-ink-2">{trade.portfolio}</span> {formatPrice(trade.entry, digits)} →{" "}
              {formatPrice(trade.exit, digits)}, {plainWords(trade.reason)}
            </span>
            <span>
              <ProfitUsd value={trade.pnl} /> USD, {formatDecimal(trade.r, { digits: 2, signed: true })} R
            </span>
            <span className="basis-full text-xs text-ink-3">
              fees {formatUsd(trade.fees)}
              {signOf(roundTo(trade.funding, 2)) !== 0 && `, funding ${formatUsd(trade.funding, { signed: true })}`} USD
              {compare(trade.leverage, "1") !== 0 && `, ${formatDecimal(trade.leverage, { digits: 0 })} ×`}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

/** Paper trades that nobody's vote stands for: the council's own, the unweighted majority's, a strategy's. */
function OwnShadows({ shadows }: { shadows: readonly Shadow[] }) {
  return (
    <ul className="mt-2">
      {shadows.map((shadow) => (
        <li key={shadow.id} className="border-t border-line py-2">
          <p className="flex items-baseline gap-2">
            <span className="font-medium">{plainWords(shadow.analyst)}</span>
            <SideMark side={shadow.side} className="text-xs" />
          </p>
          <p className="text-xs text-ink-2" title={`Record: ${shadow.record}`}>
            {shadowWords(shadow, "this decision")}
          </p>
        </li>
      ))}
    </ul>
  );
}

function Lessons({ lessons }: { lessons: readonly Lesson[] }) {
  return (
    <ul className="mt-2">
      {lessons.map((lesson) => (
        <li key={lesson.trade} className="border-t border-line py-2">
          <p className="flex flex-wrap justify-between gap-x-3">
            <span className="text-ink-2">{lesson.portfolio}</span>
            <ResultR value={lesson.r} />
          </p>
          <p className="font-medium break-words">{lesson.lesson}</p>
          <p className="text-xs break-words text-ink-2">Expected: {lesson.expected}</p>
          <p className="text-xs break-words text-ink-2">Happened: {lesson.happened}</p>
          <p className="text-xs text-ink-3">Written by {lesson.by}</p>
        </li>
      ))}
    </ul>
  );
}

function Told({ detail }: { detail: SignalDetail }) {
  const { signal, decided_in, orders, trades, shadows, lessons } = detail;
  const heading = "mt-6 font-semibold";
  const voters = new Set(signal.votes.map((vote) => vote.analyst));
  const own = shadows.filter((shadow) => !voters.has(shadow.analyst));
  return (
    <>
      <Head signal={signal} />
      {signal.votes.length > 0 && (
        <>
          <h3 className={heading}>Who voted</h3>
          <VotesTold signal={signal} shadows={shadows} />
        </>
      )}
      {own.length > 0 && (
        <>
          <h3 className={heading}>The decision on paper</h3>
          <OwnShadows shadows={own} />
        </>
      )}
      <h3 className={heading}>Size in each book</h3>
      <p className="mb-2 text-xs text-ink-3">The bars show the share of equity after each factor.</p>
      {signal.portfolios.map((stake) => (
        <SizingChain key={stake.name} stake={stake} />
      ))}
      <h3 className={heading}>Trades</h3>
      {trades.length > 0 ? <Trades trades={trades} /> : <p className="mt-1 text-ink-2">None has been closed yet.</p>}
      {lessons.length > 0 && (
        <>
          <h3 className={heading}>Lessons</h3>
          <Lessons lessons={lessons} />
        </>
      )}
      <h3 className={heading}>Orders</h3>
      {orders.length > 0 ? <Orders orders={orders} /> : <p className="mt-1 text-ink-2">No book sent an order.</p>}
      <h3 className={heading}>How it was decided</h3>
      <dl className="mt-2 grid gap-2">
        <Fact term="Decided by">
          <span className="break-words whitespace-normal">
            {sentenceCase(signal.source)}, {signal.metadata.model_version}
          </span>
        </Fact>
        {decided_in !== null && (
          <Fact term="Cycle of the council">
            <Link to={cyclePath(decided_in.cycle)} className={LINK}>
              every vote of that cycle
            </Link>
          </Fact>
        )}
        {decided_in?.prompts.map(({ digest, template, analysts }) => (
          <Fact key={digest} term={`What ${analysts.join(", ")} read, word for word`}>
            <Link to={promptPath(digest, { cycle: decided_in.cycle })} className={LINK}>
              prompt {template}
            </Link>
          </Fact>
        ))}
        <Fact term="Estimated, because no venue gave it">{signal.metadata.estimated.join(", ") || "nothing"}</Fact>
        <Fact term="Snapshot of the inputs">
          <span className="font-mono text-xs break-all whitespace-normal">{signal.metadata.snapshot}</span>
        </Fact>
        <Fact term="Signal">
          <span className="font-mono text-xs break-all whitespace-normal">{signal.id}</span>
        </Fact>
      </dl>
    </>
  );
}

const LOADING = (
  <div className="grid gap-4">
    <Skeleton className="h-6 w-48" />
    <Skeleton className="h-24 w-full" />
    <Skeleton className="h-40 w-full" />
  </div>
);

/** Why a signal was published and what came of it. */
export function SignalDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const query = useQuery(signalQuery(id));
  return (
    <Drawer title="Why this signal" onClose={onClose}>
      <View what="This signal" query={query} skeleton={LOADING}>
        {(detail) => <Told detail={detail} />}
      </View>
    </Drawer>
  );
}
