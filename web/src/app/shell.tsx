import { useQuery } from "@tanstack/react-query";
import { NavLink, Outlet } from "react-router";
import { healthQuery } from "../api/queries";
import { AppearanceMenu } from "../features/appearance/appearance-menu";
import { HaltBar } from "../features/risk/halt-bar";
import { PanicButton } from "../features/risk/panic-button";
import { VenueBar } from "../features/venue/venue-bar";
import { useLiveSignals, type LiveSignals } from "../features/signals/live-signals";
import { formatPercent } from "../lib/decimal";
import { wordsFor } from "../api/problem";
import { StaleNote } from "../ui/states";
import { frameOf } from "./place";
import { StatusBadges } from "./status-badges";

const PAGES = [
  { to: "/", label: "Desk" },
  { to: "/market", label: "Market" },
  { to: "/council", label: "Council" },
  { to: "/venue", label: "Venue" },
  { to: "/backtests", label: "Backtests" },
];

function Navigation() {
  return (
    <nav aria-label="Pages" className="max-sm:order-1 max-sm:-ml-1.5 max-sm:w-full">
      <ul className="flex sm:gap-1">
        {PAGES.map(({ to, label }) => (
          <li key={to}>
            <NavLink
              to={to}
              end={to === "/"}
              className={({ isActive }) =>
                `inline-flex h-9 items-center rounded-md px-1.5 font-medium sm:px-3 ${
                  isActive
                    ? "text-on-head underline decoration-frame decoration-2 underline-offset-8"
                    : "text-on-head-2 hover:text-on-head"
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

/** Told to screen readers when they have finished what they say: one sentence, however many came. */
function Announcer({ newest }: { newest: LiveSignals["newest"] }) {
  if (newest === null) return <p role="status" className="sr-only" />;
  const { signal, count } = newest;
  const sure = formatPercent(String(signal.confidence), { digits: 0 });
  return (
    <p role="status" className="sr-only">
      {count > 1 ? `${count} new signals, the last: ` : "New signal: "}
      {signal.side} {signal.pair}, {signal.tier}, {sure} sure
    </p>
  );
}

/** What stands around every page: its frame tinted by mode, its head, and the stream of signals. */
export function Shell() {
  const health = useQuery(healthQuery);
  const { state, newest } = useLiveSignals();
  const frame = frameOf(health.data);
  return (
    <div data-frame={frame} className="frame min-h-dvh bg-page">
      <a
        href="#main"
        className="absolute top-2 left-2 z-50 -translate-y-16 rounded-md bg-raised px-3 py-2 font-medium text-ink focus:translate-y-0"
      >
        Skip to the page
      </a>
      <header className="border-b border-head-line bg-head text-on-head">
        <div className="mx-auto flex max-w-[118rem] flex-wrap items-center gap-x-2 gap-y-1 px-4 py-2 sm:gap-x-6 sm:px-6">
          <span className="text-lg font-semibold tracking-tight">Quorate</span>
          <Navigation />
          <div className="order-last w-full min-w-0 pb-1 lg:order-none lg:ml-auto lg:w-auto lg:pb-0">
            <StatusBadges health={health} stream={state} />
          </div>
          <div className="flex items-center gap-2 max-lg:ml-auto">
            <PanicButton />
            <AppearanceMenu />
          </div>
        </div>
      </header>
      <HaltBar />
      <VenueBar />
      {health.isError && (
        <StaleNote>
          {wordsFor(health.error).title}. {wordsFor(health.error).detail}
        </StaleNote>
      )}
      <main id="main" tabIndex={-1} className="mx-auto max-w-[118rem] px-4 pt-1 pb-16 outline-none sm:px-6">
        <Outlet />
      </main>
      <Announcer newest={newest} />
    </div>
  );
}
