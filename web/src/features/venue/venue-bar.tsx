import { useQuery } from "@tanstack/react-query";
import { Link, useLocation } from "react-router";
import { venueQuery } from "../../api/venue-queries";
import { CrossIcon, WarnIcon } from "../../ui/icons";
import { alarmsOf, type Alarm } from "./alarms";

function Sentence({ alarm }: { alarm: Alarm }) {
  // What is done about the quieter ones stands on the venue's own page, too: a phone has no room for it on every other.
  const quiet = alarm.tone === "halt" ? "" : "max-sm:hidden";
  return (
    <p className="min-w-0 wrap-anywhere">
      <span className="font-medium">{alarm.says}</span> <span className={quiet}>{alarm.then}</span>
    </p>
  );
}

function Look() {
  return (
    <Link to="/venue" className="ml-auto shrink-0 font-medium underline underline-offset-4">
      Look<span className="sr-only"> at the venue</span>
    </Link>
  );
}

/** Stands across every page while something at the venue has to be known at once. */
export function VenueBar() {
  const { data } = useQuery(venueQuery);
  const { pathname } = useLocation();
  if (data === undefined) return null;
  const alarms = alarmsOf(data);
  const loud = alarms.filter(({ tone }) => tone === "halt");
  const quiet = alarms.filter(({ tone }) => tone === "warn");
  const leads = pathname !== "/venue";
  return (
    <>
      {loud.map((alarm, place) => (
        <div key={alarm.key} role="alert" className="flex items-start gap-2 bg-halt px-4 py-2 text-on-halt">
          <CrossIcon className="mt-0.5 size-4" />
          <Sentence alarm={alarm} />
          {leads && place === 0 && <Look />}
        </div>
      ))}
      {quiet.length > 0 && (
        <div role="status" className="flex items-start gap-2 border-b border-line bg-warn-quiet px-4 py-2 text-warn">
          <WarnIcon className="mt-0.5 size-4" />
          <ul className="grid min-w-0 gap-1">
            {quiet.map((alarm) => (
              <li key={alarm.key}>
                <Sentence alarm={alarm} />
              </li>
            ))}
          </ul>
          {leads && loud.length === 0 && <Look />}
        </div>
      )}
    </>
  );
}
