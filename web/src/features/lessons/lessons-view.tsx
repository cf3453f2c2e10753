import { useInfiniteQuery } from "@tanstack/react-query";
import { lessonsQuery } from "../../api/council-queries";
import type { Lesson } from "../../api/types";
import { plainWords } from "../../lib/words";
import { FeedAge } from "../../ui/age";
import { Button } from "../../ui/button";
import { Panel } from "../../ui/panel";
import { ResultR } from "../../ui/result";
import { SideMark } from "../../ui/side";
import { Empty, Skeleton, View } from "../../ui/states";

function LessonTold({ lesson }: { lesson: Lesson }) {
  return (
    <article aria-label={`${lesson.side} ${lesson.pair}, ${lesson.portfolio}`} className="border-b border-line py-3">
      <p className="flex flex-wrap items-baseline gap-x-2.5">
        <SideMark side={lesson.side} className="text-xs" />
        <span className="font-semibold">{lesson.pair}</span>
        <ResultR value={lesson.r} />
        <span className="text-ink-2">
          {lesson.portfolio}, {plainWords(lesson.source)}
        </span>
        <span className="ml-auto text-xs text-ink-3">
          by {lesson.by}, <FeedAge at={lesson.at} />
        </span>
      </p>
      <p className="mt-1 max-w-[75ch] font-medium break-words">{lesson.lesson}</p>
      <dl className="mt-1 grid max-w-[75ch] grid-cols-[5.5rem_minmax(0,1fr)] gap-x-3 text-ink-2">
        <dt className="text-ink-3">Expected</dt>
        <dd className="break-words">{lesson.expected}</dd>
        <dt className="text-ink-3">Happened</dt>
        <dd className="break-words">{lesson.happened}</dd>
      </dl>
    </article>
  );
}

const LOADING = (
  <div className="grid gap-3 pt-3">
    {Array.from({ length: 6 }, (_, index) => (
      <Skeleton key={index} className="h-24 w-full" />
    ))}
  </div>
);

/** What closed trades taught, newest first; the newest ones go back into later prompts. */
export function LessonsView() {
  const query = useInfiniteQuery(lessonsQuery);
  return (
    <Panel
      title="Lessons"
      className="pt-2"
      aside={<span className="text-xs text-ink-3">one for every closed trade; the newest go into prompts</span>}
    >
      <View what="Lessons" query={query} skeleton={LOADING}>
        {({ pages }) => {
          const lessons = pages.flatMap((page) => page.lessons);
          if (lessons.length === 0)
            return <Empty title="No lessons yet">The first is written when the first trade closes.</Empty>;
          return (
            <>
              <ol aria-label="Lessons, newest first" className="grid gap-x-10 xl:grid-cols-2">
                {lessons.map((lesson) => (
                  <li key={lesson.trade}>
                    <LessonTold lesson={lesson} />
                  </li>
                ))}
              </ol>
              {query.hasNextPage && (
                <Button
                  className="mt-3 w-full"
                  disabled={query.isFetchingNextPage}
                  onClick={() => void query.fetchNextPage()}
                >
                  {query.isFetchingNextPage ? "Fetching older lessons" : "Show older lessons"}
                </Button>
              )}
            </>
          );
        }}
      </View>
    </Panel>
  );
}
