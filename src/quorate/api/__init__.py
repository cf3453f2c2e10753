"""The HTTP face: REST, live streams and the dashboard's files, for readers only. No business rules live here."""
