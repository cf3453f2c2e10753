"""The command line: one verb is one function. It reads options, calls wiring, and shows what comes back."""
