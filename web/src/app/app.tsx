import { QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense, type ReactNode } from "react";
import { BrowserRouter, Route, Routes } from "react-router";
import { LoadingNote } from "../ui/states";
import { CrashGuard } from "./crash-guard";
import { queryClient } from "./query-client";
import { NotFound } from "./routes/not-found";
import { Shell } from "./shell";

const DeskPage = lazy(() => import("./routes/desk"));
const MarketPage = lazy(() => import("./routes/market"));
const CouncilPage = lazy(() => import("./routes/council"));
const BacktestsPage = lazy(() => import("./routes/backtests"));
const BacktestPage = lazy(() => import("./routes/backtest"));
const ComparisonPage = lazy(() => import("./routes/comparison"));
const VenuePage = lazy(() => import("./routes/venue"));
const PromptPage = lazy(() => import("./routes/prompt"));

function Loaded({ children }: { children: ReactNode }) {
  return (
    <CrashGuard>
      <Suspense fallback={<LoadingNote what="the page" />}>{children}</Suspense>
    </CrashGuard>
  );
}

export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <BrowserRouter>
        <Routes>
          <Route element={<Shell />}>
            <Route
              index
              element={
                <Loaded key="desk">
                  <DeskPage />
                </Loaded>
              }
            />
            <Route
              path="market/:pair?"
              element={
                <Loaded key="market">
                  <MarketPage />
                </Loaded>
              }
            />
            <Route
              path="council/:part?"
              element={
                <Loaded key="council">
                  <CouncilPage />
                </Loaded>
              }
            />
            <Route
              path="council/prompt/:digest"
              element={
                <Loaded key="prompt">
                  <PromptPage />
                </Loaded>
              }
            />
            <Route
              path="venue"
              element={
                <Loaded key="venue">
                  <VenuePage />
                </Loaded>
              }
            />
            <Route
              path="backtests"
              element={
                <Loaded key="backtests">
                  <BacktestsPage />
                </Loaded>
              }
            />
            <Route
              path="backtests/compare"
              element={
                <Loaded key="comparison">
                  <ComparisonPage />
                </Loaded>
              }
            />
            <Route
              path="backtests/:id"
              element={
                <Loaded key="backtest">
                  <BacktestPage />
                </Loaded>
              }
            />
            <Route path="*" element={<NotFound />} />
          </Route>
        </Routes>
      </BrowserRouter>
    </QueryClientProvider>
  );
}
