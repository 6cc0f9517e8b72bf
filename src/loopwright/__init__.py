"""Loopwright: a coding agent loop whose "done" is proven."""

__version__ = "0.1.0"
