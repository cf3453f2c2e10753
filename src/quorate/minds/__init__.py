"""Adapters to those who answer questions: the only code that knows a model vendor."""
