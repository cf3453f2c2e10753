"""Quorate: a self-hosted AI trading desk for crypto."""

__version__ = "0.1.0"
