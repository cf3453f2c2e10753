/** The desk's shapes under the names the page uses; all of them are generated from the API's own description. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Analysts = Schemas["AnalystRecords"];
export type Breaker = Schemas["Breaker"];
export type Candles = Schemas["Candles"];
export type Desk = Schemas["Desk"];
export type EquityPoint = Schemas["EquityPoint"];
export type FeedState = Schemas["FeedState"];
export type Health = Schemas["Health"];
export type IndicatorColumns = Schemas["IndicatorColumns"];
export type Job = Schemas["Job"];
export type Order = Schemas["Order"];
export type Part = Schemas["Part"];
export type Performance = Schemas["Performance"];
export type PerformanceReport = Schemas["PerformanceReport"];
export type Portfolio = Schemas["Portfolio"];
export type Position = Schemas["Position"];
export type Price = Schemas["Price"];
export type Prices = Schemas["Prices"];
export type Problem = Schemas["Problem"];
export type Risk = Schemas["Risk"];
export type Shadow = Schemas["Shadow"];
export type Signal = Schemas["Signal"];
export type SignalDetail = Schemas["SignalDetail"];
export type SignalPage = Schemas["SignalPage"];
export type Stake = Schemas["Stake"];
export type Tier = Signal["tier"];
export type Timeframe = Candles["timeframe"];
export type Trade = Schemas["Trade"];
export type Vote = Schemas["Vote"];
