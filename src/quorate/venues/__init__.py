"""Adapters to where orders are executed; the only code that knows an exchange."""
