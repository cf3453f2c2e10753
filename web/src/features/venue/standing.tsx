import type { ReactNode } from "react";
import type { Venue } from "../../api/types";
import { Age } from "../../ui/age";
import { CheckIcon, CrossIcon, FlatIcon, WarnIcon } from "../../ui/icons";

const NETWORKS: Record<Venue["network"], string> = {
  paper: "no real venue",
  real: "real money",
  test: "test network, play money",
  elsewhere: "not the venue's own address",
};
const MARKETS: Record<Venue["market"], string> = { paper: "", spot: "spot", perp: "perpetuals" };
const STATES = {
  paper: { Icon: FlatIcon, words: "paper", tone: "text-ink-2" },
  streaming: { Icon: CheckIcon, words: "stream is up", tone: "text-ink-2" },
  polling: { Icon: WarnIcon, words: "stream is away", tone: "text-warn" },
  faulty: { Icon: WarnIcon, words: "in trouble", tone: "text-warn" },
  silent: { Icon: CrossIcon, words: "desk is silent", tone: "text-halt-text" },
} as const;

function Told({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-xs text-ink-3">{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Ago({ at }: { at: string | null }) {
  return at === null ? <span className="text-ink-3">not yet</span> : <Age at={at} word="ago" />;
}

/** Which venue it is, whether money is at stake there, how it is, and when it was last heard of. */
export function Standing({ venue }: { venue: Venue }) {
  const { Icon, words, tone } = STATES[venue.state];
  return (
    <section aria-label="How the venue is" className="mt-2 border-y border-line-strong py-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="text-base font-semibold">
          {venue.name}
          {venue.market !== "paper" && <span className="font-normal text-ink-2"> {MARKETS[venue.market]}</span>}
        </span>
        <span
          className={`rounded-sm px-2 py-0.5 text-xs font-semibold ${
            venue.network === "real" ? "bg-ink text-page" : "border border-line-strong text-ink-2"
          }`}
        >
          {NETWORKS[venue.network]}
        </span>
        {venue.state !== "paper" && (
          <span className={`inline-flex items-center gap-1 font-medium ${tone}`}>
            <Icon className="size-4" />
            {words}
          </span>
        )}
      </div>
      <p className="mt-1 max-w-3xl text-ink-2">{venue.words}</p>
      {venue.state !== "paper" && (
        <dl className="mt-3 flex flex-wrap gap-x-8 gap-y-2">
          <Told term="Last heard of the venue">
            <Ago at={venue.heard_at} />
          </Told>
          <Told term="Last reconciled, nothing in doubt">
            <Ago at={venue.reconciled_at} />
          </Told>
          <Told term="Protective stops">{venue.stops_rest_there ? "rest at the venue" : "watched by the desk"}</Told>
          <Told term="Orders">
            {venue.orders_open} open
            {venue.orders_in_doubt > 0 && <span className="text-warn">, {venue.orders_in_doubt} in doubt</span>}
          </Told>
        </dl>
      )}
    </section>
  );
}
