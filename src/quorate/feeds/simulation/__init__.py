"""A synthetic market that is a pure function of its seed and the time: any part of it can be looked at in any order.

Days are a chain from a fixed origin (climate), hours bridge each day, minutes bridge each hour. Every level keeps the
opens, closes, extremes and volumes of the level above, so that an hourly candle is exactly its sixty minutes.
"""
