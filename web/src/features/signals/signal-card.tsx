import { memo } from "react";
import { Link } from "react-router";
import type { Signal } from "../../api/types";
import { formatPercent } from "../../lib/decimal";
import { marketPath } from "../../lib/links";
import { plainWords } from "../../lib/words";
import { FeedAge } from "../../ui/age";
import { Button } from "../../ui/button";
import { Meter } from "../../ui/meter";
import { SideMark } from "../../ui/side";
import { fractionWords, levelsOf, StakeLine, TierTag, VoteMark } from "./parts";

interface CardProps {
  signal: Signal;
  onOpen: (id: string) => void;
}

interface LevelProps {
  /** What is seen, in few letters, and what is read aloud where that differs. */
  term: string;
  aloud?: string;
  price: string;
  className?: string;
}

function Level({ term, aloud, price, className = "" }: LevelProps) {
  return (
    <div className={className}>
      <dt className="text-xs whitespace-nowrap text-ink-3">
        {aloud === undefined ? (
          term
        ) : (
          <>
            <span aria-hidden="true">{term}</span>
            <span className="sr-only">{aloud}</span>
          </>
        )}
      </dt>
      <dd className="text-xs whitespace-nowrap sm:text-sm">{price}</dd>
    </div>
  );
}

/** First what, which way, how sure, how old; then the levels on one line; then who voted; the rest on demand. */
export const SignalCard = memo(function SignalCard({ signal, onOpen }: CardProps) {
  const levels = levelsOf(signal);
  return (
    <article
      aria-label={`${signal.side} ${signal.pair}, ${signal.tier}`}
      className="arrive grid gap-2 border-b border-line py-3 compact:gap-1 compact:py-2"
    >
      <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
        <SideMark side={signal.side} className="text-base" />
        <Link
          to={marketPath(signal.pair)}
          className="text-base font-semibold whitespace-nowrap underline-offset-4 hover:underline"
          aria-label={`${signal.pair}, open its market`}
        >
          {signal.pair}
        </Link>
        <TierTag signal={signal} />
      </div>
      <div className="flex items-center gap-3">
        <span className="whitespace-nowrap">
          <span className="font-medium">{formatPercent(String(signal.confidence), { digits: 0 })}</span>{" "}
          <span className="text-ink-2">sure</span>
        </span>
        <Meter share={signal.confidence} className="w-10 shrink-0 sm:w-16" />
        <span className="min-w-0 truncate text-ink-2">{plainWords(signal.regime)}</span>
        <FeedAge at={signal.timestamp} className="ml-auto text-ink-2" />
      </div>
      <dl className="flex flex-wrap gap-x-2 gap-y-1 *:basis-[18%]">
        <Level term="Entry" price={levels.entry} className="font-medium" />
        <Level term="Stop" price={levels.stop} />
        {levels.targets.map((price, index) => {
          const closes = fractionWords(signal.targets[index]?.fraction ?? "1");
          return (
            <Level
              key={index}
              term={`T${index + 1} ${closes}`}
              aloud={`Target ${index + 1}, closes ${closes}`}
              price={price}
            />
          );
        })}
      </dl>
      {signal.votes.length > 0 && (
        <ul aria-label="Votes" className="flex flex-wrap gap-x-4 gap-y-0.5 text-xs">
          {signal.votes.map((vote) => (
            <li key={vote.analyst}>
              <VoteMark vote={vote} />
            </li>
          ))}
        </ul>
      )}
      <div className="flex items-end justify-between gap-3">
        <ul aria-label="What each book does" className="flex flex-wrap gap-x-4 gap-y-0.5 text-xs">
          {signal.portfolios.map((stake) => (
            <li key={stake.name}>
              <StakeLine stake={stake} />
            </li>
          ))}
        </ul>
        <Button
          tone="quiet"
          className="-my-1.5 -mr-2 shrink-0"
          aria-label={`Why ${signal.side} ${signal.pair}`}
          onClick={() => onOpen(signal.id)}
        >
          Why
        </Button>
      </div>
    </article>
  );
});
