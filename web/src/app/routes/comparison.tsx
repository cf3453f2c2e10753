import { useSearchParams } from "react-router";
import { AllBacktests } from "../../features/backtests/all-backtests";
import { CompareView } from "../../features/backtests/compare-view";
import { NotFound } from "./not-found";

const ID = /^[0-9a-f]{32}$/;

/** Two backtests side by side; which ones stands in the address. */
export default function ComparisonPage() {
  const [address] = useSearchParams();
  const [first, second] = [address.get("first") ?? "", address.get("second") ?? ""];
  if (!ID.test(first) || !ID.test(second)) return <NotFound />;
  return (
    <>
      <title>Two backtests · Quorate</title>
      <AllBacktests title="Two backtests" />
      <CompareView first={first} second={second} />
    </>
  );
}
