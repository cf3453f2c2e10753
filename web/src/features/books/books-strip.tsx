import { useQuery } from "@tanstack/react-query";
import { performanceQuery, portfoliosQuery } from "../../api/queries";
import type { Performance, Portfolio } from "../../api/types";
import { divide, formatPercent, formatUsd, signOf, subtract } from "../../lib/decimal";
import { Fact, plain } from "../../ui/figures";
import { CrossIcon } from "../../ui/icons";
import { Empty, Skeleton, View } from "../../ui/states";
import { LineSample } from "../../ui/line-style";

const GRID = "grid divide-y divide-line lg:grid-cols-3 lg:divide-x lg:divide-y-0";
const CELL = "py-3 lg:px-5 lg:first:pl-0 lg:last:pr-0 compact:py-2";

function shareGained(book: Portfolio): string {
  return divide(subtract(book.equity, book.start_equity), book.start_equity) ?? "0";
}

function Book({ book, index, results }: { book: Portfolio; index: number; results: Performance | undefined }) {
  const gained = shareGained(book);
  const tone = signOf(gained) > 0 ? "text-long" : signOf(gained) < 0 ? "text-short" : "";
  const winRate = results?.win_rate ?? null;
  return (
    <section aria-label={`Book ${book.name}`} className={CELL}>
      <div className="flex items-baseline justify-between gap-3">
        <h3 className="flex min-w-0 items-center gap-2 font-medium">
          <LineSample index={index} />
          <span className="truncate">{book.name}</span>
          {book.blocked && (
            <span className="inline-flex items-center gap-1 rounded-sm bg-halt px-1.5 text-xs font-medium text-on-halt">
              <CrossIcon className="size-3" />
              blocked
            </span>
          )}
        </h3>
        <p className="text-lg font-medium whitespace-nowrap">
          {formatUsd(book.equity)} <span className="text-xs font-normal text-ink-3">USD</span>
        </p>
      </div>
      <dl className="mt-1.5 grid grid-cols-[1.15fr_1.35fr_1fr_0.8fr] gap-x-2">
        <Fact term="Return">
          <span className={tone}>{formatPercent(gained, { digits: 2, signed: true })}</span>
        </Fact>
        <Fact term="Max drawdown">{plain(results?.max_drawdown_pct ?? null, 2, "%")}</Fact>
        <Fact term="Win rate">{plain(winRate === null ? null : winRate * 100, 0, "%")}</Fact>
        <Fact term="Trades">{plain(results?.trades ?? null, 0)}</Fact>
      </dl>
    </section>
  );
}

const LOADING = (
  <div className={GRID}>
    {[0, 1, 2].map((index) => (
      <div key={index} className={CELL}>
        <div className="flex h-6 items-center justify-between">
          <Skeleton className="h-5 w-32" />
          <Skeleton className="h-5 w-28" />
        </div>
        <Skeleton className="mt-1.5 h-9 w-full" />
      </div>
    ))}
  </div>
);

/** One line of key figures for every book; its line sample is the legend of the curves below. */
export function BooksStrip() {
  const portfolios = useQuery(portfoliosQuery);
  const performance = useQuery(performanceQuery);
  return (
    <section aria-labelledby="books">
      <h2 id="books" className="sr-only">
        Books
      </h2>
      <View what="Books" query={portfolios} skeleton={LOADING}>
        {(data) =>
          data.portfolios.length === 0 ? (
            <Empty title="No books yet">They open with the account, at the first step of the feed.</Empty>
          ) : (
            <div className={GRID}>
              {data.portfolios.map((book, index) => (
                <Book
                  key={book.name}
                  book={book}
                  index={index}
                  results={performance.data?.portfolios.find((results) => results.portfolio === book.name)}
                />
              ))}
            </div>
          )
        }
      </View>
    </section>
  );
}
