import { lazy, Suspense, type ReactNode } from "react";
import { NavLink, useParams } from "react-router";
import { CouncilView } from "../../features/council/council-view";
import { OpenedSignal } from "../../features/signals/signals-panel";
import { LoadingNote, Skeleton } from "../../ui/states";
import { NotFound } from "./not-found";

const AgentsView = lazy(() => import("../../features/agents/agents-view").then((m) => ({ default: m.AgentsView })));
const ContextView = lazy(() => import("../../features/context/context-view").then((m) => ({ default: m.ContextView })));
const LessonsView = lazy(() => import("../../features/lessons/lessons-view").then((m) => ({ default: m.LessonsView })));
const OptimizerView = lazy(() =>
  import("../../features/optimizer/optimizer-view").then((m) => ({ default: m.OptimizerView })),
);
const RecordsView = lazy(() => import("../../features/records/records-view").then((m) => ({ default: m.RecordsView })));

const PARTS: { path: string; label: string; view: ReactNode }[] = [
  { path: "", label: "Votes", view: <CouncilView /> },
  { path: "records", label: "Records", view: <RecordsView /> },
  { path: "agents", label: "Agents", view: <AgentsView /> },
  { path: "optimizer", label: "Optimizer", view: <OptimizerView /> },
  { path: "lessons", label: "Lessons", view: <LessonsView /> },
  { path: "context", label: "Context", view: <ContextView /> },
];

/** The parts of the council's page, each at an address of its own. */
function CouncilParts() {
  return (
    <nav aria-label="Council">
      <ul className="-ml-2 flex flex-wrap gap-x-1">
        {PARTS.map(({ path, label }) => (
          <li key={path}>
            <NavLink
              to={`/council${path && `/${path}`}`}
              end
              className={({ isActive }) =>
                `inline-flex h-8 items-center rounded-md px-2 font-medium ${
                  isActive
                    ? "text-ink underline decoration-accent decoration-2 underline-offset-8"
                    : "text-ink-2 hover:text-ink"
                }`
              }
            >
              {label}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Loading({ what }: { what: string }) {
  return (
    <>
      <LoadingNote what={what} />
      <div aria-hidden="true" className="grid gap-3 pt-3">
        {Array.from({ length: 8 }, (_, index) => (
          <Skeleton key={index} className="h-10 w-full" />
        ))}
      </div>
    </>
  );
}

/** The council at work: votes, records, agents, the optimizer, lessons, and what models are told of the world. */
export default function CouncilPage() {
  const wanted = useParams()["part"] ?? "";
  const part = PARTS.find(({ path }) => path === wanted);
  if (part === undefined) return <NotFound />;
  return (
    <>
      <title>{`${part.path === "" ? "Council" : `${part.label} of the council`} · Quorate`}</title>
      <div className="flex flex-wrap items-center gap-x-6 pt-2">
        <h1 className="text-lg font-semibold">Council</h1>
        <CouncilParts />
      </div>
      <Suspense key={part.path} fallback={<Loading what={part.label.toLowerCase()} />}>
        {part.view}
      </Suspense>
      <OpenedSignal />
    </>
  );
}
