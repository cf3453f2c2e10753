import { useQuery } from "@tanstack/react-query";
import { useFeedClock } from "../../api/feed-clock";
import { optimizerQuery } from "../../api/council-queries";
import type { OptimizerConfig, OptimizerVersion, Weight } from "../../api/types";
import { formatDecimal } from "../../lib/decimal";
import { formatCountdown, formatUtc, parseTime } from "../../lib/time";
import { plainWords } from "../../lib/words";
import { FeedAge } from "../../ui/age";
import { Fact } from "../../ui/figures";
import { CrossIcon } from "../../ui/icons";
import { Panel } from "../../ui/panel";
import { Skeleton, View } from "../../ui/states";
import { Cell, HeadCell, RowHead, Table } from "../../ui/table";
import { Adjustments } from "./adjustments";
import { GoBackButton, useGoBack } from "./go-back";
import { baseWords, placeOfWeight, versionsOf, versionWords } from "./values";

function NextRun({ at }: { at: string | null }) {
  const { now, onWallTime } = useFeedClock();
  if (at === null) return "not scheduled";
  const wait = parseTime(at) - now;
  return onWallTime && wait > 0 ? `in ${formatCountdown(wait)}` : `${formatUtc(parseTime(at))} UTC`;
}

function Now({ config }: { config: OptimizerConfig }) {
  return (
    <dl className="flex flex-wrap gap-x-10 gap-y-2 py-3">
      <Fact term="Version that holds">
        <span className="text-base font-semibold">{config.version}</span>
      </Fact>
      <Fact term="Since">
        {config.at === null ? (
          "the beginning"
        ) : (
          <>
            <FeedAge at={config.at} word="ago" />
          </>
        )}
      </Fact>
      <Fact term="Made by">
        {config.by}
        {config.reverts_to !== null && `, back to version ${config.reverts_to}`}
      </Fact>
      <Fact term="Runs (cron, UTC)">
        <span className="font-mono text-xs">{config.schedule}</span>
      </Fact>
      <Fact term="Next run">
        <NextRun at={config.next_slot} />
      </Fact>
    </dl>
  );
}

/** A weight between its bounds, a quarter and four, with 1 as the middle. */
function WeightMark({ weight }: { weight: string }) {
  const place = placeOfWeight(weight);
  return (
    <svg aria-hidden="true" className="h-4 w-full min-w-24 overflow-visible">
      <line x1="0" x2="100%" y1="50%" y2="50%" className="stroke-line" />
      <line x1="50%" x2="50%" y1="1" y2="15" className="stroke-line-strong" />
      <line x1="50%" x2={`${place}%`} y1="50%" y2="50%" strokeWidth="4" className="stroke-accent" />
      <circle cx={`${place}%`} cy="50%" r="3.5" className="fill-accent" />
    </svg>
  );
}

function Weights({ weights }: { weights: readonly Weight[] }) {
  return (
    <Panel title="Weights" aside={<span className="text-xs text-ink-3">how much a stated confidence counts</span>}>
      <Table
        caption="Weights of the panel"
        head={
          <>
            <HeadCell>Analyst</HeadCell>
            <HeadCell number>Weight</HeadCell>
            <HeadCell className="w-1/2">
              <span aria-hidden="true" className="flex justify-between font-normal">
                <span>0.25</span>
                <span>1</span>
                <span>4</span>
              </span>
            </HeadCell>
          </>
        }
      >
        {weights.map(({ analyst, weight }) => (
          <tr key={analyst} className="border-b border-line">
            <RowHead>{analyst}</RowHead>
            <Cell number>{formatDecimal(weight, { digits: 3 })}</Cell>
            <Cell className="pl-4!">
              <WeightMark weight={weight} />
            </Cell>
          </tr>
        ))}
      </Table>
    </Panel>
  );
}

function Risk({ config }: { config: OptimizerConfig }) {
  return (
    <div className="grid content-start gap-y-8">
      <Panel title="Base risk" aside={<span className="text-xs text-ink-3">setting × factor = base</span>}>
        <dl>
          {config.base_risk.map((base) => (
            <div key={base.portfolio} className="flex flex-wrap justify-between gap-x-4 border-b border-line py-2">
              <dt className="font-medium">{base.portfolio}</dt>
              <dd>{baseWords(base)}</dd>
            </div>
          ))}
        </dl>
      </Panel>
      <Panel
        title="Blocked regimes"
        aside={<span className="text-xs text-ink-3">the council opens nothing there</span>}
      >
        {config.blocked_regimes.length === 0 ? (
          <p className="py-3 text-ink-2">None is blocked.</p>
        ) : (
          <ul>
            {config.blocked_regimes.map((regime) => (
              <li key={regime} className="flex items-center gap-2 border-b border-line py-2">
                <CrossIcon className="size-3.5 text-warn" />
                {plainWords(regime)}
              </li>
            ))}
          </ul>
        )}
      </Panel>
    </div>
  );
}

function Version({
  version,
  present,
  onAsk,
}: {
  version: OptimizerVersion;
  present: boolean;
  onAsk: (v: number) => void;
}) {
  return (
    <li className="border-b border-line py-2">
      <div className="flex flex-wrap items-start justify-between gap-x-3 gap-y-2">
        <div className="min-w-0">
          <p>
            <span className="font-medium">Version {version.version}</span>
            {present && ", holds now"}
            {version.at !== null && (
              <span className="text-ink-3">
                , {formatUtc(parseTime(version.at))} UTC, <FeedAge at={version.at} word="ago" />
              </span>
            )}
          </p>
          <p className="text-ink-2">{versionWords(version)}</p>
        </div>
        {!present && <GoBackButton version={version.version} onAsk={onAsk} />}
      </div>
      {!present && version.adjustments.length > 0 && (
        <details className="mt-1">
          <summary className="text-xs text-accent">
            What was looked at<span className="sr-only"> in version {version.version}</span>
          </summary>
          <Adjustments adjustments={version.adjustments} caption={`Adjustments of version ${version.version}`} />
        </details>
      )}
    </li>
  );
}

function Told({ config }: { config: OptimizerConfig }) {
  const { ask, question, done } = useGoBack();
  return (
    <>
      <Now config={config} />
      {done}
      <div className="grid gap-y-8">
        <div className="grid gap-x-10 gap-y-8 lg:grid-cols-2">
          <Weights weights={config.weights} />
          <Risk config={config} />
        </div>
        <Panel title={`What version ${config.version} looked at`}>
          {config.reverts_to !== null && (
            <p className="pt-3 text-ink-2">Its values are those of version {config.reverts_to}: somebody went back.</p>
          )}
          <Adjustments adjustments={config.adjustments} caption={`Adjustments of version ${config.version}`} />
        </Panel>
        <Panel title="Versions" aside={<span className="text-xs text-ink-3">newest first</span>}>
          <ol>
            {versionsOf(config.history).map((version) => (
              <Version
                key={version.version}
                version={version}
                present={version.version === config.version}
                onAsk={ask}
              />
            ))}
          </ol>
        </Panel>
      </div>
      {question}
    </>
  );
}

const LOADING = (
  <div className="grid gap-3 pt-3">
    <Skeleton className="h-10 w-full" />
    {Array.from({ length: 8 }, (_, index) => (
      <Skeleton key={index} className="h-10 w-full" />
    ))}
  </div>
);

/** What the optimizer has set and why, and every version that can be gone back to. */
export function OptimizerView() {
  const query = useQuery(optimizerQuery);
  return (
    <View what="The optimizer" query={query} skeleton={LOADING}>
      {(config) => <Told config={config} />}
    </View>
  );
}
