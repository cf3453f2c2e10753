"""The journal: appended in groups, chained by hash, projected into tables, tailed by everything that publishes."""
