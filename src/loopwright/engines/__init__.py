"""Engines: each turns a View into a Proposal, none is special."""
