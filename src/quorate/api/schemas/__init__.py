"""Every JSON shape the API speaks, one pydantic model each: OpenAPI and the page's types are made from these.

Conventions: times are ISO 8601 in UTC with `Z`; prices, quantities and money are exact decimal strings; ratios and
statistics are JSON numbers; names ending in `_pct` are percent (3.5 means 3.5 %), except `final_risk_pct`, which is the
share 0 to 1 that the sizing chain computes.
"""
