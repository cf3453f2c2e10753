"""Ratios against peers and floors, one command each."""
