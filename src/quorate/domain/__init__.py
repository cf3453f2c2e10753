"""Values and state machines of the desk, in plain standard-library Python.

Everything here is immutable data or a pure function on it, so that the same files run in the server, in a backtest
and in a browser tab.
"""
