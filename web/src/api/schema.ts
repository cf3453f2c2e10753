// Generated from openapi.json by `npm run generate`; changes made here are lost.

export interface paths {
    "/api/candles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Closed candles
         * @description Closed candles, oldest first, ending before `before` or at the newest one.
         */
        get: operations["candles_api_candles_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/candles/indicators": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Indicators on closed candles
         * @description Indicators on the same candles as /api/candles with the same parameters, aligned with their open times.
         *
         *     Names: `ema_N`, `sma_N`, `rsi_N`, `atr_N` (N from 2 to 400), `bollinger` (20, 2), `macd` (12, 26, 9), `adx_N`.
         */
        get: operations["indicators_api_candles_indicators_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/context": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The newest context
         * @description Figures with their ages, texts with source and age, and the gaps, as the worker told them last.
         */
        get: operations["context_api_context_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/evaluate-positions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Run the evaluator by hand
         * @description Have every open trade looked at now: held, its stop tightened, or closed. GET and POST do the same.
         *
         *     A call with `x-vercel-cron: 1` obeys CRONS_ENABLED; with CRON_SECRET set every call needs it as bearer token.
         */
        get: operations["evaluate_api_evaluate_positions_get"];
        put?: never;
        /**
         * Run the evaluator by hand
         * @description Have every open trade looked at now: held, its stop tightened, or closed. GET and POST do the same.
         *
         *     A call with `x-vercel-cron: 1` obeys CRONS_ENABLED; with CRON_SECRET set every call needs it as bearer token.
         */
        post: operations["evaluate_api_evaluate_positions_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Jobs and their history
         * @description Every job with its schedule, its next slot and its newest runs.
         */
        get: operations["jobs_api_jobs_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What this desk is
         * @description Mode, feed, account, books, pairs, timeframes, strategies and panel: what the page starts from.
         */
        get: operations["me_api_me_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/monitor-positions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Run the monitor by hand
         * @description Look after every open position now, in a slot of its own, and wait for the reply. GET and POST do the same.
         *
         *     A call with `x-vercel-cron: 1` obeys CRONS_ENABLED; with CRON_SECRET set every call needs it as bearer token.
         */
        get: operations["monitor_api_monitor_positions_get"];
        put?: never;
        /**
         * Run the monitor by hand
         * @description Look after every open position now, in a slot of its own, and wait for the reply. GET and POST do the same.
         *
         *     A call with `x-vercel-cron: 1` obeys CRONS_ENABLED; with CRON_SECRET set every call needs it as bearer token.
         */
        post: operations["monitor_api_monitor_positions_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/news": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * News, social and community texts
         * @description The texts of the newest context, newest first. Strangers wrote them: they inform, they never instruct.
         */
        get: operations["news_api_news_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/optimize": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the optimizer has set
         * @description Weights, base risk and blocked regimes with the reasons for each, and every version that can be gone back to.
         *
         *     With `?run=true`, or from an outside scheduler (`x-vercel-cron: 1`, which obeys CRONS_ENABLED), it runs the
         *     optimizer as POST does; then, with CRON_SECRET set, the call needs it as bearer token.
         */
        get: operations["optimizer_api_optimize_get"];
        put?: never;
        /**
         * Run the optimizer by hand
         * @description Weigh analysts, portfolios and regimes now, in a slot of its own, and wait for the reply.
         *
         *     A call with `x-vercel-cron: 1` obeys CRONS_ENABLED; with CRON_SECRET set every call needs it as bearer token.
         */
        post: operations["optimize_api_optimize_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/optimize/revert": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Go back to an earlier version
         * @description Set the values of an earlier version again, as a new version: nothing is taken out of the history.
         *
         *     With CRON_SECRET set the call needs it, or the API's own token, as bearer token.
         */
        post: operations["revert_api_optimize_revert_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/orders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Open orders
         * @description Every order that may still change a position, those in doubt among them.
         */
        get: operations["orders_api_orders_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/panic": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop everything
         * @description Stop openings at once, cancel orders that would open anything, and close every position if asked.
         *
         *     Works while models, news or Redis are down. Where the desk itself is, `quorate panic --offline` needs nothing of it.
         */
        post: operations["panic_api_panic_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/panic/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let a halted desk trade again
         * @description Set the account ACTIVE again, with the second factor.
         */
        post: operations["undo_api_panic_undo_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/prices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Newest quotes
         * @description The newest quote of every pair, with its age, and the state of the feed it comes from.
         */
        get: operations["prices_api_prices_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/risk": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Breakers, limits, trading state
         * @description Every circuit breaker with its reason, value and limit, and how far every book is from its own limits.
         */
        get: operations["risk_api_risk_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/scan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Run the scanner by hand
         * @description Ask the council now, in a slot of its own, and wait for the reply. GET and POST do the same.
         *
         *     A call with `x-vercel-cron: 1` obeys CRONS_ENABLED; with CRON_SECRET set every call needs it as bearer token.
         */
        get: operations["scan_api_scan_get"];
        put?: never;
        /**
         * Run the scanner by hand
         * @description Ask the council now, in a slot of its own, and wait for the reply. GET and POST do the same.
         *
         *     A call with `x-vercel-cron: 1` obeys CRONS_ENABLED; with CRON_SECRET set every call needs it as bearer token.
         */
        post: operations["scan_api_scan_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/trades": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Closed trades, newest first
         * @description Every book's closed trades with their fees, funding and result.
         *
         *     Pages follow `next`: pass it as `before`. New trades never shift a page.
         */
        get: operations["list_trades_api_trades_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/trading": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Set the trading state
         * @description Stop or start openings on the account or on one pair. Stopping never waits; starting needs the second factor.
         */
        post: operations["trading_api_trading_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Metrics for Prometheus
         * @description Prometheus text format.
         */
        get: operations["metrics_metrics_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The four agents and what they decided
         * @description Regime detector, signal analysts, risk manager, position manager: what each is made of, decided, and why.
         *
         *     Every decision names the journal's entry it was read from.
         */
        get: operations["agents_v1_agents_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/answers/{record}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What a model said, word for word
         * @description The answer under the hash that `/v1/council` names, or why there was none. The text is untrusted.
         */
        get: operations["answer_v1_answers__record__get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/backtest/pnl": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Equity of a backtest over time
         * @description A curve of a backtest, oldest first; of the newest that is done where none is named.
         */
        get: operations["pnl_v1_backtest_pnl_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/backtest/trades": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Closed trades of a backtest
         * @description Trades of a backtest, newest first; of the newest that is done where none is named. Pages follow `next`.
         */
        get: operations["trades_v1_backtest_trades_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/backtests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Backtests, newest first
         * @description Every backtest that is kept, with its state and its result in one line.
         *
         *     Pages follow `next`: pass it as `before`. New backtests never shift a page.
         */
        get: operations["list_backtests_v1_backtests_get"];
        put?: never;
        /**
         * Start a backtest
         * @description Run strategies over recorded candles, in a process of its own; the reply comes as soon as it has begun.
         *
         *     The same `Idempotency-Key` gives the same backtest; with another body it is refused.
         */
        post: operations["start_v1_backtests_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/backtests/{backtest_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One backtest and its result
         * @description What was wanted, how far it is, and once it is done everything that was found out about it.
         */
        get: operations["one_backtest_v1_backtests__backtest_id__get"];
        put?: never;
        post?: never;
        /**
         * Stop or remove a backtest
         * @description End a run and keep what is known of it (`act=stop`), or forget it altogether. Doing it twice is doing it once.
         */
        delete: operations["remove_v1_backtests__backtest_id__delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/backtests/{backtest_id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow a backtest
         * @description Server-sent events: `hello`, then `backtest` with the whole state whenever it changes, then `bye`.
         *
         *     Each event says everything, so that coming back after a gap misses nothing. After `bye` with the reason `ended`
         *     there is nothing more to follow.
         */
        get: operations["follow_v1_backtests__backtest_id__events_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/backtests/{backtest_id}/report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The full report
         * @description The report as one HTML file. It is shown apart from the desk: its script reaches nothing outside itself.
         */
        get: operations["report_v1_backtests__backtest_id__report_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/backtests/offer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What may be backtested
         * @description Strategies with their parameters, recorded candles with their ranges, and the costs of the settings.
         */
        get: operations["offer_v1_backtests_offer_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/council": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Cycles of the council
         * @description Who voted what and why, how much they disagreed, what came of it, and how models were asked at what cost.
         *
         *     Newest first; pages follow `next`: pass it as `before`. Pairs on which nobody took a side are left out.
         */
        get: operations["council_v1_council_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/lessons": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What closed trades taught
         * @description Lessons, newest first. They go back into the prompts of models, as data.
         */
        get: operations["lessons_v1_lessons_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Records of the analysts
         * @description Every analyst's shadow trades: each vote run to its end on paper with the same exits and costs.
         *
         *     Rules, models, strategies, the council itself and a plain majority; each with its interval, its calibration, its
         *     cost, and whether it beats luck and buy-and-hold. Ranked ones come first, the others by name.
         */
        get: operations["models_v1_models_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Orders, the one that changed last first
         * @description Every order of a status, with the venue's own id of it, and since when it is what it is.
         *
         *     Pages follow `next`: pass it as `before`. An order that changes meanwhile moves to the front.
         */
        get: operations["list_orders_v1_orders_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/performance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Statistics of every book
         * @description Return, win rate, profit factor, Sharpe, Sortino, drawdown, fees, and whether the two postures truly differ.
         */
        get: operations["performance_v1_performance_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pnl": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Equity over time
         * @description Equity points, oldest first. Where there are more than `n`, every k-th is kept, and always the last.
         */
        get: operations["list_pnl_v1_pnl_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pnl/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Equity and closed trades as they happen
         * @description Server-sent events. Every event carries its id, `epoch-seq`. The first event is `hello` and tells whether the resume
         *     found every event. Resume by the header `Last-Event-ID` or by `last_event_id`; a gap is an explicit `reset`, after which
         *     the state should be fetched anew. A comment comes every 15 s. The server ends a stream after about ten minutes, or when
         *     the subscriber takes nothing or falls far behind, with `bye` and a `retry:` to come back after.
         *
         *     Events and the shape of their data:
         *
         *     - `hello`: `Hello`
         *     - `equity`: `EquityPoint`
         *     - `trade`: `Trade`
         *     - `reset`: `Reset`
         *     - `bye`: `Bye`
         */
        get: operations["stream_results"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/portfolios": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Every book with its positions and open orders
         * @description Positions are marked at the newest price of the feed; amounts are in the quote currency.
         */
        get: operations["portfolios_v1_portfolios_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/prompts/{digest}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The exact prompt of a decision
         * @description System text, prompt and answer schema as they were sent, from the records beside the worker.
         *
         *     A 404 says where they lie where this process cannot read them.
         */
        get: operations["prompt_v1_prompts__digest__get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/signals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Signals, newest first
         * @description Published signals with their votes, exit plan and what every portfolio made of them.
         *
         *     Pages follow `next`: pass it as `cursor`. New signals never shift a page.
         */
        get: operations["list_signals_v1_signals_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/signals/{signal_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One signal and what came of it
         * @description The signal, the orders and trades every portfolio made of it with their lessons, and its own shadow trades.
         */
        get: operations["one_signal_v1_signals__signal_id__get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/signals/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Signals as they are published
         * @description Server-sent events. Every event carries its id, `epoch-seq`. The first event is `hello` and tells whether the resume
         *     found every event. Resume by the header `Last-Event-ID` or by `last_event_id`; a gap is an explicit `reset`, after which
         *     the state should be fetched anew. A comment comes every 15 s. The server ends a stream after about ten minutes, or when
         *     the subscriber takes nothing or falls far behind, with `bye` and a `retry:` to come back after.
         *
         *     Events and the shape of their data:
         *
         *     - `hello`: `Hello`
         *     - `signal`: `Signal`
         *     - `reset`: `Reset`
         *     - `bye`: `Bye`
         */
        get: operations["stream_signals"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/status/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Health of every part
         * @description Feed, worker, API, Postgres and Redis in one place. 200 when ready, else 503 with the same shape.
         */
        get: operations["health_v1_status_health_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/status/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The process answers
         * @description Always 200 while the process can answer at all.
         */
        get: operations["live_v1_status_live_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/venue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where orders go, and what is wrong there
         * @description Health and balances of the venue, positions without a stop, blocked order books, breaks, strangers' orders.
         *
         *     On paper it says that nothing is at a real venue.
         */
        get: operations["venue_v1_venue_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * Adjustment
         * @description One value that was looked at, what it was measured by, and why it is what it is now.
         */
        Adjustment: {
            /**
             * After
             * @description For a regime 1 is open and 0 is blocked.
             * @example 64250.5
             */
            after: string;
            /** Average R */
            average_r: string | null;
            /**
             * Before
             * @description Exact decimal number.
             * @example 64250.5
             */
            before: string;
            /**
             * Count
             * @description Closed trades it was measured on.
             */
            count: number;
            /** Expectancy R */
            expectancy_r: string | null;
            /** Reason */
            reason: string;
            /**
             * Subject
             * @example weight momentum
             */
            subject: string;
            /** Win Rate */
            win_rate: string | null;
        };
        /**
         * Agent
         * @description One agent, its newest decision, and those before it.
         */
        Agent: {
            /**
             * Decisions
             * @description Newest first.
             */
            decisions: components["schemas"]["Decision"][];
            /**
             * Does
             * @description What it is for, in one sentence.
             */
            does: string;
            last: components["schemas"]["Decision"] | null;
            /**
             * Made Of
             * @description The rules and models behind it.
             */
            made_of: string[];
            /**
             * Name
             * @enum {string}
             */
            name: "regime_detector" | "signal_analysts" | "risk_manager" | "position_manager";
            /**
             * Title
             * @example Regime detector
             */
            title: string;
        };
        /**
         * Agents
         * @description All four, in the order in which a trade passes them.
         */
        Agents: {
            /** Agents */
            agents: components["schemas"]["Agent"][];
        };
        /**
         * AnalystRecord
         * @description One record of one analyst: every vote run to its end on paper with the same exits and costs.
         */
        AnalystRecord: {
            /**
             * Abstentions
             * @description Times it had no vote; failures among them.
             */
            abstentions: number;
            /**
             * Analyst
             * @example momentum
             */
            analyst: string;
            /** Average R */
            average_r: number | null;
            /** @description 95 %, bootstrap over days. */
            average_r_interval: components["schemas"]["Bounds"] | null;
            /**
             * Brier
             * @description Brier score of its confidence: 0 is perfect, 0.25 a coin's.
             */
            brier: number | null;
            /** Calibration */
            calibration: components["schemas"]["CalibrationBin"][];
            /**
             * Calibration Error
             * @description Expected calibration error (ECE), 0 to 1.
             */
            calibration_error: number | null;
            /**
             * Closed
             * @description Shadow trades that ran to their end and count.
             */
            closed: number;
            /**
             * Comparisons
             * @description Luck and buy-and-hold; for the council also others.
             */
            comparisons: components["schemas"]["Comparison"][];
            contaminated: components["schemas"]["Contaminated"];
            cost: components["schemas"]["Cost"];
            /**
             * Days
             * @description UTC days on which it decided.
             */
            days: number;
            /**
             * Decisions
             * @description Votes with a direction, and abstentions.
             */
            decisions: number;
            /**
             * Expectancy R
             * @description `average_r` shrunk by n / (n + 30).
             */
            expectancy_r: number | null;
            /**
             * Failures
             * @description Why a model did not vote -> how often.
             */
            failures: {
                [key: string]: number;
            };
            /**
             * Flip Rate
             * @description Share of repeated questions answered with another side.
             */
            flip_rate: number | null;
            /** Input Tokens */
            input_tokens: number;
            /**
             * Kind
             * @enum {string}
             */
            kind: "rule" | "model" | "strategy" | "council" | "majority";
            /**
             * Knowledge Cutoff
             * @description Of a model; not known where null.
             */
            knowledge_cutoff: string | null;
            luck: components["schemas"]["Luck"];
            /**
             * Never Entered
             * @description Ended without their entry being reached: neither won nor lost.
             */
            never_entered: number;
            /** Open */
            open: number;
            /** Output Tokens */
            output_tokens: number;
            /**
             * Rank
             * @description By the lower bound of its expectancy, among the ranked.
             */
            rank: number | null;
            /** Ranked */
            ranked: boolean;
            record: components["schemas"]["RecordKey"];
            /**
             * Since
             * @description When the record began.
             */
            since: string | null;
            /**
             * Unranked Why
             * @example 12 of 100 decisions, 3 of 30 days so far.
             */
            unranked_why: string | null;
            /**
             * Weight
             * @description In the council, by the optimizer; null off the panel.
             */
            weight: number | null;
            /** Win Rate */
            win_rate: number | null;
        };
        /**
         * AnalystRecords
         * @description Every analyst that ever voted on this account: the newest record of each, ranked ones first.
         */
        AnalystRecords: {
            /**
             * As Of
             * @description When the newest of these trades closed.
             */
            as_of: string | null;
            /** Models */
            models: components["schemas"]["AnalystRecord"][];
        };
        /**
         * Answer
         * @description What came of asking a model. Either `text` or `silence` is there.
         */
        Answer: {
            /** Analyst */
            analyst: string;
            /** Answered By */
            answered_by: string | null;
            /** Calls */
            calls: components["schemas"]["ModelCall"][];
            /**
             * Cost Usd
             * @description Exact decimal number.
             * @example 64250.5
             */
            cost_usd: string;
            /**
             * Cut
             * @description Whether the text was too long and is shown in part.
             */
            cut: boolean;
            /** Fallback */
            fallback: boolean;
            /** Input Tokens */
            input_tokens: number;
            /** Latency Ms */
            latency_ms: number;
            /** Model */
            model: string;
            /** Output Tokens */
            output_tokens: number;
            /** Output Tokens Max */
            output_tokens_max: number;
            /**
             * Prompt
             * @description Digest of the request it answers; null where it is lost.
             */
            prompt: string | null;
            /** Provider */
            provider: string;
            /** Reason */
            reason: string | null;
            /** Record */
            record: string;
            /**
             * Silence
             * @description Code of why it said nothing.
             */
            silence: string | null;
            /** Temperature */
            temperature: string | null;
            /**
             * Text
             * @description What it said, untrusted.
             */
            text: string | null;
        };
        /**
         * AskedModel
         * @description What became of asking one model of the panel.
         */
        AskedModel: {
            /** Analyst */
            analyst: string;
            /** Askings */
            askings: components["schemas"]["ModelAsking"][];
            /**
             * Code
             * @description `voted`, or why it abstained.
             * @example voted
             */
            code: string;
            /**
             * Cost Usd
             * @description Exact decimal number.
             * @example 64250.5
             */
            cost_usd: string;
            /** Input Tokens */
            input_tokens: number;
            /** Latency Ms */
            latency_ms: number;
            /** Model */
            model: string;
            /** Output Tokens */
            output_tokens: number;
            /**
             * Prompt
             * @description Digest of its prompt, the same for all models of a class.
             */
            prompt: string | null;
            /** Provider */
            provider: string;
            /**
             * Record
             * @description Key of the record its votes belong to.
             */
            record: string;
            /**
             * Stood In
             * @description provider/model whose answer was taken for its vote.
             */
            stood_in: string | null;
            /**
             * Template
             * @example full-1
             */
            template: string | null;
        };
        /**
         * BacktestCurve
         * @description One curve of a backtest, oldest first.
         */
        BacktestCurve: {
            /** Curve */
            curve: string;
            /**
             * Id
             * @example 4f1d2c9a0f0b5d3e9a540a86f2f4c1d7
             */
            id: string;
            /** Points */
            points: components["schemas"]["BacktestPoint"][];
        };
        /**
         * BacktestDetail
         * @description One backtest, and its result once it is done.
         */
        BacktestDetail: {
            backtest: components["schemas"]["BacktestFacts"];
            result: components["schemas"]["BacktestResult"] | null;
        };
        /**
         * BacktestFacts
         * @description One backtest in short.
         */
        BacktestFacts: {
            /**
             * Created At
             * Format: date-time
             * @description ISO 8601, UTC.
             * @example 2025-03-01T12:00:00Z
             */
            created_at: string;
            /** Ended At */
            ended_at: string | null;
            error: components["schemas"]["BacktestFault"] | null;
            /** @description Null until it is done. */
            headline: components["schemas"]["BacktestHeadline"] | null;
            /**
             * Id
             * @example 4f1d2c9a0f0b5d3e9a540a86f2f4c1d7
             */
            id: string;
            /** @description Null once it has ended. */
            progress: components["schemas"]["BacktestProgress"] | null;
            /**
             * State
             * @description `interrupted`: the process that ran it is gone.
             * @enum {string}
             */
            state: "running" | "done" | "failed" | "stopped" | "interrupted";
            wanted: components["schemas"]["BacktestWanted"];
        };
        /**
         * BacktestFault
         * @description Why a run did not succeed.
         */
        BacktestFault: {
            /**
             * Code
             * @example bad_input
             */
            code: string;
            /** Message */
            message: string;
        };
        /**
         * BacktestHeadline
         * @description The result in one line.
         */
        BacktestHeadline: {
            /** Expectancy R */
            expectancy_r: number | null;
            /**
             * Max Drawdown
             * @description A share.
             */
            max_drawdown: number | null;
            /**
             * Net Return
             * @description End over start, less 1.
             */
            net_return: number | null;
            /** Sharpe */
            sharpe: number | null;
            /** Tone */
            tone: ("promising" | "unproven" | "against") | null;
            /** Trades */
            trades: number;
            /** Verdict */
            verdict: string | null;
        };
        /**
         * BacktestOffer
         * @description What may be started here and now.
         */
        BacktestOffer: {
            /** Candles */
            candles: components["schemas"]["OfferedCandles"][];
            /** Costs */
            costs: components["schemas"]["OfferedCost"][];
            /**
             * Faults
             * @description Strategies and candles that cannot be used, and why.
             */
            faults: string[];
            /**
             * Limit S
             * @description Seconds after which a run is stopped.
             */
            limit_s: number;
            /**
             * Maker Fee
             * @description Share of the value, of the settings.
             * @example 64250.5
             */
            maker_fee: string;
            /** Running */
            running: number;
            /** Running Max */
            running_max: number;
            /**
             * Start Equity
             * @description Null where no portfolio sizes by risk.
             */
            start_equity: string | null;
            /** Strategies */
            strategies: components["schemas"]["OfferedStrategy"][];
            /**
             * Taker Fee
             * @description Exact decimal number.
             * @example 64250.5
             */
            taker_fee: string;
        };
        /**
         * BacktestPage
         * @description Backtests, newest first.
         */
        BacktestPage: {
            /** Backtests */
            backtests: components["schemas"]["BacktestFacts"][];
            /** Next */
            next: string | null;
            /** Running */
            running: number;
            /** Running Max */
            running_max: number;
        };
        /**
         * BacktestPoint
         * @description Equity at an instant.
         */
        BacktestPoint: {
            /** Drawdown Pct */
            drawdown_pct: number;
            /**
             * Equity
             * @description Exact decimal number.
             * @example 64250.5
             */
            equity: string;
            /**
             * Timestamp
             * Format: date-time
             * @description ISO 8601, UTC.
             * @example 2025-03-01T12:00:00Z
             */
            timestamp: string;
        };
        /**
         * BacktestProgress
         * @description How far a run is.
         */
        BacktestProgress: {
            /**
             * About
             * @description What is being done; may be empty.
             */
            about: string;
            /** Done */
            done: number;
            /**
             * Phase
             * @enum {string}
             */
            phase: "starting" | "reading" | "running" | "examining" | "writing";
            /**
             * Total
             * @description Pieces of this phase; 0 where they are not counted.
             */
            total: number;
        };
        /**
         * BacktestRemoval
         * @description What a DELETE did.
         */
        BacktestRemoval: {
            /**
             * Done
             * @description `nothing`: there was nothing left to stop.
             * @enum {string}
             */
            done: "stopped" | "removed" | "nothing";
            /**
             * Id
             * @example 4f1d2c9a0f0b5d3e9a540a86f2f4c1d7
             */
            id: string;
        };
        /**
         * BacktestResult
         * @description What a run came to.
         */
        BacktestResult: {
            /** Bars */
            bars: number;
            /** Baselines */
            baselines: components["schemas"]["ResultBaseline"][];
            /** Breakdowns */
            breakdowns: components["schemas"]["ResultBreakdown"][];
            /** Conventions */
            conventions: {
                [key: string]: string;
            };
            /** Costs */
            costs: {
                [key: string]: string;
            };
            /** Curves */
            curves: components["schemas"]["ResultCurve"][];
            /** Digest */
            digest: string;
            /** Elapsed S */
            elapsed_s: number;
            /**
             * End
             * Format: date-time
             * @description ISO 8601, UTC.
             * @example 2025-03-01T12:00:00Z
             */
            end: string;
            /** Estimated */
            estimated: string[];
            /** Figures */
            figures: components["schemas"]["ResultFigure"][];
            /**
             * Look Ahead
             * @enum {string}
             */
            look_ahead: "clean" | "found" | "not_checked";
            /** Look Ahead Sentence */
            look_ahead_sentence: string;
            money: components["schemas"]["ResultMoney"];
            /** Months */
            months: components["schemas"]["ResultMonth"][];
            /** Open Trades */
            open_trades: number;
            other_orders: components["schemas"]["ResultOrders"] | null;
            /** Parameters */
            parameters: {
                [key: string]: {
                    [key: string]: components["schemas"]["JsonValue"];
                };
            };
            /** Reasons */
            reasons: string[];
            /**
             * Silent
             * @description Setups that became no trade, by why.
             */
            silent: {
                [key: string]: number;
            };
            /** Source */
            source: string;
            /**
             * Start
             * Format: date-time
             * @description ISO 8601, UTC.
             * @example 2025-03-01T12:00:00Z
             */
            start: string;
            /**
             * Start Equity
             * @description Exact decimal number.
             * @example 64250.5
             */
            start_equity: string;
            /** Title */
            title: string;
            /** Tone */
            tone: ("promising" | "unproven" | "against") | null;
            /** Trades */
            trades: number;
            /** Variants Tried */
            variants_tried: number;
            /**
             * Verdict
             * @description Null where luck was not looked into.
             */
            verdict: string | null;
            /** Warnings */
            warnings: string[];
        };
        /**
         * BacktestTrade
         * @description One trade from entry to flat.
         */
        BacktestTrade: {
            /** Bars */
            bars: number;
            /**
             * Closed At
             * Format: date-time
             * @description ISO 8601, UTC.
             * @example 2025-03-01T12:00:00Z
             */
            closed_at: string;
            /**
             * Entry
             * @description Exact decimal number.
             * @example 64250.5
             */
            entry: string;
            /**
             * Exit
             * @description Exact decimal number.
             * @example 64250.5
             */
            exit: string;
            /**
             * Fees
             * @description Exact decimal number.
             * @example 64250.5
             */
            fees: string;
            /**
             * Funding
             * @description Exact decimal number.
             * @example 64250.5
             */
            funding: string;
            /**
             * Opened At
             * Format: date-time
             * @description ISO 8601, UTC.
             * @example 2025-03-01T12:00:00Z
             */
            opened_at: string;
            /**
             * Pair
             * @example BTC/USDT
             */
            pair: string;
            /**
             * Pnl
             * @description Net of every cost.
             * @example 64250.5
             */
            pnl: string;
            /** Portfolio */
            portfolio: string;
            /**
             * Quantity
             * @description Exact decimal number.
             * @example 64250.5
             */
            quantity: string;
            /**
             * R
             * @description Exact decimal number.
             * @example 64250.5
             */
            r: string;
            /** Reason */
            reason: string;
            /**
             * Regime
             * @description At the entry; empty where it was not measured.
             */
            regime: string;
            /**
             * Side
             * @enum {string}
             */
            side: "LONG" | "SHORT";
            /**
             * Spread And Slippage
             * @description Exact decimal number.
             * @example 64250.5
             */
            spread_and_slippage: string;
            /** Strategy */
            strategy: string;
        };
        /**
         * BacktestTrades
         * @description Closed trades of a backtest, newest first.
         */
        BacktestTrades: {
            /**
             * Id
             * @example 4f1d2c9a0f0b5d3e9a540a86f2f4c1d7
             */
            id: string;
            /** Next */
            next: string | null;
            /** Trades */
            trades: components["schemas"]["BacktestTrade"][];
        };
        /**
         * BacktestWanted
         * @description What to run. Everything but strategies, pairs and timeframe has the desk's own default.
         */
        BacktestWanted: {
            /**
             * Baselines
             * @description Whether luck, holding, intervals and other orders of the results are looked into.
             * @default true
             */
            baselines?: boolean;
            /**
             * End
             * @description Day after the last, UTC; null: all there is.
             * @example 2025-04-01
             */
            end?: string | null;
            /**
             * Engine
             * @description `compiled`: each strategy and pair on its own equity, fast. `event`: the real desk with its portfolios, controls and breakers.
             * @default compiled
             * @enum {string}
             */
            engine?: "compiled" | "event";
            /**
             * Entry
             * @description Where an order at market fills. Compiled engine only.
             * @default next_open
             * @enum {string}
             */
            entry?: "next_open" | "this_close";
            /**
             * Exchange
             * @description Whose candles; null: the first.
             */
            exchange?: string | null;
            /**
             * Fee
             * @description Share of the value, for makers and takers alike, 0.001 for 0.1 %; null: the settings'.
             */
            fee?: string | null;
            /** Pairs */
            pairs: string[];
            /**
             * Source
             * @description `store`: the candle store. `folder`: the folder of the feed. Null: the first that has any.
             */
            source?: ("store" | "folder") | null;
            /**
             * Start
             * @description First day, UTC; null: the first there is.
             * @example 2025-01-01
             */
            start?: string | null;
            /**
             * Start Equity
             * @description Of each strategy and pair; null: the settings'. Compiled engine only.
             */
            start_equity?: string | null;
            /** Strategies */
            strategies: components["schemas"]["StrategyWanted"][];
            /**
             * Tie
             * @description Which of stop and target comes first inside one candle. Compiled engine only.
             * @default pessimistic
             * @enum {string}
             */
            tie?: "pessimistic" | "optimistic";
            /**
             * Timeframe
             * @description Of the candles; a strategy may read longer bars.
             * @enum {string}
             */
            timeframe: "1m" | "5m" | "15m" | "1h" | "4h" | "1d";
            /**
             * Without
             * @description Parts of the costs that are switched off.
             */
            without?: ("fees" | "spread" | "slippage" | "latency" | "funding" | "liquidation" | "queue")[];
        };
        /**
         * Balance
         * @description What the account has of one asset at the venue.
         */
        Balance: {
            /**
             * Asset
             * @example BTC
             */
            asset: string;
            /**
             * Expected
             * @description What the ledger expects where that differs from `total`; null where the two agree.
             */
            expected: string | null;
            /**
             * Held
             * @description The part that open orders lock.
             * @example 64250.5
             */
            held: string;
            /**
             * Total
             * @description Exact decimal number.
             * @example 64250.5
             */
            total: string;
        };
        /**
         * BaseRisk
         * @description The base of a portfolio's sizing chain: what the settings say, times the optimizer's factor.
         */
        BaseRisk: {
            /**
             * Base
             * @description What holds now: share of equity, or for strategies risk per trade.
             * @example 64250.5
             */
            base: string;
            /**
             * Factor
             * @description Exact decimal number.
             * @example 64250.5
             */
            factor: string;
            /**
             * Portfolio
             * @example aggressive
             */
            portfolio: string;
            /**
             * Setting
             * @description Exact decimal number.
             * @example 64250.5
             */
            setting: string;
        };
        /**
         * BlockedBook
         * @description A pair on which nothing is opened, because the venue's order book of it is not to be relied on.
         */
        BlockedBook: {
            /**
             * Pair
             * @example BTC/USDT
             */
            pair: string;
            /**
             * Reason
             * @example stale
             */
            reason: string;
            /**
             * Since
             * Format: date-time
             * @description ISO 8601, UTC.
             * @example 2025-03-01T12:00:00Z
             */
            since: string;
        };
        /**
         * Bounds
         * @description Where a value lies with 95 % confidence.
         */
        Bounds: {
            /** High */
            high: number;
            /** Low */
            low: number;
        };
        /**
         * Break
         * @description A difference between the venue and the ledger that nothing explains.
         */
        Break: {
            /**
             * At
             * Format: date-time
             * @description ISO 8601, UTC.
             * @example 2025-03-01T12:00:00Z
             */
            at: string;
            /**
             * Expected
             * @description Exact decimal number.
             * @example 64250.5
             */
            expected: string;
            /**
             * Found
             * @description Exact decimal number.
             * @example 64250.5
             */
            found: string;
            /** Reason */
            reason: string;
            /**
             * Reckoned
             * @description Whether the venue's figure is reckoned with from then on.
             */
            reckoned: boolean;
            /**
             * Stands
             * @description Whether openings are stopped and nobody has let the account trade since.
             */
            stands: boolean;
            /**
             * Subject
             * @description An asset for a balance, a pair for a position or an order.
             */
            subject: string;
            /**
             * Todo
             * @description What a person should do about it.
             */
            todo: string;
        };
        /**
         * Breaker
         * @description One circuit breaker of one book. `known` is false while its context is missing: then it lets pass.
         */
        Breaker: {
            /** Known */
            known: boolean;
            /** Limit */
            limit: string;
            /**
             * Name
             * @example daily_loss
             */
            name: string;
            /** Portfolio */
            portfolio: string;
            /** Reason */
            reason: string;
            /**
             * Scope
             * @description Empty, or what it is limited to: LONG, SHORT, a pair.
             */
            scope: string;
            /** Since */
            since: string | null;
            /** Tripped */
            tripped: boolean;
            /** Until */
            until: string | null;
            /** Value */
            value: string;
        };
        /**
         * Bye
         * @description The server ends the stream; reconnect after `retry_ms` with the last id.
         */
        Bye: {
            /**
             * Reason
             * @enum {string}
             */
            reason: "max_age" | "lagging" | "stalled" | "shutdown" | "other_account" | "ended";
            /** Retry Ms */
            retry_ms: number;
        };
        /**
         * CalibrationBin
         * @description Votes whose confidence lies from `low` up to `high`: well calibrated where `win_rate` equals `confidence`.
         */
        CalibrationBin: {
            /** Confidence */
            confidence: number;
            /** Count */
            count: number;
            /** High */
            high: number;
            /** Low */
            low: number;
            /** Win Rate */
            win_rate: number;
        };
        /**
         * Candles
         * @description Closed candles, oldest first.
         */
        Candles: {
            /** Candles */
            candles: [
                number,
                string,
                string,
                string,
                string,
                number
            ][];
            /** Estimated */
            estimated: boolean;
            /**
             * Pair
             * @example BTC/USDT
             */
            pair: string;
            /**
             * Timeframe
             * @enum {string}
             */
            timeframe: "1m" | "5m" | "15m" | "1h" | "4h" | "1d";
        };
        /**
         * Comparison
         * @description The analyst against a baseline, token money included, and in plain words what may be concluded from it.
         */
        Comparison: {
            /**
             * Against
             * @enum {string}
             */
            against: "luck" | "buy_and_hold" | "best_single" | "majority";
            /** @description Mean R a trade: the analyst's less the baseline's. */
            difference: components["schemas"]["Interval"];
            /**
             * Other
             * @description Who that is.
             * @example trend
             */
            other: string;
            /** Other Trades */
            other_trades: number;
            /**
             * Sentence
             * @example The council does not beat its best single model (trend).
             */
            sentence: string;
            /**
             * Trades
             * @description The analyst's trades that were compared.
             */
            trades: number;
            /**
             * Verdict
             * @enum {string}
             */
            verdict: "beats" | "does_not_beat" | "cannot_be_told";
        };
        /**
         * Contaminated
         * @description Votes from a time the model may have read about: shown apart, they count for nothing.
         */
        Contaminated: {
            /** Average R */
            average_r: number | null;
            /** Closed */
            closed: number;
            /** Open */
            open: number;
        };
        /**
         * ContextFigure
         * @description One number. `told` is false for what is known but not said to models.
         */
        ContextFigure: {
            /**
             * Age Ms
             * @description At the instant of this context.
             */
            age_ms: number;
            /**
             * Name
             * @example BTC dominance
             */
            name: string;
            /** Pair */
            pair: string | null;
            /**
             * Part
             * @enum {string}
             */
            part: "dominance" | "coins" | "funding" | "open_interest" | "fear_greed" | "news" | "social" | "community";
            /** Told */
            told: boolean;
            /**
             * Unit
             * @example percent
             */
            unit: string;
            /**
             * Value
             * @description Exact decimal number.
             * @example 64250.5
             */
            value: string;
        };
        /**
         * ContextPart
         * @description One part: present, missing (a source is set, nothing young enough is known), or off (no source is set).
         */
        ContextPart: {
            /** Age Ms */
            age_ms: number | null;
            /**
             * Name
             * @enum {string}
             */
            name: "dominance" | "coins" | "funding" | "open_interest" | "fear_greed" | "news" | "social" | "community";
            /**
             * State
             * @enum {string}
             */
            state: "present" | "missing" | "off";
            /** Why */
            why: string;
        };
        /**
         * ContextSource
         * @description A source of context as the worker sees it. What is wrong with one degrades prompts, never the desk.
         */
        ContextSource: {
            /**
             * Age Ms
             * @description Age of its last good answer.
             */
            age_ms: number | null;
            /**
             * Breaker
             * @enum {string}
             */
            breaker: "closed" | "open" | "half_open";
            /**
             * Failures
             * @description In a row.
             */
            failures: number;
            /**
             * Fault
             * @description Kind of its last error; null where nothing is wrong.
             */
            fault: ("timeout" | "throttled" | "down" | "malformed" | "too_large" | "refused" | "resting") | null;
            /**
             * Name
             * @example coingecko
             */
            name: string;
            /**
             * State
             * @description stale: the last good answer is still used; recorded: read from a file.
             * @enum {string}
             */
            state: "waiting" | "ok" | "stale" | "down" | "recorded";
            /** Why */
            why: string;
        };
        /**
         * ContextText
         * @description A text by a stranger, made one line and cut: it can inform, never instruct.
         */
        ContextText: {
            /** Age Ms */
            age_ms: number;
            /**
             * At
             * Format: date-time
             * @description When it was published, as told.
             * @example 2025-03-01T12:00:00Z
             */
            at: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "news" | "social" | "community";
            /** Source */
            source: string;
            /** Text */
            text: string;
            /** Title */
            title: string;
            /**
             * Tone
             * @description A baseline by words of the title alone.
             */
            tone: number;
            /**
             * Url
             * @description http or https.
             */
            url: string | null;
        };
        /**
         * Cost
         * @description What asking a model has cost, and what that is in R.
         *
         *     1 R in money is the base notional of the first portfolio that trades the council (its start equity times its base)
         *     times the analyst's mean distance from entry to stop (`risk_share`).
         */
        Cost: {
            /** R Per Decision */
            r_per_decision: number | null;
            /**
             * R Per Trade
             * @description What comparisons take off every result.
             */
            r_per_trade: number | null;
            /**
             * R Usd
             * @description Money that 1 R stands for; null before a trade has closed.
             */
            r_usd: number | null;
            /**
             * Usd
             * @description Exact decimal number.
             * @example 64250.5
             */
            usd: string;
            /** Usd Per Decision */
            usd_per_decision: number | null;
            /**
             * Usd Per Trade
             * @description Over every shadow trade it has begun.
             */
            usd_per_trade: number | null;
        };
        /**
         * Council
         * @description Cycles, newest first, and where the next page begins.
         */
        Council: {
            /** Agreement */
            agreement: components["schemas"]["PairAgreement"][];
            /** Cycles */
            cycles: components["schemas"]["CouncilCycle"][];
            /**
             * Next
             * @description Pass as `before` for the next page; null on the last.
             */
            next: string | null;
        };
        /**
         * CouncilCycle
         * @description One asking of the council.
         */
        CouncilCycle: {
            /**
             * At
             * Format: date-time
             * @description Feed time.
             * @example 2025-03-01T12:00:00Z
             */
            at: string;
            /**
             * Cost Usd
             * @description Exact decimal number.
             * @example 64250.5
             */
            cost_usd: string;
            /**
             * Id
             * @description Journal id, `epoch-seq`.
             * @example 1-48213
             */
            id: string;
            /**
             * Models
             * @description By analyst; empty where no model was asked.
             */
            models: components["schemas"]["AskedModel"][];
            /** Pairs */
            pairs: components["schemas"]["PairVotes"][];
            /** Panel */
            panel: string[];
            /** Silences */
            silences: components["schemas"]["Silence"][];
            /** Slot */
            slot: string;
        };
        /**
         * DecidedIn
         * @description The cycle of the council that a signal came out of.
         */
        DecidedIn: {
            /**
             * Cycle
             * @description Its id in /v1/council.
             * @example 1-48213
             */
            cycle: string;
            /**
             * Prompts
             * @description Empty where rules alone decided.
             */
            prompts: components["schemas"]["DecisionPrompt"][];
            /** Slot */
            slot: string;
        };
        /**
         * Decision
         * @description One decision, in sentences.
         */
        Decision: {
            /**
             * At
             * Format: date-time
             * @description Feed time.
             * @example 2025-03-01T12:00:00Z
             */
            at: string;
            /**
             * Decided
             * @example Published LONG as gold.
             */
            decided: string;
            /**
             * Entry
             * @description The journal's entry that holds it.
             * @example 1-48213
             */
            entry: string;
            /**
             * Event
             * @description Kind of that entry.
             * @example VotesCast
             */
            event: string;
            /** Pair */
            pair?: string | null;
            /** Portfolio */
            portfolio?: string | null;
            /**
             * Prompt
             * @description Digest of what a model was asked before it; leads to /v1/prompts.
             */
            prompt?: string | null;
            /**
             * Signal
             * @description Id of the signal it is about.
             */
            signal?: string | null;
            /**
             * Subject
             * @description What it was about.
             * @example BTC/USDT
             */
            subject: string;
            /**
             * Why
             * @example trend, breakout and momentum agree, confidence 0.71.
             */
            why: string;
        };
        /**
         * DecisionPrompt
         * @description What models of one class were asked. `digest` leads to /v1/prompts.
         */
        DecisionPrompt: {
            /**
             * Analysts
             * @description Who was asked it, whether or not they answered.
             */
            analysts: string[];
            /** Digest */
            digest: string;
            /**
             * Template
             * @example full-1
             */
            template: string;
        };
        /**
         * Desk
         * @description What the page needs to know before it shows anything.
         */
        Desk: {
            /** Account */
            account: string;
            feed: components["schemas"]["FeedState"];
            /**
             * Mode
             * @enum {string}
             */
            mode: "paper" | "live";
            /** Pairs */
            pairs: string[];
            /** Panel */
            panel: string[];
            /** Portfolios */
            portfolios: string[];
            /** Strategies */
            strategies: string[];
            /** Timeframe */
            timeframe: ("1m" | "5m" | "15m" | "1h" | "4h" | "1d") | null;
            /** Timeframes */
            timeframes: ("1m" | "5m" | "15m" | "1h" | "4h" | "1d")[];
            /** Version */
            version: string;
        };
        /**
         * EquityCurve
         * @description Points oldest first, thinned evenly where there are more than `n`; every book keeps its last point.
         */
        EquityCurve: {
            /** Points */
            points: components["schemas"]["EquityPoint"][];
        };
        /**
         * EquityPoint
         * @description A book's worth at one close, marked to market. The same JSON on REST, SSE and Redis.
         */
        EquityPoint: {
            /**
             * Cash
             * @description Exact decimal number.
             * @example 64250.5
             */
            cash: string;
            /**
             * Drawdown Pct
             * @description Percent below the peak.
             * @example 1.25
             */
            drawdown_pct: number;
            /**
             * Equity
             * @description Exact decimal number.
             * @example 64250.5
             */
            equity: string;
            /**
             * Id
             * @description Journal id, `epoch-seq`.
             * @example 1-48213
             */
            id: string;
            /**
             * Portfolio
             * @example aggressive
             */
            portfolio: string;
            /**
             * Timestamp
             * Format: date-time
             * @description ISO 8601, UTC.
             * @example 2025-03-01T12:00:00Z
             */
            timestamp: string;
            /**
             * Unrealized
             * @description Exact decimal number.
             * @example 64250.5
             */
            unrealized: string;
        };
        /**
         * EvaluateReply
         * @description What one look at all open trades came to.
         */
        EvaluateReply: {
            /** Cycle */
            cycle: string;
            /** Elapsedms */
            elapsedMs: number;
            /**
             * Evaluated
             * @description Open trades that were looked at.
             */
            evaluated: number;
            /** Exited */
            exited: number;
            /** Held */
            held: number;
            /**
             * Ignored
             * @description Pieces of advice that could not be carried out.
             */
            ignored: number;
            /**
             * Success
             * @constant
             */
            success: true;
            /** Tightened */
            tightened: number;
        } & {
            [key: string]: unknown;
        };
        /**
         * ExternalOrder
         * @description An open order on the account that is not the desk's: counted in its risk, never touched by it.
         */
        ExternalOrder: {
            /**
             * Action
             * @enum {string}
             */
            action: "BUY" | "SELL";
            /**
             * At
             * Format: date-time
             * @description ISO 8601, UTC.
             * @example 2025-03-01T12:00:00Z
             */
            at: string;
            /**
             * Open Quantity
             * @description Exact decimal number.
             * @example 64250.5
             */
            open_quantity: string;
            /**
             * Pair
             * @example BTC/USDT
             */
            pair: string;
            /**
             * Price
             * @description Limit or trigger; null for a market order.
             */
            price: string | null;
            /** Venue Id */
            venue_id: string;
        };
        /**
         * Factor
         * @description One link of the sizing chain.
         */
        Factor: {
            /**
             * Value
             * @description Exact decimal number.
             * @example 64250.5
             */
            value: string;
            /**
             * Why
             * @example 17 closed trades, half Kelly
             */
            why: string;
        };
        /**
         * FeedState
         * @description Where the data comes from and how fresh it is. Simulated data is always marked.
         */
        FeedState: {
            /**
             * Age Ms
             * @description Age of the newest data on the wall clock.
             */
            age_ms: number | null;
            /**
             * At
             * @description Feed time of the newest data.
             */
            at: string | null;
            /** Kind */
            kind: ("exchange" | "replay" | "simulated") | null;
            /**
             * Label
             * @example replay of binance 5m, 2025-01-01 to 2025-09-30
             */
            label: string;
            /** Simulated */
            simulated: boolean;
            /**
             * State
             * @example up
             * @enum {string}
             */
            state: "starting" | "up" | "stale" | "down" | "ended";
        };
        /**
         * FieldFault
         * @description One parameter or body field that makes no sense.
         */
        FieldFault: {
            /**
             * Field
             * @example limit
             */
            field: string;
            /**
             * Message
             * @example Input should be less than or equal to 1000
             */
            message: string;
        };
        /**
         * Health
         * @description Health of the whole desk. Ready means that Postgres answers, a feed is fresh and a worker is alive.
         *
         *     What the desk does without, context and models, never makes it unready.
         */
        Health: {
            /** Account */
            account: string;
            /** @description Null where no model sits, or its book is unreadable. */
            budget: components["schemas"]["ModelBudget"] | null;
            /**
             * Context
             * @description Empty where the running feed has no context.
             */
            context: components["schemas"]["ContextSource"][];
            feed: components["schemas"]["FeedState"];
            /**
             * Live
             * @constant
             */
            live: true;
            /**
             * Mode
             * @enum {string}
             */
            mode: "paper" | "live";
            /** Parts */
            parts: components["schemas"]["Part"][];
            /**
             * Providers
             * @description Empty where no model sits on the panel.
             */
            providers: components["schemas"]["ModelProvider"][];
            /** Ready */
            ready: boolean;
            /**
             * Status
             * @enum {string}
             */
            status: "ok" | "degraded" | "down";
            /** Version */
            version: string;
        };
        /**
         * Hello
         * @description First event of every stream: where the stream begins and ends, and whether the resume found every event.
         */
        Hello: {
            /** Epoch */
            epoch: number;
            /** First */
            first: string | null;
            /** Last */
            last: string | null;
            /** Resumed */
            resumed: boolean;
        };
        /**
         * IndicatorColumns
         * @description Indicators over the last candles; every series has as many values as `open_ms`.
         */
        IndicatorColumns: {
            /** Open Ms */
            open_ms: number[];
            /**
             * Pair
             * @example BTC/USDT
             */
            pair: string;
            /** Series */
            series: components["schemas"]["Series"][];
            /**
             * Timeframe
             * @enum {string}
             */
            timeframe: "1m" | "5m" | "15m" | "1h" | "4h" | "1d";
        };
        /**
         * Indicators
         * @description What was measured at the decision; null where the history was too short.
         */
        Indicators: {
            /** Atr 14 */
            atr_14: number | null;
            /** Macd Signal */
            macd_signal: number | null;
            /** Rsi 14 */
            rsi_14: number | null;
            /** Volume Ratio */
            volume_ratio: number | null;
        };
        /**
         * Interval
         * @description An estimate with its 95 % interval, and in words what may be concluded from it.
         */
        Interval: {
            /** Estimate */
            estimate: number | null;
            /** High */
            high: number | null;
            /** Low */
            low: number | null;
            /** Note */
            note: string;
        };
        /**
         * Job
         * @description A job with its schedule and its newest runs, newest first.
         */
        Job: {
            /** History */
            history: components["schemas"]["JobRun"][];
            /**
             * Job
             * @example scanner
             */
            job: string;
            /** Last Error */
            last_error: string | null;
            /** Last Report */
            last_report: {
                [key: string]: unknown;
            } | null;
            /** Last Slot */
            last_slot: string | null;
            /** Next Slot */
            next_slot: string | null;
            /**
             * Path
             * @description Where it is run by hand.
             * @example /api/scan
             */
            path: string;
            /**
             * Schedule
             * @example *\/10 * * * *
             */
            schedule: string;
        };
        /**
         * JobFailure
         * @description The job ran, or was refused, and did not succeed.
         */
        JobFailure: {
            /** Error */
            error: string;
            /**
             * Success
             * @constant
             */
            success: false;
        };
        /**
         * JobRun
         * @description One slot of a job.
         */
        JobRun: {
            /**
             * At
             * Format: date-time
             * @description Feed time of the slot.
             * @example 2025-03-01T12:00:00Z
             */
            at: string;
            /** Error */
            error: string | null;
            /** Report */
            report: {
                [key: string]: unknown;
            } | null;
            /** Slot */
            slot: string;
            /**
             * Status
             * @enum {string}
             */
            status: "completed" | "failed";
        };
        /**
         * Jobs
         * @description Every job of the desk.
         */
        Jobs: {
            /** Jobs */
            jobs: components["schemas"]["Job"][];
        };
        /**
         * JobSkipped
         * @description An outside scheduler's call while CRONS_ENABLED is not "true".
         */
        JobSkipped: {
            /**
             * Cron
             * @example scan
             */
            cron: string;
            /**
             * Reason
             * @example CRONS_ENABLED is not true
             */
            reason: string;
            /**
             * Skipped
             * @constant
             */
            skipped: true;
        };
        JsonValue: unknown;
        /**
         * Lesson
         * @description What one closed trade taught: what was expected, what happened, and one sentence to remember.
         */
        Lesson: {
            /**
             * At
             * Format: date-time
             * @description ISO 8601, UTC.
             * @example 2025-03-01T12:00:00Z
             */
            at: string;
            /**
             * By
             * @description `rules`, or the model that wrote the sentence.
             */
            by: string;
            /** Expected */
            expected: string;
            /** Happened */
            happened: string;
            /** Lesson */
            lesson: string;
            /**
             * Pair
             * @example BTC/USDT
             */
            pair: string;
            /** Portfolio */
            portfolio: string;
            /**
             * R
             * @description Exact decimal number.
             * @example 64250.5
             */
            r: string;
            /**
             * Side
             * @enum {string}
             */
            side: "LONG" | "SHORT";
            /** Source */
            source: string;
            /**
             * Trade
             * @description Id of the trade.
             */
            trade: string;
        };
        /**
         * Lessons
         * @description Lessons, newest first, and where the next page begins.
         */
        Lessons: {
            /** Lessons */
            lessons: components["schemas"]["Lesson"][];
            /**
             * Next
             * @description Pass as `before` for the next page; null on the last.
             */
            next: string | null;
        };
        /**
         * Live
         * @description The process answers.
         */
        Live: {
            /**
             * Live
             * @constant
             */
            live: true;
            /** Version */
            version: string;
        };
        /**
         * Luck
         * @description Random traders: each tossed a coin between every one of these trades and its mirror image.
         *
         *     They had the same entries, exits, turnover and costs. The tosses are the same for everybody who asks.
         */
        Luck: {
            /**
             * Average R
             * @description The analyst's own mean on these trades, token money paid.
             */
            average_r: number | null;
            /** @description The middle 95 % of the random traders. */
            interval: components["schemas"]["Bounds"] | null;
            /**
             * P Value
             * @description How often luck alone does as well or better.
             */
            p_value: number | null;
            /**
             * Percentile
             * @description Share of them it left behind, in percent.
             */
            percentile: number | null;
            /**
             * Traders
             * @example 1000
             */
            traders: number;
            /**
             * Trades
             * @description Closed trades that have a closed mirror image.
             */
            trades: number;
        };
        /**
         * Metadata
         * @description How the decision was made.
         */
        Metadata: {
            /**
             * Estimated
             * @description What no venue gave and a model supplied.
             * @example [
             *       "spread"
             *     ]
             */
            estimated: string[];
            /**
             * Latency Ms
             * @description Time the council took; null where it was not measured.
             */
            latency_ms: number | null;
            /** Model Version */
            model_version: string;
            /**
             * Snapshot
             * @description SHA-256 of the decision's stored inputs.
             */
            snapshot: string;
        };
        /**
         * ModelAsking
         * @description One asking of a model. `prompt` leads to /v1/prompts, `record` to /v1/answers.
         */
        ModelAsking: {
            /**
             * Answered By
             * @description provider/model that really answered.
             */
            answered_by: string | null;
            /**
             * Cost Usd
             * @description Exact decimal number.
             * @example 64250.5
             */
            cost_usd: string;
            /**
             * Fallback
             * @description Another model than the panel's answered: it counts for nobody.
             */
            fallback: boolean;
            /**
             * Fault
             * @description Code of what was wrong; null for a sound answer.
             */
            fault: string | null;
            /** Input Tokens */
            input_tokens: number;
            /** Latency Ms */
            latency_ms: number;
            /** Output Tokens */
            output_tokens: number;
            /**
             * Prompt
             * @description Digest of the request.
             */
            prompt: string;
            /**
             * Record
             * @description Hash under which the answer lies; null where there was none.
             */
            record: string | null;
        };
        /**
         * ModelBudget
         * @description Money and tokens of this UTC day for all models of the desk together, reservations included.
         */
        ModelBudget: {
            /** Left Tokens */
            left_tokens: number;
            /**
             * Left Usd
             * @description Exact decimal number.
             * @example 64250.5
             */
            left_usd: string;
            /** Limit Tokens */
            limit_tokens: number;
            /**
             * Limit Usd
             * @description Exact decimal number.
             * @example 64250.5
             */
            limit_usd: string;
            /** Spent Tokens */
            spent_tokens: number;
            /**
             * Spent Usd
             * @description Exact decimal number.
             * @example 64250.5
             */
            spent_usd: string;
        };
        /**
         * ModelCall
         * @description One HTTP call of an asking.
         */
        ModelCall: {
            /**
             * Cost Usd
             * @description Exact decimal number.
             * @example 64250.5
             */
            cost_usd: string;
            /** Fault */
            fault: string | null;
            /** Model */
            model: string;
            /** Provider */
            provider: string;
            /** Reason */
            reason: string | null;
            /**
             * Status
             * @description HTTP status; null where no reply came.
             */
            status: number | null;
        };
        /**
         * ModelProvider
         * @description A provider of models as the worker sees it.
         */
        ModelProvider: {
            /**
             * Breaker
             * @enum {string}
             */
            breaker: "closed" | "open" | "probing";
            /**
             * Failures
             * @description In a row.
             */
            failures: number;
            /** Last Fault */
            last_fault: string;
            /**
             * Last Latency Ms
             * @description Of its last answered call; null before one.
             */
            last_latency_ms: number | null;
            /**
             * Name
             * @example gemini
             */
            name: string;
            /**
             * Under Way
             * @description Calls that are waiting for their answer.
             */
            under_way: number;
            /**
             * Waits S
             * @description How long it has asked us to wait from now on.
             */
            waits_s: number;
        };
        /**
         * MonitorReply
         * @description What one round of the monitor did.
         */
        MonitorReply: {
            /** Cycle */
            cycle: string;
            /** Elapsedms */
            elapsedMs: number;
            /**
             * Equity
             * @description Book -> its equity.
             */
            equity: {
                [key: string]: string;
            };
            /** Partialexits */
            partialExits: number;
            /** Positionschecked */
            positionsChecked: number;
            /** Stopsmoved */
            stopsMoved: number;
            /**
             * Success
             * @constant
             */
            success: true;
            /** Tradesclosed */
            tradesClosed: number;
        } & {
            [key: string]: unknown;
        };
        /**
         * News
         * @description The texts of the newest context, newest first. `available` is false where the desk has no source of texts.
         */
        News: {
            /** At */
            at: string | null;
            /** Available */
            available: boolean;
            /** Items */
            items: components["schemas"]["ContextText"][];
            /** Told Age Ms */
            told_age_ms: number | null;
            /** Why */
            why: string;
        };
        /**
         * OfferedCandles
         * @description Candles of one exchange at one place.
         */
        OfferedCandles: {
            /** Exchange */
            exchange: string;
            /**
             * Label
             * @description For people; never a path.
             */
            label: string;
            /** Series */
            series: components["schemas"]["OfferedSeries"][];
            /**
             * Source
             * @enum {string}
             */
            source: "store" | "folder";
        };
        /**
         * OfferedCost
         * @description One part of the cost model.
         */
        OfferedCost: {
            /** About */
            about: string;
            /**
             * Name
             * @enum {string}
             */
            name: "fees" | "spread" | "slippage" | "latency" | "funding" | "liquidation" | "queue";
        };
        /**
         * OfferedParameter
         * @description One parameter of a strategy, with the value of the settings.
         */
        OfferedParameter: {
            /**
             * Kind
             * @enum {string}
             */
            kind: "whole" | "number" | "decimal" | "text" | "yes_no" | "list";
            /** Name */
            name: string;
            value: components["schemas"]["JsonValue"];
        };
        /**
         * OfferedSeries
         * @description Candles of one pair.
         */
        OfferedSeries: {
            /** Candles */
            candles: number;
            /**
             * First
             * Format: date-time
             * @description ISO 8601, UTC.
             * @example 2025-03-01T12:00:00Z
             */
            first: string;
            /**
             * Last
             * Format: date-time
             * @description Close of the last candle.
             * @example 2025-03-01T12:00:00Z
             */
            last: string;
            /**
             * Pair
             * @example BTC/USDT
             */
            pair: string;
            /**
             * Timeframe
             * @enum {string}
             */
            timeframe: "1m" | "5m" | "15m" | "1h" | "4h" | "1d";
        };
        /**
         * OfferedStrategy
         * @description A strategy that can be run.
         */
        OfferedStrategy: {
            /**
             * About
             * @description Its first sentence.
             */
            about: string;
            /** Name */
            name: string;
            /** Parameters */
            parameters: components["schemas"]["OfferedParameter"][];
            /**
             * Publishes
             * @description Whether the desk runs it: the default choice.
             */
            publishes: boolean;
            /**
             * Timeframe
             * @enum {string}
             */
            timeframe: "1m" | "5m" | "15m" | "1h" | "4h" | "1d";
            /**
             * Warm Up
             * @description Bars that it needs before its first setup.
             */
            warm_up: number;
        };
        /**
         * OptimizerConfig
         * @description What holds now, and every version that can be gone back to. Version 0 is what the settings say.
         */
        OptimizerConfig: {
            /** Adjustments */
            adjustments: components["schemas"]["Adjustment"][];
            /** At */
            at: string | null;
            /** Base Risk */
            base_risk: components["schemas"]["BaseRisk"][];
            /**
             * Blocked Regimes
             * @description In these the council opens nothing.
             */
            blocked_regimes: ("VOLATILE" | "TRENDING_UP" | "TRENDING_DOWN" | "CHOPPY" | "RANGING" | "NEUTRAL")[];
            /** By */
            by: string;
            /**
             * History
             * @description Newest first, the present one included.
             */
            history: components["schemas"]["OptimizerVersion"][];
            /** Next Slot */
            next_slot: string | null;
            /** Reverts To */
            reverts_to: number | null;
            /** Schedule */
            schedule: string;
            /** Version */
            version: number;
            /**
             * Weights
             * @description Of every member of the panel.
             */
            weights: components["schemas"]["Weight"][];
        };
        /**
         * OptimizeReply
         * @description What one run of the optimizer changed.
         */
        OptimizeReply: {
            /** Basechanged */
            baseChanged: number;
            /** Cycle */
            cycle: string;
            /** Elapsedms */
            elapsedMs: number;
            /** Pausesended */
            pausesEnded: string[];
            /** Regimesblocked */
            regimesBlocked: string[];
            /** Regimesopened */
            regimesOpened: string[];
            /**
             * Success
             * @constant
             */
            success: true;
            /** Version */
            version: number;
            /** Weightschanged */
            weightsChanged: number;
        } & {
            [key: string]: unknown;
        };
        /**
         * OptimizerVersion
         * @description One version of the optimizer's configuration, complete.
         */
        OptimizerVersion: {
            /** Adjustments */
            adjustments: components["schemas"]["Adjustment"][];
            /** At */
            at: string | null;
            /** Base Factors */
            base_factors: {
                [key: string]: string;
            };
            /** Blocked Regimes */
            blocked_regimes: ("VOLATILE" | "TRENDING_UP" | "TRENDING_DOWN" | "CHOPPY" | "RANGING" | "NEUTRAL")[];
            /**
             * By
             * @description `optimizer`, `settings`, or who reverted.
             */
            by: string;
            /** Reverts To */
            reverts_to: number | null;
            /** Version */
            version: number;
            /** Weights */
            weights: components["schemas"]["Weight"][];
        };
        /**
         * Order
         * @description An order in its present state. `price` is the limit, the trigger, or the reference of a market order.
         */
        Order: {
            /**
             * Action
             * @enum {string}
             */
            action: "BUY" | "SELL";
            /**
             * At
             * Format: date-time
             * @description When it was decided on.
             * @example 2025-03-01T12:00:00Z
             */
            at: string;
            /**
             * Cancel Requested At
             * @description When its end was last asked for.
             */
            cancel_requested_at: string | null;
            /**
             * Changed At
             * Format: date-time
             * @description When it came to its present state: in doubt since, ended at.
             * @example 2025-03-01T12:00:00Z
             */
            changed_at: string;
            /**
             * Client Id
             * @example qAE7MVJ3XQ2N4KD5RTYU6WZBHCP
             */
            client_id: string;
            /**
             * Filled
             * @description Exact decimal number.
             * @example 64250.5
             */
            filled: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "market" | "limit" | "post_only" | "stop";
            /**
             * Pair
             * @example BTC/USDT
             */
            pair: string;
            /**
             * Portfolio
             * @example aggressive
             */
            portfolio: string;
            /**
             * Price
             * @description Exact decimal number.
             * @example 64250.5
             */
            price: string;
            /**
             * Purpose
             * @enum {string}
             */
            purpose: "entry" | "stop" | "target" | "expiry" | "manual" | "advice" | "liquidation";
            /**
             * Quantity
             * @description Exact decimal number.
             * @example 64250.5
             */
            quantity: string;
            /**
             * Reason
             * @description Why it was denied, rejected or cancelled, or is in doubt.
             */
            reason: string | null;
            /**
             * Sent At
             * @description When it was handed over; null while it was not sent.
             */
            sent_at: string | null;
            /** Signal Id */
            signal_id: string;
            /**
             * State
             * @enum {string}
             */
            state: "INTENDED" | "DENIED" | "SUBMITTED" | "ACCEPTED" | "PARTIALLY_FILLED" | "FILLED" | "CANCELLED" | "REJECTED" | "UNKNOWN" | "VOID";
            /**
             * Venue Id
             * @description The venue's own id; null on paper, or until it is known.
             */
            venue_id: string | null;
        };
        /**
         * OrderPage
         * @description Orders, the one that changed last first, and where the next page begins.
         */
        OrderPage: {
            /**
             * Next
             * @description Pass as `before` for the next page; null on the last.
             */
            next: string | null;
            /** Orders */
            orders: components["schemas"]["Order"][];
        };
        /**
         * Orders
         * @description Orders that may still change a position, oldest first.
         */
        Orders: {
            /** Orders */
            orders: components["schemas"]["Order"][];
        };
        /**
         * PairAgreement
         * @description How often the panel agreed on a pair, over the cycles of this answer in which somebody took a side on it.
         */
        PairAgreement: {
            /** Cycles */
            cycles: number;
            /**
             * Disagreement
             * @description Mean over those cycles.
             */
            disagreement: number;
            /** Long Votes */
            long_votes: number;
            /** Opposed */
            opposed: number;
            /**
             * Pair
             * @example BTC/USDT
             */
            pair: string;
            /** Published */
            published: number;
            /** Quorums */
            quorums: number;
            /** Short Votes */
            short_votes: number;
        };
        /**
         * PairState
         * @description A pair whose trading state differs from the account's.
         */
        PairState: {
            /** Pair */
            pair: string;
            /** Reason */
            reason: string;
            /**
             * State
             * @enum {string}
             */
            state: "ACTIVE" | "REDUCING" | "HALTED";
        };
        /**
         * PairVotes
         * @description Every opinion on one pair on which somebody took a side.
         */
        PairVotes: {
            /**
             * Disagreement
             * @description Share of those who answered, FLAT included, that did not take the commonest stance.
             */
            disagreement: number;
            /**
             * Flat
             * @description Members of the panel who saw nothing to do here.
             */
            flat: string[];
            /**
             * Opposed
             * @description Whether there was a LONG and a SHORT.
             */
            opposed: boolean;
            outcome: components["schemas"]["VerdictOutcome"] | null;
            /**
             * Pair
             * @example BTC/USDT
             */
            pair: string;
            /**
             * Votes
             * @description By analyst; sides taken and abstentions.
             */
            votes: components["schemas"]["Vote"][];
        };
        /**
         * PanicReply
         * @description What the panic button did. Orders at a venue are on their way out; the desk's page shows when they are gone.
         */
        PanicReply: {
            /**
             * Closing
             * @description Whether every open position is being closed.
             */
            closing: boolean;
            /** Orderscancelled */
            ordersCancelled: number;
            /** Positionsopen */
            positionsOpen: number;
            /**
             * State
             * @constant
             */
            state: "HALTED";
            /**
             * Success
             * @constant
             */
            success: true;
        } & {
            [key: string]: unknown;
        };
        /**
         * PanicWanted
         * @description Whether positions are to be closed too. Without it protective stops stay while their positions do.
         */
        PanicWanted: {
            /**
             * Flatten
             * @default false
             */
            flatten?: boolean;
        };
        /**
         * Part
         * @description One part of the desk. `off` means that it is not configured, which is no fault.
         */
        Part: {
            /**
             * Age Ms
             * @description Age of its last sign of life.
             */
            age_ms: number | null;
            /** Detail */
            detail: string;
            /**
             * Name
             * @enum {string}
             */
            name: "feed" | "worker" | "api" | "postgres" | "redis";
            /** Since */
            since: string | null;
            /**
             * State
             * @enum {string}
             */
            state: "up" | "degraded" | "down" | "off" | "unknown";
        };
        /**
         * Performance
         * @description Statistics of one book since it began. Null where there is too little to tell.
         */
        Performance: {
            /** Average R */
            average_r: number | null;
            /**
             * Equity
             * @description Exact decimal number.
             * @example 64250.5
             */
            equity: string;
            /**
             * Expectancy R
             * @description Mean result of a trade in R, shrunk to no edge.
             */
            expectancy_r: number | null;
            /**
             * Fees
             * @description Exact decimal number.
             * @example 64250.5
             */
            fees: string;
            /** Max Drawdown Pct */
            max_drawdown_pct: number;
            /** Portfolio */
            portfolio: string;
            /** Profit Factor */
            profit_factor: number | null;
            /** Return Pct */
            return_pct: number;
            /**
             * Sharpe
             * @description Annualised, of daily returns.
             */
            sharpe: number | null;
            /** Since */
            since: string | null;
            /** Sortino */
            sortino: number | null;
            /** Trades */
            trades: number;
            /**
             * Win Rate
             * @description Share of closed trades that won, 0 to 1.
             */
            win_rate: number | null;
        };
        /**
         * PerformanceReport
         * @description Every book, and whether the two postures differ by more than luck.
         */
        PerformanceReport: {
            /** Portfolios */
            portfolios: components["schemas"]["Performance"][];
            /** @description Sharpe of aggressive minus conservative. */
            sharpe_difference: components["schemas"]["Interval"];
        };
        /**
         * Plan
         * @description How the trade ends. `*_target` counts filled targets (0: never), `*_r` is a profit in R (null: never).
         */
        Plan: {
            /** Break Even R */
            break_even_r: string | null;
            /** Break Even Target */
            break_even_target: number;
            /**
             * Expires
             * @description When what is left is closed at market.
             */
            expires: string | null;
            /**
             * Stop
             * @description Exact decimal number.
             * @example 64250.5
             */
            stop: string;
            /** Targets */
            targets: components["schemas"]["Target"][];
            /**
             * Trail Distance
             * @description Price distance of the trailing stop.
             */
            trail_distance: string | null;
            /** Trail R */
            trail_r: string | null;
            /** Trail Target */
            trail_target: number;
        };
        /**
         * PlannedTarget
         * @description A target of an open position and whether it was taken.
         */
        PlannedTarget: {
            /**
             * Fraction
             * @description Exact decimal number.
             * @example 64250.5
             */
            fraction: string;
            /** Hit */
            hit: boolean;
            /**
             * Price
             * @description Exact decimal number.
             * @example 64250.5
             */
            price: string;
        };
        /**
         * Portfolio
         * @description One book: what it trades, what it holds, what it is worth.
         */
        Portfolio: {
            /**
             * As Of
             * @description Feed time of the last mark; null before the first.
             */
            as_of: string | null;
            /**
             * Blocked
             * @description Whether a breaker blocks every new position of this book.
             */
            blocked: boolean;
            /**
             * Cash
             * @description Exact decimal number.
             * @example 64250.5
             */
            cash: string;
            /**
             * Equity
             * @description Exact decimal number.
             * @example 64250.5
             */
            equity: string;
            /**
             * Gross Exposure
             * @description Gross notional over equity.
             */
            gross_exposure: number;
            /**
             * Market
             * @enum {string}
             */
            market: "spot" | "perp";
            /**
             * Name
             * @example aggressive
             */
            name: string;
            /** Open Orders */
            open_orders: components["schemas"]["Order"][];
            /** Positions */
            positions: components["schemas"]["Position"][];
            /** Sources */
            sources: string[];
            /**
             * Start Equity
             * @description Exact decimal number.
             * @example 64250.5
             */
            start_equity: string;
            /** Tiers */
            tiers: ("gold" | "silver" | "single")[];
            /**
             * Unrealized
             * @description Exact decimal number.
             * @example 64250.5
             */
            unrealized: string;
        };
        /**
         * PortfolioLimits
         * @description Limits of one book, ratios as shares of equity.
         */
        PortfolioLimits: {
            /**
             * Daily Loss Limit
             * @description Exact decimal number.
             * @example 64250.5
             */
            daily_loss_limit: string;
            /**
             * Drawdown Limit
             * @description Exact decimal number.
             * @example 64250.5
             */
            drawdown_limit: string;
            /**
             * Final Risk Cap
             * @description Exact decimal number.
             * @example 64250.5
             */
            final_risk_cap: string;
            /**
             * Gross Exposure Cap
             * @description Exact decimal number.
             * @example 64250.5
             */
            gross_exposure_cap: string;
            /**
             * Leverage
             * @description Exact decimal number.
             * @example 64250.5
             */
            leverage: string;
            /** Portfolio */
            portfolio: string;
            /**
             * Weekly Loss Limit
             * @description Exact decimal number.
             * @example 64250.5
             */
            weekly_loss_limit: string;
        };
        /**
         * PortfolioRisk
         * @description How far one book is from its limits.
         */
        PortfolioRisk: {
            /**
             * Daily Pnl Pct
             * @description Since 00:00 UTC of the feed's day.
             */
            daily_pnl_pct: number | null;
            /** Drawdown Pct */
            drawdown_pct: number;
            /**
             * Exposure
             * @description Gross notional over equity.
             */
            exposure: number;
            limits: components["schemas"]["PortfolioLimits"];
            /** Name */
            name: string;
            /**
             * Weekly Pnl Pct
             * @description Since Monday 00:00 UTC of the feed's week.
             */
            weekly_pnl_pct: number | null;
        };
        /**
         * Portfolios
         * @description Every book of the account.
         */
        Portfolios: {
            /** Account */
            account: string;
            /** Portfolios */
            portfolios: components["schemas"]["Portfolio"][];
        };
        /**
         * Position
         * @description An open position, marked at the last close.
         */
        Position: {
            /**
             * Entry
             * @description Exact decimal number.
             * @example 64250.5
             */
            entry: string;
            /**
             * Funding
             * @description Funding received (positive) or paid, in the quote currency.
             * @example 64250.5
             */
            funding: string;
            /**
             * Initial Stop
             * @description Exact decimal number.
             * @example 64250.5
             */
            initial_stop: string;
            /**
             * Leverage
             * @description Value at entry over margin; 1 on spot.
             * @example 3
             */
            leverage: string;
            /**
             * Liquidation
             * @description Price at which the venue closes it by force; null where it never does.
             */
            liquidation: string | null;
            /**
             * Mark
             * @description Last close; null when none is known.
             */
            mark: string | null;
            /**
             * Opened At
             * Format: date-time
             * @description ISO 8601, UTC.
             * @example 2025-03-01T12:00:00Z
             */
            opened_at: string;
            /**
             * Pair
             * @example BTC/USDT
             */
            pair: string;
            /**
             * Quantity
             * @description Exact decimal number.
             * @example 64250.5
             */
            quantity: string;
            /**
             * R Now
             * @description Open profit in R.
             */
            r_now: number | null;
            /**
             * Realized
             * @description Earned on closed parts and by funding, less every fee so far.
             * @example 64250.5
             */
            realized: string;
            /**
             * Side
             * @enum {string}
             */
            side: "LONG" | "SHORT";
            /** Signal Id */
            signal_id: string;
            /** Source */
            source: string;
            /**
             * Stop
             * @description Exact decimal number.
             * @example 64250.5
             */
            stop: string;
            /** Targets */
            targets: components["schemas"]["PlannedTarget"][];
            /** Unrealized */
            unrealized: string | null;
        };
        /**
         * PositionDifference
         * @description A perpetual position on which the venue and the ledger disagree; a positive quantity is long.
         */
        PositionDifference: {
            /**
             * Expected
             * @description Exact decimal number.
             * @example 64250.5
             */
            expected: string;
            /**
             * Found
             * @description Exact decimal number.
             * @example 64250.5
             */
            found: string;
            /**
             * Pair
             * @example BTC/USDT
             */
            pair: string;
        };
        /**
         * Price
         * @description The newest quote of one pair. `estimated` names the fields a model supplied.
         */
        Price: {
            /** Age Ms */
            age_ms: number | null;
            /** Ask */
            ask: string | null;
            /**
             * At
             * Format: date-time
             * @description ISO 8601, UTC.
             * @example 2025-03-01T12:00:00Z
             */
            at: string;
            /** Bid */
            bid: string | null;
            /** Change 24H Pct */
            change_24h_pct: number | null;
            /** Estimated */
            estimated: string[];
            /**
             * Last
             * @description Exact decimal number.
             * @example 64250.5
             */
            last: string;
            /**
             * Pair
             * @example BTC/USDT
             */
            pair: string;
            /** Volume 24H */
            volume_24h: number | null;
        };
        /**
         * Prices
         * @description Quotes of every pair asked for that the feed carries.
         */
        Prices: {
            feed: components["schemas"]["FeedState"];
            /** Prices */
            prices: components["schemas"]["Price"][];
        };
        /**
         * Problem
         * @description What went wrong, as RFC 9457 has it. `code` is stable and meant for programs, `detail` for people.
         */
        Problem: {
            /**
             * Code
             * @example invalid_parameters
             */
            code: string;
            /**
             * Detail
             * @example The request has parameters that make no sense: limit.
             */
            detail: string;
            /**
             * Errors
             * @description Present when single fields are at fault.
             * @default null
             */
            errors?: components["schemas"]["FieldFault"][] | null;
            /**
             * Request Id
             * @example q-7f3c2d5e9a104b8c
             */
            request_id: string;
            /**
             * Status
             * @example 422
             */
            status: number;
            /**
             * Title
             * @example Invalid parameters
             */
            title: string;
            /**
             * Type
             * @example urn:quorate:problem:invalid_parameters
             */
            type: string;
        };
        /**
         * Prompt
         * @description The exact request that the models of a class were sent.
         */
        Prompt: {
            /**
             * Answer Schema
             * @description JSON Schema that an answer had to follow, as sent.
             */
            answer_schema: string;
            /**
             * Cut
             * @description Whether a text was too long and is shown in part.
             */
            cut: boolean;
            /** Digest */
            digest: string;
            /** Prompt */
            prompt: string;
            /**
             * Record
             * @description Content hash under which it is kept.
             */
            record: string;
            /** System */
            system: string;
            /**
             * Template
             * @example full-1
             */
            template: string;
            /**
             * Tokens
             * @description Of system text and prompt, by the desk's own rule.
             */
            tokens: number;
        };
        /**
         * RecordKey
         * @description What a record belongs to: a change of any part of it starts another one.
         */
        RecordKey: {
            /**
             * Digest
             * @description Of a rule: of its parameters; of the council and the majority: of the panel's own records.
             */
            digest: string | null;
            /**
             * Key
             * @example gemini/gemini-2.5-pro full-1 temperature 0, 16384 tokens
             */
            key: string;
            /**
             * Model
             * @description The provider's model id.
             * @example gemini-2.5-pro
             */
            model: string | null;
            /**
             * Newest
             * @description Whether it is the analyst's present record.
             */
            newest: boolean;
            /**
             * Provider
             * @description Of a model.
             * @example gemini
             */
            provider: string | null;
            /**
             * Sampling
             * @description Sampling settings of a model.
             * @example temperature 0, 16384 tokens
             */
            sampling: string | null;
            /**
             * Template
             * @description Version of the prompt.
             * @example full-1
             */
            template: string | null;
        };
        /**
         * Reset
         * @description Events are missing between the id the client had and what follows: fetch the state again by REST.
         */
        Reset: {
            /** First */
            first: string | null;
            /** Last */
            last: string | null;
            /**
             * Reason
             * @enum {string}
             */
            reason: "other_epoch" | "too_old" | "ahead" | "gap";
        };
        /**
         * ResultBaseline
         * @description What something simpler, or nobody, would have made of the same candles and costs.
         */
        ResultBaseline: {
            /** Definition */
            definition: string;
            /** Draws */
            draws: number;
            /** Label */
            label: string;
            /** Measure */
            measure: string;
            /** Name */
            name: string;
            /**
             * Percentile
             * @description Share of the draws that the strategy beat, in percent.
             */
            percentile: number | null;
            /**
             * Quantiles
             * @description Of the baseline at 5, 25, 50, 75 and 95 %; one value; or none.
             */
            quantiles: number[];
            /** Sentence */
            sentence: string;
            /**
             * Unit
             * @enum {string}
             */
            unit: "share" | "money" | "ratio" | "r" | "count" | "days";
            /**
             * Value
             * @description The strategy's own.
             */
            value: number | null;
        };
        /**
         * ResultBreakdown
         * @description All trades by one thing.
         */
        ResultBreakdown: {
            /**
             * By
             * @example Symbol
             */
            by: string;
            /** Parts */
            parts: components["schemas"]["ResultPart"][];
        };
        /**
         * ResultCurve
         * @description A curve that `/v1/backtest/pnl` can be asked for.
         */
        ResultCurve: {
            /**
             * Kind
             * @enum {string}
             */
            kind: "total" | "part" | "baseline";
            /** Label */
            label: string;
            /** Name */
            name: string;
        };
        /**
         * ResultFigure
         * @description One figure with what it means.
         */
        ResultFigure: {
            /** Basis */
            basis: string;
            /** Definition */
            definition: string;
            /**
             * Group
             * @enum {string}
             */
            group: "Return" | "Risk" | "Trades" | "Activity";
            /** High */
            high: number | null;
            /** Label */
            label: string;
            /**
             * Level
             * @description Of its interval; null where it has none.
             */
            level: number | null;
            /**
             * Low
             * @description Of its interval.
             */
            low: number | null;
            /**
             * Method
             * @description How the interval was drawn.
             */
            method: string;
            /**
             * Name
             * @example sharpe
             */
            name: string;
            /**
             * Unbounded
             * @description True for a profit factor without a loss.
             */
            unbounded: boolean;
            /**
             * Unit
             * @enum {string}
             */
            unit: "share" | "money" | "ratio" | "r" | "count" | "days";
            /**
             * Value
             * @description Null where it cannot be told, or has no bound.
             */
            value: number | null;
        };
        /**
         * ResultMoney
         * @description Where the money of the closed trades went. Costs are positive where they cost.
         */
        ResultMoney: {
            /**
             * Fees
             * @description Exact decimal number.
             * @example 64250.5
             */
            fees: string;
            /**
             * Funding
             * @description Exact decimal number.
             * @example 64250.5
             */
            funding: string;
            /**
             * Gross
             * @description Exact decimal number.
             * @example 64250.5
             */
            gross: string;
            /**
             * Net
             * @description Exact decimal number.
             * @example 64250.5
             */
            net: string;
            /**
             * Spread And Slippage
             * @description Exact decimal number.
             * @example 64250.5
             */
            spread_and_slippage: string;
            /** Still Open */
            still_open: string | null;
        };
        /**
         * ResultMonth
         * @description What a month made of the equity it began with.
         */
        ResultMonth: {
            /** Change */
            change: number | null;
            /** Month */
            month: number;
            /**
             * Whole
             * @description Whether the backtest covers all of it.
             */
            whole: boolean;
            /** Year */
            year: number;
        };
        /**
         * ResultOrders
         * @description What the same trades might have come to in another order.
         */
        ResultOrders: {
            /**
             * Max Drawdown
             * @description Percent as text -> deepest fall, a share.
             */
            max_drawdown: {
                [key: string]: number;
            };
            /** Method */
            method: string;
            /** Sentence */
            sentence: string;
        };
        /**
         * ResultPart
         * @description The trades that have something in common.
         */
        ResultPart: {
            /**
             * Costs
             * @description Exact decimal number.
             * @example 64250.5
             */
            costs: string;
            /** Mean R */
            mean_r: number;
            /** Name */
            name: string;
            /**
             * Pnl
             * @description Exact decimal number.
             * @example 64250.5
             */
            pnl: string;
            /** Profit Factor */
            profit_factor: number | null;
            /** Trades */
            trades: number;
            /** Win Rate */
            win_rate: number;
        };
        /**
         * RevertReply
         * @description The version that holds now, and the one whose values it has.
         */
        RevertReply: {
            /**
             * Changed
             * @description False where those values held already.
             */
            changed: boolean;
            /** Elapsedms */
            elapsedMs: number;
            /** Revertsto */
            revertsTo: number;
            /**
             * Success
             * @constant
             */
            success: true;
            /** Version */
            version: number;
        } & {
            [key: string]: unknown;
        };
        /**
         * RevertWanted
         * @description Which version's values shall hold again; 0 is what the settings say.
         */
        RevertWanted: {
            /**
             * Version
             * @example 3
             */
            version: number;
        };
        /**
         * Risk
         * @description The whole breaker board.
         */
        Risk: {
            /** Breakers */
            breakers: components["schemas"]["Breaker"][];
            limits: components["schemas"]["RiskLimits"];
            /** Pairs */
            pairs: components["schemas"]["PairState"][];
            /** Portfolios */
            portfolios: components["schemas"]["PortfolioRisk"][];
            /** Trading Reason */
            trading_reason: string;
            /**
             * Trading State
             * @enum {string}
             */
            trading_state: "ACTIVE" | "REDUCING" | "HALTED";
        };
        /**
         * RiskLimits
         * @description Limits of the pre-trade controls, the same for every order.
         */
        RiskLimits: {
            /** Collar Bps */
            collar_bps: number;
            /** Open Orders Max */
            open_orders_max: number;
            /**
             * Order Notional Max
             * @description Exact decimal number.
             * @example 64250.5
             */
            order_notional_max: string;
            /** Order Quantity Max */
            order_quantity_max: string | null;
            /** Slippage Bps Max */
            slippage_bps_max: number;
            /**
             * Symbol Notional Max
             * @description Exact decimal number.
             * @example 64250.5
             */
            symbol_notional_max: string;
            /** Throttle Orders Max */
            throttle_orders_max: number;
            /** Throttle Window Ms */
            throttle_window_ms: number;
        };
        /**
         * ScanReply
         * @description What one scan did.
         */
        ScanReply: {
            /**
             * Cycle
             * @description The slot of this run.
             * @example manual-1-48213
             */
            cycle: string;
            /** Elapsedms */
            elapsedMs: number;
            /** Goldsignals */
            goldSignals: number;
            /** Scannedpairs */
            scannedPairs: number;
            /** Signals */
            signals: number;
            /** Silversignals */
            silverSignals: number;
            /**
             * Success
             * @constant
             */
            success: true;
            /** Tradesopened */
            tradesOpened: number;
        } & {
            [key: string]: unknown;
        };
        /**
         * Series
         * @description One indicator, aligned with `open_ms`; null where its window was not full.
         */
        Series: {
            /**
             * Name
             * @example bollinger_upper
             */
            name: string;
            /** Values */
            values: (number | null)[];
        };
        /**
         * Shadow
         * @description One analyst's vote run to its end on paper, whether or not anybody traded it.
         */
        Shadow: {
            /** Analyst */
            analyst: string;
            /** Closed At */
            closed_at: string | null;
            /**
             * Confidence
             * @description Exact decimal number.
             * @example 64250.5
             */
            confidence: string;
            /**
             * Contaminated
             * @description From a time the model may have read about: it counts for nothing.
             */
            contaminated: boolean;
            /**
             * Hold R
             * @description What buying and holding meanwhile earned, in the same R.
             */
            hold_r: string | null;
            /** Id */
            id: string;
            /**
             * Opened At
             * Format: date-time
             * @description ISO 8601, UTC.
             * @example 2025-03-01T12:00:00Z
             */
            opened_at: string;
            /**
             * Pair
             * @example BTC/USDT
             */
            pair: string;
            /**
             * R
             * @description Result in R; null while open, or when the entry was never reached.
             */
            r: string | null;
            /** Reason */
            reason: string | null;
            /**
             * Record
             * @description Key of the record it belongs to.
             */
            record: string;
            /**
             * Side
             * @enum {string}
             */
            side: "LONG" | "SHORT";
            /**
             * State
             * @enum {string}
             */
            state: "open" | "closed";
        };
        /**
         * Signal
         * @description A published signal, complete. The same JSON on REST, SSE and Redis.
         */
        Signal: {
            /**
             * Action
             * @enum {string}
             */
            action: "BUY" | "SELL";
            /** Confidence */
            confidence: number;
            /**
             * Entry Kind
             * @enum {string}
             */
            entry_kind: "market" | "maker";
            /** Entry Price */
            entry_price: number;
            /**
             * Id
             * @example 6f1e2c9a-0f0b-5d3e-9a54-0a86f2f4c1d7
             */
            id: string;
            indicators: components["schemas"]["Indicators"];
            metadata: components["schemas"]["Metadata"];
            /**
             * Mode
             * @enum {string}
             */
            mode: "paper" | "live";
            /**
             * Pair
             * @example BTC/USDT
             */
            pair: string;
            plan: components["schemas"]["Plan"];
            /** Portfolios */
            portfolios: components["schemas"]["Stake"][];
            /**
             * Position Size Usd
             * @description Size in the conservative portfolio.
             */
            position_size_usd: number;
            /**
             * Regime
             * @enum {string}
             */
            regime: "VOLATILE" | "TRENDING_UP" | "TRENDING_DOWN" | "CHOPPY" | "RANGING" | "NEUTRAL";
            /** Risk Reward Ratio */
            risk_reward_ratio: number;
            /**
             * Side
             * @enum {string}
             */
            side: "LONG" | "SHORT";
            /**
             * Source
             * @description `council`, or the strategy's name.
             * @example council
             */
            source: string;
            /** Stop Loss */
            stop_loss: number;
            /**
             * Strategy
             * @example council
             */
            strategy: string;
            /**
             * Symbol
             * @example BTCUSDT
             */
            symbol: string;
            /**
             * Take Profit
             * @description Price of the last target.
             */
            take_profit: number;
            /** Targets */
            targets: components["schemas"]["Target"][];
            /**
             * Tier
             * @enum {string}
             */
            tier: "gold" | "silver" | "single";
            /**
             * Timestamp
             * Format: date-time
             * @description Feed time of the decision.
             * @example 2025-03-01T12:00:00Z
             */
            timestamp: string;
            /** Votes */
            votes: components["schemas"]["Vote"][];
        };
        /**
         * SignalDetail
         * @description One signal and everything that came of it.
         */
        SignalDetail: {
            /** @description Null for a strategy's own signal. */
            decided_in: components["schemas"]["DecidedIn"] | null;
            /**
             * Lessons
             * @description Of its trades.
             */
            lessons: components["schemas"]["Lesson"][];
            /** Orders */
            orders: components["schemas"]["Order"][];
            /**
             * Shadows
             * @description Shadow trades of exactly this decision, without their mirror images.
             */
            shadows: components["schemas"]["Shadow"][];
            signal: components["schemas"]["Signal"];
            /** Trades */
            trades: components["schemas"]["Trade"][];
        };
        /**
         * SignalPage
         * @description Signals, newest first, and where the next page begins.
         */
        SignalPage: {
            /**
             * Next
             * @description Pass as `cursor` for the next page; null on the last.
             */
            next: string | null;
            /** Signals */
            signals: components["schemas"]["Signal"][];
        };
        /**
         * Silence
         * @description An analyst that abstained: on how many pairs, and why.
         */
        Silence: {
            /** Analyst */
            analyst: string;
            /** Pairs */
            pairs: number;
            /**
             * Reasons
             * @description The commonest first, three at most.
             */
            reasons: string[];
        };
        /**
         * Stake
         * @description What one portfolio does with the signal: its size with every factor, or why it stays out.
         */
        Stake: {
            /**
             * Blocked By
             * @description Null when the portfolio takes the trade.
             * @example null
             */
            blocked_by: string | null;
            /**
             * Factors
             * @description The sizing chain in its order.
             */
            factors: {
                [key: string]: components["schemas"]["Factor"];
            };
            /**
             * Final Risk Pct
             * @description Share of equity taken as notional, 0 to 1.
             * @example 64250.5
             */
            final_risk_pct: string;
            /**
             * Name
             * @example conservative
             */
            name: string;
            /**
             * Quantity
             * @description Exact decimal number.
             * @example 64250.5
             */
            quantity: string;
            /**
             * Size Usd
             * @description Exact decimal number.
             * @example 64250.5
             */
            size_usd: string;
        };
        /**
         * StrategyWanted
         * @description A strategy, and parameters laid over those of the settings.
         */
        StrategyWanted: {
            /** Name */
            name: string;
            /**
             * Parameters
             * @description Only what differs from the settings.
             * @example {
             *       "channel": 30
             *     }
             */
            parameters?: {
                [key: string]: components["schemas"]["JsonValue"];
            };
        };
        /**
         * Target
         * @description A profit target: at `price`, close `fraction` (0 to 1) of what is left.
         */
        Target: {
            /**
             * Fraction
             * @example 0.33
             */
            fraction: string;
            /**
             * Price
             * @description Exact decimal number.
             * @example 64250.5
             */
            price: string;
        };
        /**
         * Trade
         * @description A position that came back to flat. `pnl` is net of fees and funding; `r` is in units of the initial risk.
         */
        Trade: {
            /**
             * Closed At
             * Format: date-time
             * @description ISO 8601, UTC.
             * @example 2025-03-01T12:00:00Z
             */
            closed_at: string;
            /**
             * Entry
             * @description Exact decimal number.
             * @example 64250.5
             */
            entry: string;
            /**
             * Exit
             * @description Exact decimal number.
             * @example 64250.5
             */
            exit: string;
            /**
             * Fees
             * @description Exact decimal number.
             * @example 64250.5
             */
            fees: string;
            /**
             * Funding
             * @description Funding received (positive) or paid, in the quote currency.
             * @example 64250.5
             */
            funding: string;
            /** Id */
            id: string;
            /**
             * Leverage
             * @description Value at entry over margin; 1 on spot.
             * @example 3
             */
            leverage: string;
            /**
             * Opened At
             * Format: date-time
             * @description ISO 8601, UTC.
             * @example 2025-03-01T12:00:00Z
             */
            opened_at: string;
            /**
             * Pair
             * @example BTC/USDT
             */
            pair: string;
            /**
             * Pnl
             * @description Exact decimal number.
             * @example 64250.5
             */
            pnl: string;
            /** Portfolio */
            portfolio: string;
            /**
             * Quantity
             * @description Exact decimal number.
             * @example 64250.5
             */
            quantity: string;
            /**
             * R
             * @description Exact decimal number.
             * @example 64250.5
             */
            r: string;
            /**
             * Reason
             * @example target
             */
            reason: string;
            /**
             * Side
             * @enum {string}
             */
            side: "LONG" | "SHORT";
            /** Signal Id */
            signal_id: string;
            /** Source */
            source: string;
        };
        /**
         * Trades
         * @description Closed trades, newest first, and where the next page begins.
         */
        Trades: {
            /**
             * Next
             * @description Pass as `before` for the next page; null on the last.
             */
            next: string | null;
            /** Trades */
            trades: components["schemas"]["Trade"][];
        };
        /**
         * TradingReply
         * @description The trading state as it is now, and what it was before.
         */
        TradingReply: {
            /**
             * Before
             * @enum {string}
             */
            before: "ACTIVE" | "REDUCING" | "HALTED";
            /**
             * Scope
             * @description The pair; empty for the whole account.
             */
            scope: string;
            /**
             * State
             * @enum {string}
             */
            state: "ACTIVE" | "REDUCING" | "HALTED";
            /**
             * Success
             * @constant
             */
            success: true;
        } & {
            [key: string]: unknown;
        };
        /**
         * TradingWanted
         * @description A trading state for the account, or for one pair. ACTIVE needs the second factor, the others do not.
         */
        TradingWanted: {
            /** Code */
            code?: string | null;
            /** Pair */
            pair?: string | null;
            /**
             * State
             * @enum {string}
             */
            state: "ACTIVE" | "REDUCING" | "HALTED";
        };
        /**
         * UndoWanted
         * @description The second factor, without which nobody lets a halted desk trade again.
         */
        UndoWanted: {
            /**
             * Code
             * @description Six digits of the second factor.
             */
            code: string;
        };
        /**
         * UnprotectedPosition
         * @description An open position that has no stop at the venue, or none of which anything is heard.
         */
        UnprotectedPosition: {
            /**
             * Doing
             * @description What the desk is doing about it, in a sentence or two.
             */
            doing: string;
            /**
             * Pair
             * @example BTC/USDT
             */
            pair: string;
            /** Portfolio */
            portfolio: string;
            /** Quantity */
            quantity: string | null;
            /**
             * Reason
             * @example no stop at the venue for 5.0 s
             */
            reason: string;
            /**
             * Side
             * @description Null where the position is closed by now.
             */
            side: ("LONG" | "SHORT") | null;
            /**
             * Since
             * Format: date-time
             * @description When the alarm was raised.
             * @example 2025-03-01T12:00:00Z
             */
            since: string;
            /**
             * Stop
             * @description Where its stop should be.
             */
            stop: string | null;
            /**
             * Unheard
             * @description Its stop was last seen waiting, and nothing is heard since; else there is none.
             */
            unheard: boolean;
        };
        /**
         * Venue
         * @description The venue of an account, as its desk knows it. On paper there is none, and every list is empty.
         */
        Venue: {
            /** Account */
            account: string;
            /** Balances */
            balances: components["schemas"]["Balance"][];
            /**
             * Balances At
             * @description The venue's own instant of the balances.
             */
            balances_at: string | null;
            /** Blocked Books */
            blocked_books: components["schemas"]["BlockedBook"][];
            /**
             * Breaks
             * @description Newest first.
             */
            breaks: components["schemas"]["Break"][];
            /** External Orders */
            external_orders: components["schemas"]["ExternalOrder"][];
            /**
             * Fault
             * @description What stands between the desk and the venue; empty where nothing does.
             */
            fault: string;
            /**
             * Heard At
             * @description When the venue last said anything.
             */
            heard_at: string | null;
            /**
             * Market
             * @description What is traded there.
             * @enum {string}
             */
            market: "paper" | "spot" | "perp";
            /**
             * Mode
             * @enum {string}
             */
            mode: "paper" | "live";
            /**
             * Name
             * @example Kraken
             */
            name: string;
            /**
             * Network
             * @description test: the venue's own test network; elsewhere: another address than the venue's own.
             * @enum {string}
             */
            network: "paper" | "real" | "test" | "elsewhere";
            /**
             * Orders In Doubt
             * @description Orders of which nobody knows what became.
             */
            orders_in_doubt: number;
            /**
             * Orders Open
             * @description Orders that may still change a position, those in doubt included.
             */
            orders_open: number;
            /** Position Differences */
            position_differences: components["schemas"]["PositionDifference"][];
            /**
             * Reconciled At
             * @description When orders, fills and balances were last compared and nothing was in doubt.
             */
            reconciled_at: string | null;
            /**
             * State
             * @description streaming: fills come by themselves; polling: the stream is away and the venue is asked; faulty: it refuses the desk as a whole; silent: no desk tells how it is.
             * @enum {string}
             */
            state: "paper" | "streaming" | "polling" | "faulty" | "silent";
            /**
             * Stops Rest There
             * @description Whether protective stops rest at the venue.
             */
            stops_rest_there: boolean;
            /**
             * Told Age Ms
             * @description How long ago the desk told this; null where it never did.
             */
            told_age_ms: number | null;
            /** Unprotected */
            unprotected: components["schemas"]["UnprotectedPosition"][];
            /**
             * Words
             * @description The state in a sentence for people.
             */
            words: string;
        };
        /**
         * VerdictOutcome
         * @description What became of a quorum: the signal it was published as, or why it was kept back.
         */
        VerdictOutcome: {
            /** Agreeing */
            agreeing: string[];
            /** Confidence */
            confidence: number;
            /** Dissenting */
            dissenting: string[];
            /**
             * Kept Back
             * @example The pair cools down for 3.5 h more.
             */
            kept_back: string | null;
            /**
             * Side
             * @enum {string}
             */
            side: "LONG" | "SHORT";
            /**
             * Signal
             * @description Id of the signal; null where it was kept back.
             */
            signal: string | null;
            /**
             * Tier
             * @enum {string}
             */
            tier: "gold" | "silver" | "single";
        };
        /**
         * Vote
         * @description One analyst's opinion. FLAT votes and abstentions carry no prices.
         */
        Vote: {
            /**
             * Abstained
             * @default false
             */
            abstained?: boolean;
            /**
             * Analyst
             * @example trend
             */
            analyst: string;
            /** Confidence */
            confidence: number;
            /** Entry */
            entry: string | null;
            /** Reason */
            reason: string;
            /**
             * Side
             * @enum {string}
             */
            side: "LONG" | "SHORT" | "FLAT";
            /** Stop */
            stop: string | null;
            /** Target */
            target: string | null;
        };
        /**
         * Weight
         * @description How much an analyst's confidence counts in the council; 1 is normal.
         */
        Weight: {
            /** Analyst */
            analyst: string;
            /**
             * Weight
             * @description Exact decimal number.
             * @example 64250.5
             */
            weight: string;
        };
        /**
         * WorldContext
         * @description The newest context of the running desk. `available` is false where it has none; `why` says what is left out.
         */
        WorldContext: {
            /**
             * At
             * @description Feed time it is of.
             */
            at: string | null;
            /** Available */
            available: boolean;
            /** Figures */
            figures: components["schemas"]["ContextFigure"][];
            /** Parts */
            parts: components["schemas"]["ContextPart"][];
            /**
             * Texts
             * @description Newest first within each kind.
             */
            texts: components["schemas"]["ContextText"][];
            /**
             * Told Age Ms
             * @description Wall time since the worker told it.
             */
            told_age_ms: number | null;
            /** Why */
            why: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    candles_api_candles_get: {
        parameters: {
            query: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
                /** @description Only candles that opened before this instant. */
                before?: string | null;
                limit?: number;
                pair: string;
                timeframe?: "1m" | "5m" | "15m" | "1h" | "4h" | "1d";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "pair": "BTC/USDT",
                     *       "timeframe": "1m",
                     *       "candles": [
                     *         [
                     *           1740830400000,
                     *           "84312.1",
                     *           "84400",
                     *           "84280.5",
                     *           "84395",
                     *           21.4
                     *         ]
                     *       ],
                     *       "estimated": false
                     *     }
                     */
                    "application/json": components["schemas"]["Candles"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    indicators_api_candles_indicators_get: {
        parameters: {
            query: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
                /** @description Only candles that opened before this instant. */
                before?: string | null;
                limit?: number;
                /** @description Comma-separated. */
                names?: string;
                pair: string;
                timeframe?: "1m" | "5m" | "15m" | "1h" | "4h" | "1d";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "pair": "BTC/USDT",
                     *       "timeframe": "1m",
                     *       "open_ms": [
                     *         1
                     *       ],
                     *       "series": [
                     *         {
                     *           "name": "bollinger_upper",
                     *           "values": [
                     *             0.5
                     *           ]
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["IndicatorColumns"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    context_api_context_get: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "available": false,
                     *       "why": "why",
                     *       "at": "2025-03-01T12:00:00Z",
                     *       "told_age_ms": 1,
                     *       "parts": [
                     *         {
                     *           "name": "dominance",
                     *           "state": "present",
                     *           "age_ms": 1,
                     *           "why": "why"
                     *         }
                     *       ],
                     *       "figures": [
                     *         {
                     *           "part": "dominance",
                     *           "name": "BTC dominance",
                     *           "pair": "BTC/USDT",
                     *           "value": "64250.5",
                     *           "unit": "percent",
                     *           "age_ms": 1,
                     *           "told": false
                     *         }
                     *       ],
                     *       "texts": [
                     *         {
                     *           "kind": "news",
                     *           "source": "source",
                     *           "title": "title",
                     *           "text": "text",
                     *           "url": "url",
                     *           "at": "2025-03-01T12:00:00Z",
                     *           "age_ms": 1,
                     *           "tone": 0.5
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["WorldContext"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    evaluate_api_evaluate_positions_get: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
            };
            header?: {
                /** @description The same key gives the same run and the same reply, however often it is sent. */
                "idempotency-key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "success": true,
                     *       "cycle": "cycle",
                     *       "evaluated": 1,
                     *       "held": 1,
                     *       "tightened": 1,
                     *       "exited": 1,
                     *       "ignored": 1,
                     *       "elapsedMs": 1
                     *     }
                     */
                    "application/json": components["schemas"]["EvaluateReply"] | components["schemas"]["JobSkipped"];
                };
            };
            /** @description Body is not valid JSON */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Secret needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The job did not succeed */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobFailure"];
                };
            };
            /** @description Invalid parameters, Idempotency key used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable, No worker is running */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The job gave no reply in time */
            504: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    evaluate_api_evaluate_positions_post: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
            };
            header?: {
                /** @description The same key gives the same run and the same reply, however often it is sent. */
                "idempotency-key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "success": true,
                     *       "cycle": "cycle",
                     *       "evaluated": 1,
                     *       "held": 1,
                     *       "tightened": 1,
                     *       "exited": 1,
                     *       "ignored": 1,
                     *       "elapsedMs": 1
                     *     }
                     */
                    "application/json": components["schemas"]["EvaluateReply"] | components["schemas"]["JobSkipped"];
                };
            };
            /** @description Body is not valid JSON */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Secret needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The job did not succeed */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobFailure"];
                };
            };
            /** @description Invalid parameters, Idempotency key used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable, No worker is running */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The job gave no reply in time */
            504: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    jobs_api_jobs_get: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
                /** @description Newest runs of each job. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "jobs": [
                     *         {
                     *           "job": "scanner",
                     *           "path": "/api/scan",
                     *           "schedule": "*\/10 * * * *",
                     *           "next_slot": "2025-03-01T12:00:00Z",
                     *           "last_slot": "2025-03-01T12:00:00Z",
                     *           "last_report": {},
                     *           "last_error": "last_error",
                     *           "history": [
                     *             {
                     *               "slot": "slot",
                     *               "at": "2025-03-01T12:00:00Z",
                     *               "status": "completed",
                     *               "report": {},
                     *               "error": "error"
                     *             }
                     *           ]
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Jobs"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    me_api_me_get: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "mode": "paper",
                     *       "feed": {
                     *         "kind": "exchange",
                     *         "label": "replay of binance 5m, 2025-01-01 to 2025-09-30",
                     *         "simulated": false,
                     *         "state": "up",
                     *         "age_ms": 1,
                     *         "at": "2025-03-01T12:00:00Z"
                     *       },
                     *       "account": "account",
                     *       "version": "version",
                     *       "portfolios": [
                     *         "portfolios"
                     *       ],
                     *       "pairs": [
                     *         "pairs"
                     *       ],
                     *       "timeframe": "1m",
                     *       "timeframes": [
                     *         "1m"
                     *       ],
                     *       "strategies": [
                     *         "strategies"
                     *       ],
                     *       "panel": [
                     *         "panel"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Desk"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    monitor_api_monitor_positions_get: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
            };
            header?: {
                /** @description The same key gives the same run and the same reply, however often it is sent. */
                "idempotency-key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "success": true,
                     *       "cycle": "cycle",
                     *       "positionsChecked": 1,
                     *       "partialExits": 1,
                     *       "stopsMoved": 1,
                     *       "tradesClosed": 1,
                     *       "equity": {
                     *         "equity": "equity"
                     *       },
                     *       "elapsedMs": 1
                     *     }
                     */
                    "application/json": components["schemas"]["MonitorReply"] | components["schemas"]["JobSkipped"];
                };
            };
            /** @description Body is not valid JSON */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Secret needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The job did not succeed */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobFailure"];
                };
            };
            /** @description Invalid parameters, Idempotency key used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable, No worker is running */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The job gave no reply in time */
            504: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    monitor_api_monitor_positions_post: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
            };
            header?: {
                /** @description The same key gives the same run and the same reply, however often it is sent. */
                "idempotency-key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "success": true,
                     *       "cycle": "cycle",
                     *       "positionsChecked": 1,
                     *       "partialExits": 1,
                     *       "stopsMoved": 1,
                     *       "tradesClosed": 1,
                     *       "equity": {
                     *         "equity": "equity"
                     *       },
                     *       "elapsedMs": 1
                     *     }
                     */
                    "application/json": components["schemas"]["MonitorReply"] | components["schemas"]["JobSkipped"];
                };
            };
            /** @description Body is not valid JSON */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Secret needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The job did not succeed */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobFailure"];
                };
            };
            /** @description Invalid parameters, Idempotency key used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable, No worker is running */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The job gave no reply in time */
            504: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    news_api_news_get: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
                kind?: ("news" | "social" | "community") | null;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "available": false,
                     *       "why": "why",
                     *       "at": "2025-03-01T12:00:00Z",
                     *       "told_age_ms": 1,
                     *       "items": [
                     *         {
                     *           "kind": "news",
                     *           "source": "source",
                     *           "title": "title",
                     *           "text": "text",
                     *           "url": "url",
                     *           "at": "2025-03-01T12:00:00Z",
                     *           "age_ms": 1,
                     *           "tone": 0.5
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["News"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    optimizer_api_optimize_get: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
                /** @description Newest versions that are told. */
                limit?: number;
                /** @description Run the optimizer now instead of reading what it has set. */
                run?: boolean;
            };
            header?: {
                /** @description The same key gives the same run and the same reply, however often it is sent. */
                "idempotency-key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "version": 1,
                     *       "at": "2025-03-01T12:00:00Z",
                     *       "by": "by",
                     *       "weights": [
                     *         {
                     *           "analyst": "analyst",
                     *           "weight": "64250.5"
                     *         }
                     *       ],
                     *       "base_risk": [
                     *         {
                     *           "portfolio": "aggressive",
                     *           "setting": "64250.5",
                     *           "factor": "64250.5",
                     *           "base": "64250.5"
                     *         }
                     *       ],
                     *       "blocked_regimes": [
                     *         "VOLATILE"
                     *       ],
                     *       "adjustments": [
                     *         {
                     *           "subject": "weight momentum",
                     *           "count": 1,
                     *           "expectancy_r": "64250.5",
                     *           "win_rate": "64250.5",
                     *           "average_r": "64250.5",
                     *           "before": "64250.5",
                     *           "after": "64250.5",
                     *           "reason": "reason"
                     *         }
                     *       ],
                     *       "reverts_to": 1,
                     *       "history": [
                     *         {
                     *           "version": 1,
                     *           "at": "2025-03-01T12:00:00Z",
                     *           "by": "by",
                     *           "weights": [
                     *             {
                     *               "analyst": "analyst",
                     *               "weight": "64250.5"
                     *             }
                     *           ],
                     *           "base_factors": {
                     *             "base_factors": "64250.5"
                     *           },
                     *           "blocked_regimes": [
                     *             "VOLATILE"
                     *           ],
                     *           "adjustments": [
                     *             {
                     *               "subject": "weight momentum",
                     *               "count": 1,
                     *               "expectancy_r": "64250.5",
                     *               "win_rate": "64250.5",
                     *               "average_r": "64250.5",
                     *               "before": "64250.5",
                     *               "after": "64250.5",
                     *               "reason": "reason"
                     *             }
                     *           ],
                     *           "reverts_to": 1
                     *         }
                     *       ],
                     *       "schedule": "schedule",
                     *       "next_slot": "2025-03-01T12:00:00Z"
                     *     }
                     */
                    "application/json": components["schemas"]["OptimizerConfig"] | components["schemas"]["OptimizeReply"] | components["schemas"]["JobSkipped"];
                };
            };
            /** @description Body is not valid JSON */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Secret needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The job did not succeed */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobFailure"];
                };
            };
            /** @description Invalid parameters, Idempotency key used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable, No worker is running */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The job gave no reply in time */
            504: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    optimize_api_optimize_post: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
            };
            header?: {
                /** @description The same key gives the same run and the same reply, however often it is sent. */
                "idempotency-key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "success": true,
                     *       "cycle": "cycle",
                     *       "version": 1,
                     *       "weightsChanged": 1,
                     *       "baseChanged": 1,
                     *       "regimesBlocked": [
                     *         "regimesBlocked"
                     *       ],
                     *       "regimesOpened": [
                     *         "regimesOpened"
                     *       ],
                     *       "pausesEnded": [
                     *         "pausesEnded"
                     *       ],
                     *       "elapsedMs": 1
                     *     }
                     */
                    "application/json": components["schemas"]["OptimizeReply"] | components["schemas"]["JobSkipped"];
                };
            };
            /** @description Body is not valid JSON */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Secret needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The job did not succeed */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobFailure"];
                };
            };
            /** @description Invalid parameters, Idempotency key used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable, No worker is running */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The job gave no reply in time */
            504: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revert_api_optimize_revert_post: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
            };
            header?: {
                /** @description The same key gives the same run and the same reply, however often it is sent. */
                "idempotency-key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RevertWanted"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "success": true,
                     *       "version": 1,
                     *       "revertsTo": 1,
                     *       "changed": false,
                     *       "elapsedMs": 1
                     *     }
                     */
                    "application/json": components["schemas"]["RevertReply"];
                };
            };
            /** @description Body is not valid JSON */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Secret needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The job did not succeed */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobFailure"];
                };
            };
            /** @description Invalid parameters, Idempotency key used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable, No worker is running */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The job gave no reply in time */
            504: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    orders_api_orders_get: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "orders": [
                     *         {
                     *           "client_id": "qAE7MVJ3XQ2N4KD5RTYU6WZBHCP",
                     *           "signal_id": "signal_id",
                     *           "portfolio": "aggressive",
                     *           "pair": "BTC/USDT",
                     *           "action": "BUY",
                     *           "kind": "market",
                     *           "purpose": "entry",
                     *           "price": "64250.5",
                     *           "quantity": "64250.5",
                     *           "filled": "64250.5",
                     *           "state": "INTENDED",
                     *           "reason": "reason",
                     *           "at": "2025-03-01T12:00:00Z",
                     *           "changed_at": "2025-03-01T12:00:00Z",
                     *           "venue_id": "venue_id",
                     *           "sent_at": "2025-03-01T12:00:00Z",
                     *           "cancel_requested_at": "2025-03-01T12:00:00Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Orders"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    panic_api_panic_post: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
            };
            header?: {
                /** @description The same key gives the same run and the same reply, however often it is sent. */
                "idempotency-key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PanicWanted"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "success": true,
                     *       "state": "HALTED",
                     *       "ordersCancelled": 1,
                     *       "positionsOpen": 1,
                     *       "closing": false
                     *     }
                     */
                    "application/json": components["schemas"]["PanicReply"];
                };
            };
            /** @description Body is not valid JSON */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Secret needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The job did not succeed */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobFailure"];
                };
            };
            /** @description Invalid parameters, Idempotency key used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable, No worker is running */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The job gave no reply in time */
            504: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    undo_api_panic_undo_post: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
            };
            header?: {
                /** @description The same key gives the same run and the same reply, however often it is sent. */
                "idempotency-key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UndoWanted"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "success": true,
                     *       "scope": "scope",
                     *       "state": "ACTIVE",
                     *       "before": "ACTIVE"
                     *     }
                     */
                    "application/json": components["schemas"]["TradingReply"];
                };
            };
            /** @description Body is not valid JSON */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Secret needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Second factor needed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The job did not succeed */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobFailure"];
                };
            };
            /** @description Invalid parameters, Idempotency key used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable, No worker is running */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The job gave no reply in time */
            504: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    prices_api_prices_get: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
                /** @description Comma-separated, at most 100; none: every pair of the feed. */
                pairs?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "feed": {
                     *         "kind": "exchange",
                     *         "label": "replay of binance 5m, 2025-01-01 to 2025-09-30",
                     *         "simulated": false,
                     *         "state": "up",
                     *         "age_ms": 1,
                     *         "at": "2025-03-01T12:00:00Z"
                     *       },
                     *       "prices": [
                     *         {
                     *           "pair": "BTC/USDT",
                     *           "last": "64250.5",
                     *           "bid": "64250.5",
                     *           "ask": "64250.5",
                     *           "change_24h_pct": 0.5,
                     *           "volume_24h": 0.5,
                     *           "at": "2025-03-01T12:00:00Z",
                     *           "age_ms": 1,
                     *           "estimated": [
                     *             "estimated"
                     *           ]
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Prices"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    risk_api_risk_get: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "trading_state": "ACTIVE",
                     *       "trading_reason": "trading_reason",
                     *       "pairs": [
                     *         {
                     *           "pair": "pair",
                     *           "state": "ACTIVE",
                     *           "reason": "reason"
                     *         }
                     *       ],
                     *       "breakers": [
                     *         {
                     *           "portfolio": "portfolio",
                     *           "name": "daily_loss",
                     *           "scope": "scope",
                     *           "tripped": false,
                     *           "known": false,
                     *           "reason": "reason",
                     *           "value": "value",
                     *           "limit": "limit",
                     *           "since": "2025-03-01T12:00:00Z",
                     *           "until": "2025-03-01T12:00:00Z"
                     *         }
                     *       ],
                     *       "limits": {
                     *         "order_quantity_max": "64250.5",
                     *         "order_notional_max": "64250.5",
                     *         "symbol_notional_max": "64250.5",
                     *         "collar_bps": 1,
                     *         "open_orders_max": 1,
                     *         "throttle_orders_max": 1,
                     *         "throttle_window_ms": 1,
                     *         "slippage_bps_max": 1
                     *       },
                     *       "portfolios": [
                     *         {
                     *           "name": "name",
                     *           "exposure": 0.5,
                     *           "drawdown_pct": 0.5,
                     *           "daily_pnl_pct": 0.5,
                     *           "weekly_pnl_pct": 0.5,
                     *           "limits": {
                     *             "portfolio": "portfolio",
                     *             "final_risk_cap": "64250.5",
                     *             "gross_exposure_cap": "64250.5",
                     *             "leverage": "64250.5",
                     *             "daily_loss_limit": "64250.5",
                     *             "weekly_loss_limit": "64250.5",
                     *             "drawdown_limit": "64250.5"
                     *           }
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Risk"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    scan_api_scan_get: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
            };
            header?: {
                /** @description The same key gives the same run and the same reply, however often it is sent. */
                "idempotency-key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "success": true,
                     *       "cycle": "manual-1-48213",
                     *       "scannedPairs": 1,
                     *       "signals": 1,
                     *       "goldSignals": 1,
                     *       "silverSignals": 1,
                     *       "tradesOpened": 1,
                     *       "elapsedMs": 1
                     *     }
                     */
                    "application/json": components["schemas"]["ScanReply"] | components["schemas"]["JobSkipped"];
                };
            };
            /** @description Body is not valid JSON */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Secret needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The job did not succeed */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobFailure"];
                };
            };
            /** @description Invalid parameters, Idempotency key used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable, No worker is running */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The job gave no reply in time */
            504: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    scan_api_scan_post: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
            };
            header?: {
                /** @description The same key gives the same run and the same reply, however often it is sent. */
                "idempotency-key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "success": true,
                     *       "cycle": "manual-1-48213",
                     *       "scannedPairs": 1,
                     *       "signals": 1,
                     *       "goldSignals": 1,
                     *       "silverSignals": 1,
                     *       "tradesOpened": 1,
                     *       "elapsedMs": 1
                     *     }
                     */
                    "application/json": components["schemas"]["ScanReply"] | components["schemas"]["JobSkipped"];
                };
            };
            /** @description Body is not valid JSON */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Secret needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The job did not succeed */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobFailure"];
                };
            };
            /** @description Invalid parameters, Idempotency key used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable, No worker is running */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The job gave no reply in time */
            504: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_trades_api_trades_get: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
                /** @description `next` of the page before. */
                before?: string | null;
                limit?: number;
                pair?: string | null;
                portfolio?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "trades": [
                     *         {
                     *           "id": "id",
                     *           "portfolio": "portfolio",
                     *           "signal_id": "signal_id",
                     *           "source": "source",
                     *           "pair": "BTC/USDT",
                     *           "side": "LONG",
                     *           "quantity": "64250.5",
                     *           "entry": "64250.5",
                     *           "exit": "64250.5",
                     *           "opened_at": "2025-03-01T12:00:00Z",
                     *           "closed_at": "2025-03-01T12:00:00Z",
                     *           "fees": "64250.5",
                     *           "funding": "64250.5",
                     *           "leverage": "3",
                     *           "pnl": "64250.5",
                     *           "r": "64250.5",
                     *           "reason": "target"
                     *         }
                     *       ],
                     *       "next": "next"
                     *     }
                     */
                    "application/json": components["schemas"]["Trades"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    trading_api_trading_post: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
            };
            header?: {
                /** @description The same key gives the same run and the same reply, however often it is sent. */
                "idempotency-key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TradingWanted"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "success": true,
                     *       "scope": "scope",
                     *       "state": "ACTIVE",
                     *       "before": "ACTIVE"
                     *     }
                     */
                    "application/json": components["schemas"]["TradingReply"];
                };
            };
            /** @description Body is not valid JSON */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Secret needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Second factor needed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The job did not succeed */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobFailure"];
                };
            };
            /** @description Invalid parameters, Idempotency key used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable, No worker is running */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The job gave no reply in time */
            504: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    metrics_metrics_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Prometheus text */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
        };
    };
    agents_v1_agents_get: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
                /** @description Newest decisions of each agent. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "agents": [
                     *         {
                     *           "name": "regime_detector",
                     *           "title": "Regime detector",
                     *           "does": "does",
                     *           "made_of": [
                     *             "made_of"
                     *           ],
                     *           "last": {
                     *             "at": "2025-03-01T12:00:00Z",
                     *             "subject": "BTC/USDT",
                     *             "decided": "Published LONG as gold.",
                     *             "why": "trend, breakout and momentum agree, confidence 0.71.",
                     *             "entry": "1-48213",
                     *             "event": "VotesCast",
                     *             "pair": "BTC/USDT",
                     *             "portfolio": "portfolio",
                     *             "signal": "signal",
                     *             "prompt": "prompt"
                     *           },
                     *           "decisions": [
                     *             {
                     *               "at": "2025-03-01T12:00:00Z",
                     *               "subject": "BTC/USDT",
                     *               "decided": "Published LONG as gold.",
                     *               "why": "trend, breakout and momentum agree, confidence 0.71.",
                     *               "entry": "1-48213",
                     *               "event": "VotesCast",
                     *               "pair": "BTC/USDT",
                     *               "portfolio": "portfolio",
                     *               "signal": "signal",
                     *               "prompt": "prompt"
                     *             }
                     *           ]
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Agents"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    answer_v1_answers__record__get: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
            };
            header?: never;
            path: {
                /** @description SHA-256 in hex. */
                record: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "record": "record",
                     *       "prompt": "prompt",
                     *       "analyst": "analyst",
                     *       "provider": "provider",
                     *       "model": "model",
                     *       "temperature": "64250.5",
                     *       "output_tokens_max": 1,
                     *       "text": "text",
                     *       "answered_by": "answered_by",
                     *       "fallback": false,
                     *       "silence": "silence",
                     *       "reason": "reason",
                     *       "input_tokens": 1,
                     *       "output_tokens": 1,
                     *       "cost_usd": "64250.5",
                     *       "latency_ms": 1,
                     *       "calls": [
                     *         {
                     *           "provider": "provider",
                     *           "model": "model",
                     *           "status": 1,
                     *           "fault": "fault",
                     *           "reason": "reason",
                     *           "cost_usd": "64250.5"
                     *         }
                     *       ],
                     *       "cut": false
                     *     }
                     */
                    "application/json": components["schemas"]["Answer"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Record damaged, Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    pnl_v1_backtest_pnl_get: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
                /** @description `total`, or one that the backtest's result names. */
                curve?: string;
                /** @description Which backtest; none: the newest that is done. */
                id?: string | null;
                /** @description Most points; more are thinned evenly. */
                n?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "4f1d2c9a0f0b5d3e9a540a86f2f4c1d7",
                     *       "curve": "curve",
                     *       "points": [
                     *         {
                     *           "timestamp": "2025-03-01T12:00:00Z",
                     *           "equity": "64250.5",
                     *           "drawdown_pct": 0.5
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["BacktestCurve"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Record damaged, Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    trades_v1_backtest_trades_get: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
                /** @description `next` of the page before; a place in the file. */
                before?: string | null;
                /** @description Which backtest; none: the newest that is done. */
                id?: string | null;
                limit?: number;
                pair?: string | null;
                strategy?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "4f1d2c9a0f0b5d3e9a540a86f2f4c1d7",
                     *       "trades": [
                     *         {
                     *           "portfolio": "portfolio",
                     *           "strategy": "strategy",
                     *           "pair": "BTC/USDT",
                     *           "side": "LONG",
                     *           "opened_at": "2025-03-01T12:00:00Z",
                     *           "closed_at": "2025-03-01T12:00:00Z",
                     *           "entry": "64250.5",
                     *           "exit": "64250.5",
                     *           "quantity": "64250.5",
                     *           "pnl": "64250.5",
                     *           "fees": "64250.5",
                     *           "funding": "64250.5",
                     *           "spread_and_slippage": "64250.5",
                     *           "r": "64250.5",
                     *           "reason": "reason",
                     *           "bars": 1,
                     *           "regime": "regime"
                     *         }
                     *       ],
                     *       "next": "next"
                     *     }
                     */
                    "application/json": components["schemas"]["BacktestTrades"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Record damaged, Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_backtests_v1_backtests_get: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
                /** @description `next` of the page before. */
                before?: string | null;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "backtests": [
                     *         {
                     *           "id": "4f1d2c9a0f0b5d3e9a540a86f2f4c1d7",
                     *           "state": "running",
                     *           "wanted": {
                     *             "strategies": [
                     *               {
                     *                 "name": "name",
                     *                 "parameters": {
                     *                   "channel": 30
                     *                 }
                     *               }
                     *             ],
                     *             "pairs": [
                     *               "BTC/USDT"
                     *             ],
                     *             "timeframe": "1m",
                     *             "source": "store",
                     *             "exchange": "exchange",
                     *             "start": "2025-01-01",
                     *             "end": "2025-04-01",
                     *             "engine": "compiled",
                     *             "entry": "next_open",
                     *             "tie": "pessimistic",
                     *             "without": [
                     *               "fees"
                     *             ],
                     *             "fee": "64250.5",
                     *             "start_equity": "64250.5",
                     *             "baselines": true
                     *           },
                     *           "created_at": "2025-03-01T12:00:00Z",
                     *           "ended_at": "2025-03-01T12:00:00Z",
                     *           "progress": {
                     *             "phase": "starting",
                     *             "about": "about",
                     *             "done": 1,
                     *             "total": 1
                     *           },
                     *           "error": {
                     *             "code": "bad_input",
                     *             "message": "message"
                     *           },
                     *           "headline": {
                     *             "tone": "promising",
                     *             "verdict": "verdict",
                     *             "net_return": 0.5,
                     *             "max_drawdown": 0.5,
                     *             "sharpe": 0.5,
                     *             "expectancy_r": 0.5,
                     *             "trades": 1
                     *           }
                     *         }
                     *       ],
                     *       "next": "next",
                     *       "running": 1,
                     *       "running_max": 1
                     *     }
                     */
                    "application/json": components["schemas"]["BacktestPage"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    start_v1_backtests_post: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
            };
            header?: {
                /** @description The same key gives the same run and the same reply, however often it is sent. */
                "idempotency-key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BacktestWanted"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "4f1d2c9a0f0b5d3e9a540a86f2f4c1d7",
                     *       "state": "running",
                     *       "wanted": {
                     *         "strategies": [
                     *           {
                     *             "name": "name",
                     *             "parameters": {
                     *               "channel": 30
                     *             }
                     *           }
                     *         ],
                     *         "pairs": [
                     *           "BTC/USDT"
                     *         ],
                     *         "timeframe": "1m",
                     *         "source": "store",
                     *         "exchange": "exchange",
                     *         "start": "2025-01-01",
                     *         "end": "2025-04-01",
                     *         "engine": "compiled",
                     *         "entry": "next_open",
                     *         "tie": "pessimistic",
                     *         "without": [
                     *           "fees"
                     *         ],
                     *         "fee": "64250.5",
                     *         "start_equity": "64250.5",
                     *         "baselines": true
                     *       },
                     *       "created_at": "2025-03-01T12:00:00Z",
                     *       "ended_at": "2025-03-01T12:00:00Z",
                     *       "progress": {
                     *         "phase": "starting",
                     *         "about": "about",
                     *         "done": 1,
                     *         "total": 1
                     *       },
                     *       "error": {
                     *         "code": "bad_input",
                     *         "message": "message"
                     *       },
                     *       "headline": {
                     *         "tone": "promising",
                     *         "verdict": "verdict",
                     *         "net_return": 0.5,
                     *         "max_drawdown": 0.5,
                     *         "sharpe": 0.5,
                     *         "expectancy_r": 0.5,
                     *         "trades": 1
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["BacktestFacts"];
                };
            };
            /** @description Body is not valid JSON */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many backtests */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid parameters, Idempotency key used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No backtests here */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    one_backtest_v1_backtests__backtest_id__get: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
            };
            header?: never;
            path: {
                /** @description The backtest's id. */
                backtest_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "backtest": {
                     *         "id": "4f1d2c9a0f0b5d3e9a540a86f2f4c1d7",
                     *         "state": "running",
                     *         "wanted": {
                     *           "strategies": [
                     *             {
                     *               "name": "name",
                     *               "parameters": {
                     *                 "channel": 30
                     *               }
                     *             }
                     *           ],
                     *           "pairs": [
                     *             "BTC/USDT"
                     *           ],
                     *           "timeframe": "1m",
                     *           "source": "store",
                     *           "exchange": "exchange",
                     *           "start": "2025-01-01",
                     *           "end": "2025-04-01",
                     *           "engine": "compiled",
                     *           "entry": "next_open",
                     *           "tie": "pessimistic",
                     *           "without": [
                     *             "fees"
                     *           ],
                     *           "fee": "64250.5",
                     *           "start_equity": "64250.5",
                     *           "baselines": true
                     *         },
                     *         "created_at": "2025-03-01T12:00:00Z",
                     *         "ended_at": "2025-03-01T12:00:00Z",
                     *         "progress": {
                     *           "phase": "starting",
                     *           "about": "about",
                     *           "done": 1,
                     *           "total": 1
                     *         },
                     *         "error": {
                     *           "code": "bad_input",
                     *           "message": "message"
                     *         },
                     *         "headline": {
                     *           "tone": "promising",
                     *           "verdict": "verdict",
                     *           "net_return": 0.5,
                     *           "max_drawdown": 0.5,
                     *           "sharpe": 0.5,
                     *           "expectancy_r": 0.5,
                     *           "trades": 1
                     *         }
                     *       },
                     *       "result": {
                     *         "title": "title",
                     *         "tone": "promising",
                     *         "verdict": "verdict",
                     *         "reasons": [
                     *           "reasons"
                     *         ],
                     *         "look_ahead": "clean",
                     *         "look_ahead_sentence": "look_ahead_sentence",
                     *         "figures": [
                     *           {
                     *             "name": "sharpe",
                     *             "label": "label",
                     *             "group": "Return",
                     *             "unit": "share",
                     *             "value": 0.5,
                     *             "unbounded": false,
                     *             "low": 0.5,
                     *             "high": 0.5,
                     *             "level": 0.5,
                     *             "method": "method",
                     *             "definition": "definition",
                     *             "basis": "basis"
                     *           }
                     *         ],
                     *         "baselines": [
                     *           {
                     *             "name": "name",
                     *             "label": "label",
                     *             "measure": "measure",
                     *             "unit": "share",
                     *             "value": 0.5,
                     *             "draws": 1,
                     *             "quantiles": [
                     *               0.5
                     *             ],
                     *             "percentile": 0.5,
                     *             "sentence": "sentence",
                     *             "definition": "definition"
                     *           }
                     *         ],
                     *         "months": [
                     *           {
                     *             "year": 1,
                     *             "month": 1,
                     *             "change": 0.5,
                     *             "whole": false
                     *           }
                     *         ],
                     *         "breakdowns": [
                     *           {
                     *             "by": "Symbol",
                     *             "parts": [
                     *               {
                     *                 "name": "name",
                     *                 "trades": 1,
                     *                 "win_rate": 0.5,
                     *                 "pnl": "64250.5",
                     *                 "costs": "64250.5",
                     *                 "mean_r": 0.5,
                     *                 "profit_factor": 0.5
                     *               }
                     *             ]
                     *           }
                     *         ],
                     *         "money": {
                     *           "gross": "64250.5",
                     *           "fees": "64250.5",
                     *           "spread_and_slippage": "64250.5",
                     *           "funding": "64250.5",
                     *           "net": "64250.5",
                     *           "still_open": "64250.5"
                     *         },
                     *         "other_orders": {
                     *           "method": "method",
                     *           "sentence": "sentence",
                     *           "max_drawdown": {
                     *             "max_drawdown": 0.5
                     *           }
                     *         },
                     *         "curves": [
                     *           {
                     *             "name": "name",
                     *             "label": "label",
                     *             "kind": "total"
                     *           }
                     *         ],
                     *         "parameters": {
                     *           "parameters": {
                     *             "parameters": "parameters"
                     *           }
                     *         },
                     *         "costs": {
                     *           "costs": "costs"
                     *         },
                     *         "conventions": {
                     *           "conventions": "conventions"
                     *         },
                     *         "estimated": [
                     *           "estimated"
                     *         ],
                     *         "silent": {
                     *           "silent": 1
                     *         },
                     *         "warnings": [
                     *           "warnings"
                     *         ],
                     *         "source": "source",
                     *         "start": "2025-03-01T12:00:00Z",
                     *         "end": "2025-03-01T12:00:00Z",
                     *         "bars": 1,
                     *         "start_equity": "64250.5",
                     *         "trades": 1,
                     *         "open_trades": 1,
                     *         "variants_tried": 1,
                     *         "elapsed_s": 0.5,
                     *         "digest": "digest"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["BacktestDetail"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Record damaged, Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_v1_backtests__backtest_id__delete: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
                /** @description `stop` ends a run and keeps it; `remove` forgets it, ending it first where it still runs. */
                act?: "stop" | "remove";
            };
            header?: never;
            path: {
                /** @description The backtest's id. */
                backtest_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "4f1d2c9a0f0b5d3e9a540a86f2f4c1d7",
                     *       "done": "stopped"
                     *     }
                     */
                    "application/json": components["schemas"]["BacktestRemoval"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many backtests */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No backtests here */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    follow_v1_backtests__backtest_id__events_get: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
            };
            header?: never;
            path: {
                /** @description The backtest's id. */
                backtest_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The stream */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No room for another stream */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    report_v1_backtests__backtest_id__report_get: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
                /** @description Save it as a file instead of showing it. */
                download?: boolean;
            };
            header?: never;
            path: {
                /** @description The backtest's id. */
                backtest_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One HTML file that needs nothing else */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Record damaged, Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    offer_v1_backtests_offer_get: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "strategies": [
                     *         {
                     *           "name": "name",
                     *           "about": "about",
                     *           "timeframe": "1m",
                     *           "warm_up": 1,
                     *           "publishes": false,
                     *           "parameters": [
                     *             {
                     *               "name": "name",
                     *               "kind": "whole",
                     *               "value": "value"
                     *             }
                     *           ]
                     *         }
                     *       ],
                     *       "candles": [
                     *         {
                     *           "source": "store",
                     *           "label": "label",
                     *           "exchange": "exchange",
                     *           "series": [
                     *             {
                     *               "pair": "BTC/USDT",
                     *               "timeframe": "1m",
                     *               "first": "2025-03-01T12:00:00Z",
                     *               "last": "2025-03-01T12:00:00Z",
                     *               "candles": 1
                     *             }
                     *           ]
                     *         }
                     *       ],
                     *       "costs": [
                     *         {
                     *           "name": "fees",
                     *           "about": "about"
                     *         }
                     *       ],
                     *       "maker_fee": "64250.5",
                     *       "taker_fee": "64250.5",
                     *       "start_equity": "64250.5",
                     *       "running": 1,
                     *       "running_max": 1,
                     *       "limit_s": 0.5,
                     *       "faults": [
                     *         "faults"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["BacktestOffer"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No backtests here */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    council_v1_council_get: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
                /** @description `next` of the page before. */
                before?: string | null;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "cycles": [
                     *         {
                     *           "id": "1-48213",
                     *           "slot": "slot",
                     *           "at": "2025-03-01T12:00:00Z",
                     *           "panel": [
                     *             "panel"
                     *           ],
                     *           "pairs": [
                     *             {
                     *               "pair": "BTC/USDT",
                     *               "votes": [
                     *                 {
                     *                   "analyst": "trend",
                     *                   "side": "LONG",
                     *                   "confidence": 0.5,
                     *                   "entry": "64250.5",
                     *                   "stop": "64250.5",
                     *                   "target": "64250.5",
                     *                   "reason": "reason",
                     *                   "abstained": false
                     *                 }
                     *               ],
                     *               "flat": [
                     *                 "flat"
                     *               ],
                     *               "disagreement": 0.5,
                     *               "opposed": false,
                     *               "outcome": {
                     *                 "side": "LONG",
                     *                 "tier": "gold",
                     *                 "confidence": 0.5,
                     *                 "agreeing": [
                     *                   "agreeing"
                     *                 ],
                     *                 "dissenting": [
                     *                   "dissenting"
                     *                 ],
                     *                 "signal": "signal",
                     *                 "kept_back": "The pair cools down for 3.5 h more."
                     *               }
                     *             }
                     *           ],
                     *           "silences": [
                     *             {
                     *               "analyst": "analyst",
                     *               "pairs": 1,
                     *               "reasons": [
                     *                 "reasons"
                     *               ]
                     *             }
                     *           ],
                     *           "models": [
                     *             {
                     *               "analyst": "analyst",
                     *               "provider": "provider",
                     *               "model": "model",
                     *               "template": "full-1",
                     *               "code": "voted",
                     *               "prompt": "prompt",
                     *               "stood_in": "stood_in",
                     *               "record": "record",
                     *               "input_tokens": 1,
                     *               "output_tokens": 1,
                     *               "cost_usd": "64250.5",
                     *               "latency_ms": 1,
                     *               "askings": [
                     *                 {
                     *                   "prompt": "prompt",
                     *                   "record": "record",
                     *                   "answered_by": "answered_by",
                     *                   "fallback": false,
                     *                   "fault": "fault",
                     *                   "input_tokens": 1,
                     *                   "output_tokens": 1,
                     *                   "cost_usd": "64250.5",
                     *                   "latency_ms": 1
                     *                 }
                     *               ]
                     *             }
                     *           ],
                     *           "cost_usd": "64250.5"
                     *         }
                     *       ],
                     *       "agreement": [
                     *         {
                     *           "pair": "BTC/USDT",
                     *           "cycles": 1,
                     *           "long_votes": 1,
                     *           "short_votes": 1,
                     *           "quorums": 1,
                     *           "published": 1,
                     *           "opposed": 1,
                     *           "disagreement": 0.5
                     *         }
                     *       ],
                     *       "next": "next"
                     *     }
                     */
                    "application/json": components["schemas"]["Council"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    lessons_v1_lessons_get: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
                /** @description `next` of the page before. */
                before?: string | null;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "lessons": [
                     *         {
                     *           "trade": "trade",
                     *           "portfolio": "portfolio",
                     *           "pair": "BTC/USDT",
                     *           "side": "LONG",
                     *           "source": "source",
                     *           "r": "64250.5",
                     *           "expected": "expected",
                     *           "happened": "happened",
                     *           "lesson": "lesson",
                     *           "by": "by",
                     *           "at": "2025-03-01T12:00:00Z"
                     *         }
                     *       ],
                     *       "next": "next"
                     *     }
                     */
                    "application/json": components["schemas"]["Lessons"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    models_v1_models_get: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
                /** @description Also earlier records, whose key has changed since. */
                all_records?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "models": [
                     *         {
                     *           "analyst": "momentum",
                     *           "kind": "rule",
                     *           "record": {
                     *             "key": "gemini/gemini-2.5-pro full-1 temperature 0, 16384 tokens",
                     *             "provider": "gemini",
                     *             "model": "gemini-2.5-pro",
                     *             "template": "full-1",
                     *             "sampling": "temperature 0, 16384 tokens",
                     *             "digest": "digest",
                     *             "newest": false
                     *           },
                     *           "knowledge_cutoff": "knowledge_cutoff",
                     *           "weight": 0.5,
                     *           "since": "2025-03-01T12:00:00Z",
                     *           "days": 1,
                     *           "decisions": 1,
                     *           "abstentions": 1,
                     *           "failures": {
                     *             "failures": 1
                     *           },
                     *           "closed": 1,
                     *           "open": 1,
                     *           "never_entered": 1,
                     *           "contaminated": {
                     *             "closed": 1,
                     *             "open": 1,
                     *             "average_r": 0.5
                     *           },
                     *           "win_rate": 0.5,
                     *           "average_r": 0.5,
                     *           "average_r_interval": {
                     *             "low": 0.5,
                     *             "high": 0.5
                     *           },
                     *           "expectancy_r": 0.5,
                     *           "brier": 0.5,
                     *           "calibration": [
                     *             {
                     *               "low": 0.5,
                     *               "high": 0.5,
                     *               "count": 1,
                     *               "confidence": 0.5,
                     *               "win_rate": 0.5
                     *             }
                     *           ],
                     *           "calibration_error": 0.5,
                     *           "flip_rate": 0.5,
                     *           "input_tokens": 1,
                     *           "output_tokens": 1,
                     *           "cost": {
                     *             "usd": "64250.5",
                     *             "usd_per_decision": 0.5,
                     *             "usd_per_trade": 0.5,
                     *             "r_usd": 0.5,
                     *             "r_per_decision": 0.5,
                     *             "r_per_trade": 0.5
                     *           },
                     *           "ranked": false,
                     *           "rank": 1,
                     *           "unranked_why": "12 of 100 decisions, 3 of 30 days so far.",
                     *           "luck": {
                     *             "traders": 1000,
                     *             "trades": 1,
                     *             "average_r": 0.5,
                     *             "interval": {
                     *               "low": 0.5,
                     *               "high": 0.5
                     *             },
                     *             "percentile": 0.5,
                     *             "p_value": 0.5
                     *           },
                     *           "comparisons": [
                     *             {
                     *               "against": "luck",
                     *               "other": "trend",
                     *               "difference": {
                     *                 "estimate": 0.5,
                     *                 "low": 0.5,
                     *                 "high": 0.5,
                     *                 "note": "note"
                     *               },
                     *               "trades": 1,
                     *               "other_trades": 1,
                     *               "verdict": "beats",
                     *               "sentence": "The council does not beat its best single model (trend)."
                     *             }
                     *           ]
                     *         }
                     *       ],
                     *       "as_of": "2025-03-01T12:00:00Z"
                     *     }
                     */
                    "application/json": components["schemas"]["AnalystRecords"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_orders_v1_orders_get: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
                /** @description `next` of the page before. */
                before?: string | null;
                limit?: number;
                pair?: string | null;
                portfolio?: string | null;
                /** @description open: may still change a position, those in doubt among them; in_doubt: nobody knows what became of them; ended: filled, cancelled, rejected or void; denied: refused by a control, never sent. */
                status?: "open" | "in_doubt" | "ended" | "denied";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "orders": [
                     *         {
                     *           "client_id": "qAE7MVJ3XQ2N4KD5RTYU6WZBHCP",
                     *           "signal_id": "signal_id",
                     *           "portfolio": "aggressive",
                     *           "pair": "BTC/USDT",
                     *           "action": "BUY",
                     *           "kind": "market",
                     *           "purpose": "entry",
                     *           "price": "64250.5",
                     *           "quantity": "64250.5",
                     *           "filled": "64250.5",
                     *           "state": "INTENDED",
                     *           "reason": "reason",
                     *           "at": "2025-03-01T12:00:00Z",
                     *           "changed_at": "2025-03-01T12:00:00Z",
                     *           "venue_id": "venue_id",
                     *           "sent_at": "2025-03-01T12:00:00Z",
                     *           "cancel_requested_at": "2025-03-01T12:00:00Z"
                     *         }
                     *       ],
                     *       "next": "next"
                     *     }
                     */
                    "application/json": components["schemas"]["OrderPage"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    performance_v1_performance_get: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "portfolios": [
                     *         {
                     *           "portfolio": "portfolio",
                     *           "equity": "64250.5",
                     *           "return_pct": 0.5,
                     *           "trades": 1,
                     *           "win_rate": 0.5,
                     *           "profit_factor": 0.5,
                     *           "expectancy_r": 0.5,
                     *           "average_r": 0.5,
                     *           "sharpe": 0.5,
                     *           "sortino": 0.5,
                     *           "max_drawdown_pct": 0.5,
                     *           "fees": "64250.5",
                     *           "since": "2025-03-01T12:00:00Z"
                     *         }
                     *       ],
                     *       "sharpe_difference": {
                     *         "estimate": 0.5,
                     *         "low": 0.5,
                     *         "high": 0.5,
                     *         "note": "note"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["PerformanceReport"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_pnl_v1_pnl_get: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
                /** @description Most points; more are thinned evenly. */
                n?: number;
                portfolio?: string | null;
                /** @description Only from this instant of feed time on (ISO 8601 with zone). */
                since?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "points": [
                     *         {
                     *           "id": "1-48213",
                     *           "timestamp": "2025-03-01T12:00:00Z",
                     *           "portfolio": "aggressive",
                     *           "equity": "64250.5",
                     *           "cash": "64250.5",
                     *           "unrealized": "64250.5",
                     *           "drawdown_pct": 1.25
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["EquityCurve"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    stream_results: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
                /** @description Resume after this event, as the header Last-Event-ID does. */
                last_event_id?: string | null;
            };
            header?: {
                /** @description Resume after this event; wins over `last_event_id`. */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The stream */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example event: hello
                     *     data: {"epoch":1,"first":"1-1","last":"1-48213","resumed":false}
                     *
                     *     id: 1-48215
                     *     event: equity
                     *     data: {"id":"1-48215","timestamp":"2025-03-01T12:00:00Z","portfolio":"aggressive", ...}
                     */
                    "text/event-stream": string;
                };
            };
            /** @description Malformed event id */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No room for another stream */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    portfolios_v1_portfolios_get: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "account": "account",
                     *       "portfolios": [
                     *         {
                     *           "name": "aggressive",
                     *           "sources": [
                     *             "sources"
                     *           ],
                     *           "tiers": [
                     *             "gold"
                     *           ],
                     *           "market": "spot",
                     *           "start_equity": "64250.5",
                     *           "equity": "64250.5",
                     *           "cash": "64250.5",
                     *           "unrealized": "64250.5",
                     *           "gross_exposure": 0.5,
                     *           "positions": [
                     *             {
                     *               "pair": "BTC/USDT",
                     *               "side": "LONG",
                     *               "quantity": "64250.5",
                     *               "entry": "64250.5",
                     *               "mark": "64250.5",
                     *               "stop": "64250.5",
                     *               "initial_stop": "64250.5",
                     *               "targets": [
                     *                 {
                     *                   "price": "64250.5",
                     *                   "fraction": "64250.5",
                     *                   "hit": false
                     *                 }
                     *               ],
                     *               "leverage": "3",
                     *               "liquidation": "64250.5",
                     *               "funding": "64250.5",
                     *               "realized": "64250.5",
                     *               "unrealized": "64250.5",
                     *               "r_now": 0.5,
                     *               "opened_at": "2025-03-01T12:00:00Z",
                     *               "signal_id": "signal_id",
                     *               "source": "source"
                     *             }
                     *           ],
                     *           "open_orders": [
                     *             {
                     *               "client_id": "qAE7MVJ3XQ2N4KD5RTYU6WZBHCP",
                     *               "signal_id": "signal_id",
                     *               "portfolio": "aggressive",
                     *               "pair": "BTC/USDT",
                     *               "action": "BUY",
                     *               "kind": "market",
                     *               "purpose": "entry",
                     *               "price": "64250.5",
                     *               "quantity": "64250.5",
                     *               "filled": "64250.5",
                     *               "state": "INTENDED",
                     *               "reason": "reason",
                     *               "at": "2025-03-01T12:00:00Z",
                     *               "changed_at": "2025-03-01T12:00:00Z",
                     *               "venue_id": "venue_id",
                     *               "sent_at": "2025-03-01T12:00:00Z",
                     *               "cancel_requested_at": "2025-03-01T12:00:00Z"
                     *             }
                     *           ],
                     *           "blocked": false,
                     *           "as_of": "2025-03-01T12:00:00Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Portfolios"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    prompt_v1_prompts__digest__get: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
                /** @description Record of an answer to it, where one is known: it is found faster by it. */
                record?: string | null;
            };
            header?: never;
            path: {
                /** @description SHA-256 in hex. */
                digest: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "digest": "digest",
                     *       "record": "record",
                     *       "template": "full-1",
                     *       "system": "system",
                     *       "prompt": "prompt",
                     *       "answer_schema": "answer_schema",
                     *       "tokens": 1,
                     *       "cut": false
                     *     }
                     */
                    "application/json": components["schemas"]["Prompt"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Record damaged, Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_signals_v1_signals_get: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
                /** @description `next` of the page before. */
                cursor?: string | null;
                limit?: number;
                mode?: ("paper" | "live") | null;
                pair?: string | null;
                /** @description Only from this instant of feed time on (ISO 8601 with zone). */
                since?: string | null;
                strategy?: string | null;
                tier?: ("gold" | "silver" | "single") | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "signals": [
                     *         {
                     *           "id": "6f1e2c9a-0f0b-5d3e-9a54-0a86f2f4c1d7",
                     *           "mode": "paper",
                     *           "source": "council",
                     *           "tier": "gold",
                     *           "symbol": "BTCUSDT",
                     *           "pair": "BTC/USDT",
                     *           "action": "BUY",
                     *           "side": "LONG",
                     *           "strategy": "council",
                     *           "regime": "VOLATILE",
                     *           "confidence": 0.5,
                     *           "entry_price": 0.5,
                     *           "entry_kind": "market",
                     *           "stop_loss": 0.5,
                     *           "take_profit": 0.5,
                     *           "targets": [
                     *             {
                     *               "price": "64250.5",
                     *               "fraction": "0.33"
                     *             }
                     *           ],
                     *           "plan": {
                     *             "stop": "64250.5",
                     *             "targets": [
                     *               {
                     *                 "price": "64250.5",
                     *                 "fraction": "0.33"
                     *               }
                     *             ],
                     *             "break_even_target": 1,
                     *             "break_even_r": "64250.5",
                     *             "trail_target": 1,
                     *             "trail_r": "64250.5",
                     *             "trail_distance": "64250.5",
                     *             "expires": "2025-03-01T12:00:00Z"
                     *           },
                     *           "risk_reward_ratio": 0.5,
                     *           "position_size_usd": 0.5,
                     *           "portfolios": [
                     *             {
                     *               "name": "conservative",
                     *               "size_usd": "64250.5",
                     *               "quantity": "64250.5",
                     *               "final_risk_pct": "64250.5",
                     *               "factors": {
                     *                 "factors": {
                     *                   "value": "64250.5",
                     *                   "why": "17 closed trades, half Kelly"
                     *                 }
                     *               },
                     *               "blocked_by": null
                     *             }
                     *           ],
                     *           "indicators": {
                     *             "rsi_14": 0.5,
                     *             "macd_signal": 0.5,
                     *             "atr_14": 0.5,
                     *             "volume_ratio": 0.5
                     *           },
                     *           "votes": [
                     *             {
                     *               "analyst": "trend",
                     *               "side": "LONG",
                     *               "confidence": 0.5,
                     *               "entry": "64250.5",
                     *               "stop": "64250.5",
                     *               "target": "64250.5",
                     *               "reason": "reason",
                     *               "abstained": false
                     *             }
                     *           ],
                     *           "timestamp": "2025-03-01T12:00:00Z",
                     *           "metadata": {
                     *             "model_version": "model_version",
                     *             "latency_ms": 1,
                     *             "snapshot": "snapshot",
                     *             "estimated": [
                     *               "spread"
                     *             ]
                     *           }
                     *         }
                     *       ],
                     *       "next": "next"
                     *     }
                     */
                    "application/json": components["schemas"]["SignalPage"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    one_signal_v1_signals__signal_id__get: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
            };
            header?: never;
            path: {
                /** @description The signal's id. */
                signal_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "signal": {
                     *         "id": "6f1e2c9a-0f0b-5d3e-9a54-0a86f2f4c1d7",
                     *         "mode": "paper",
                     *         "source": "council",
                     *         "tier": "gold",
                     *         "symbol": "BTCUSDT",
                     *         "pair": "BTC/USDT",
                     *         "action": "BUY",
                     *         "side": "LONG",
                     *         "strategy": "council",
                     *         "regime": "VOLATILE",
                     *         "confidence": 0.5,
                     *         "entry_price": 0.5,
                     *         "entry_kind": "market",
                     *         "stop_loss": 0.5,
                     *         "take_profit": 0.5,
                     *         "targets": [
                     *           {
                     *             "price": "64250.5",
                     *             "fraction": "0.33"
                     *           }
                     *         ],
                     *         "plan": {
                     *           "stop": "64250.5",
                     *           "targets": [
                     *             {
                     *               "price": "64250.5",
                     *               "fraction": "0.33"
                     *             }
                     *           ],
                     *           "break_even_target": 1,
                     *           "break_even_r": "64250.5",
                     *           "trail_target": 1,
                     *           "trail_r": "64250.5",
                     *           "trail_distance": "64250.5",
                     *           "expires": "2025-03-01T12:00:00Z"
                     *         },
                     *         "risk_reward_ratio": 0.5,
                     *         "position_size_usd": 0.5,
                     *         "portfolios": [
                     *           {
                     *             "name": "conservative",
                     *             "size_usd": "64250.5",
                     *             "quantity": "64250.5",
                     *             "final_risk_pct": "64250.5",
                     *             "factors": {
                     *               "factors": {
                     *                 "value": "64250.5",
                     *                 "why": "17 closed trades, half Kelly"
                     *               }
                     *             },
                     *             "blocked_by": null
                     *           }
                     *         ],
                     *         "indicators": {
                     *           "rsi_14": 0.5,
                     *           "macd_signal": 0.5,
                     *           "atr_14": 0.5,
                     *           "volume_ratio": 0.5
                     *         },
                     *         "votes": [
                     *           {
                     *             "analyst": "trend",
                     *             "side": "LONG",
                     *             "confidence": 0.5,
                     *             "entry": "64250.5",
                     *             "stop": "64250.5",
                     *             "target": "64250.5",
                     *             "reason": "reason",
                     *             "abstained": false
                     *           }
                     *         ],
                     *         "timestamp": "2025-03-01T12:00:00Z",
                     *         "metadata": {
                     *           "model_version": "model_version",
                     *           "latency_ms": 1,
                     *           "snapshot": "snapshot",
                     *           "estimated": [
                     *             "spread"
                     *           ]
                     *         }
                     *       },
                     *       "decided_in": {
                     *         "cycle": "1-48213",
                     *         "slot": "slot",
                     *         "prompts": [
                     *           {
                     *             "digest": "digest",
                     *             "template": "full-1",
                     *             "analysts": [
                     *               "analysts"
                     *             ]
                     *           }
                     *         ]
                     *       },
                     *       "orders": [
                     *         {
                     *           "client_id": "qAE7MVJ3XQ2N4KD5RTYU6WZBHCP",
                     *           "signal_id": "signal_id",
                     *           "portfolio": "aggressive",
                     *           "pair": "BTC/USDT",
                     *           "action": "BUY",
                     *           "kind": "market",
                     *           "purpose": "entry",
                     *           "price": "64250.5",
                     *           "quantity": "64250.5",
                     *           "filled": "64250.5",
                     *           "state": "INTENDED",
                     *           "reason": "reason",
                     *           "at": "2025-03-01T12:00:00Z",
                     *           "changed_at": "2025-03-01T12:00:00Z",
                     *           "venue_id": "venue_id",
                     *           "sent_at": "2025-03-01T12:00:00Z",
                     *           "cancel_requested_at": "2025-03-01T12:00:00Z"
                     *         }
                     *       ],
                     *       "trades": [
                     *         {
                     *           "id": "id",
                     *           "portfolio": "portfolio",
                     *           "signal_id": "signal_id",
                     *           "source": "source",
                     *           "pair": "BTC/USDT",
                     *           "side": "LONG",
                     *           "quantity": "64250.5",
                     *           "entry": "64250.5",
                     *           "exit": "64250.5",
                     *           "opened_at": "2025-03-01T12:00:00Z",
                     *           "closed_at": "2025-03-01T12:00:00Z",
                     *           "fees": "64250.5",
                     *           "funding": "64250.5",
                     *           "leverage": "3",
                     *           "pnl": "64250.5",
                     *           "r": "64250.5",
                     *           "reason": "target"
                     *         }
                     *       ],
                     *       "shadows": [
                     *         {
                     *           "id": "id",
                     *           "analyst": "analyst",
                     *           "pair": "BTC/USDT",
                     *           "side": "LONG",
                     *           "confidence": "64250.5",
                     *           "state": "open",
                     *           "opened_at": "2025-03-01T12:00:00Z",
                     *           "closed_at": "2025-03-01T12:00:00Z",
                     *           "r": "64250.5",
                     *           "reason": "reason",
                     *           "record": "record",
                     *           "contaminated": false,
                     *           "hold_r": "64250.5"
                     *         }
                     *       ],
                     *       "lessons": [
                     *         {
                     *           "trade": "trade",
                     *           "portfolio": "portfolio",
                     *           "pair": "BTC/USDT",
                     *           "side": "LONG",
                     *           "source": "source",
                     *           "r": "64250.5",
                     *           "expected": "expected",
                     *           "happened": "happened",
                     *           "lesson": "lesson",
                     *           "by": "by",
                     *           "at": "2025-03-01T12:00:00Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["SignalDetail"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    stream_signals: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
                /** @description Resume after this event, as the header Last-Event-ID does. */
                last_event_id?: string | null;
                mode?: ("paper" | "live") | null;
                pair?: string | null;
            };
            header?: {
                /** @description Resume after this event; wins over `last_event_id`. */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The stream */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example event: hello
                     *     data: {"epoch":1,"first":"1-1","last":"1-48213","resumed":true}
                     *
                     *     id: 1-48214
                     *     event: signal
                     *     data: {"id":"6f1e2c9a-0f0b-5d3e-9a54-0a86f2f4c1d7","mode":"paper", ...}
                     *
                     *     : beat
                     */
                    "text/event-stream": string;
                };
            };
            /** @description Malformed event id */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No room for another stream */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    health_v1_status_health_get: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "ok",
                     *       "live": true,
                     *       "ready": false,
                     *       "mode": "paper",
                     *       "feed": {
                     *         "kind": "exchange",
                     *         "label": "replay of binance 5m, 2025-01-01 to 2025-09-30",
                     *         "simulated": false,
                     *         "state": "up",
                     *         "age_ms": 1,
                     *         "at": "2025-03-01T12:00:00Z"
                     *       },
                     *       "account": "account",
                     *       "version": "version",
                     *       "parts": [
                     *         {
                     *           "name": "feed",
                     *           "state": "up",
                     *           "detail": "detail",
                     *           "age_ms": 1,
                     *           "since": "2025-03-01T12:00:00Z"
                     *         }
                     *       ],
                     *       "context": [
                     *         {
                     *           "name": "coingecko",
                     *           "state": "waiting",
                     *           "age_ms": 1,
                     *           "breaker": "closed",
                     *           "failures": 1,
                     *           "fault": "timeout",
                     *           "why": "why"
                     *         }
                     *       ],
                     *       "providers": [
                     *         {
                     *           "name": "gemini",
                     *           "breaker": "closed",
                     *           "failures": 1,
                     *           "under_way": 1,
                     *           "waits_s": 0.5,
                     *           "last_latency_ms": 1,
                     *           "last_fault": "last_fault"
                     *         }
                     *       ],
                     *       "budget": {
                     *         "spent_usd": "64250.5",
                     *         "left_usd": "64250.5",
                     *         "limit_usd": "64250.5",
                     *         "spent_tokens": 1,
                     *         "left_tokens": 1,
                     *         "limit_tokens": 1
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not ready */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    live_v1_status_live_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "live": true,
                     *       "version": "version"
                     *     }
                     */
                    "application/json": components["schemas"]["Live"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    venue_v1_venue_get: {
        parameters: {
            query?: {
                /** @description Default: the account of the running desk. */
                account?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "account": "account",
                     *       "mode": "paper",
                     *       "name": "Kraken",
                     *       "network": "paper",
                     *       "market": "paper",
                     *       "state": "paper",
                     *       "words": "words",
                     *       "fault": "fault",
                     *       "heard_at": "2025-03-01T12:00:00Z",
                     *       "reconciled_at": "2025-03-01T12:00:00Z",
                     *       "told_age_ms": 1,
                     *       "stops_rest_there": false,
                     *       "orders_open": 1,
                     *       "orders_in_doubt": 1,
                     *       "balances": [
                     *         {
                     *           "asset": "BTC",
                     *           "total": "64250.5",
                     *           "held": "64250.5",
                     *           "expected": "64250.5"
                     *         }
                     *       ],
                     *       "balances_at": "2025-03-01T12:00:00Z",
                     *       "position_differences": [
                     *         {
                     *           "pair": "BTC/USDT",
                     *           "expected": "64250.5",
                     *           "found": "64250.5"
                     *         }
                     *       ],
                     *       "unprotected": [
                     *         {
                     *           "portfolio": "portfolio",
                     *           "pair": "BTC/USDT",
                     *           "side": "LONG",
                     *           "quantity": "64250.5",
                     *           "stop": "64250.5",
                     *           "unheard": false,
                     *           "since": "2025-03-01T12:00:00Z",
                     *           "reason": "no stop at the venue for 5.0 s",
                     *           "doing": "doing"
                     *         }
                     *       ],
                     *       "blocked_books": [
                     *         {
                     *           "pair": "BTC/USDT",
                     *           "reason": "stale",
                     *           "since": "2025-03-01T12:00:00Z"
                     *         }
                     *       ],
                     *       "breaks": [
                     *         {
                     *           "subject": "subject",
                     *           "expected": "64250.5",
                     *           "found": "64250.5",
                     *           "reason": "reason",
                     *           "at": "2025-03-01T12:00:00Z",
                     *           "stands": false,
                     *           "reckoned": false,
                     *           "todo": "todo"
                     *         }
                     *       ],
                     *       "external_orders": [
                     *         {
                     *           "venue_id": "venue_id",
                     *           "pair": "BTC/USDT",
                     *           "action": "BUY",
                     *           "open_quantity": "64250.5",
                     *           "price": "64250.5",
                     *           "at": "2025-03-01T12:00:00Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Venue"];
                };
            };
            /** @description Invalid parameters */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Database unreachable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
