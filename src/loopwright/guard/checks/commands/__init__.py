"""Acceptance commands and gates: which there are, and what became of them."""
