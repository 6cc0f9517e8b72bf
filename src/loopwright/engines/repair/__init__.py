"""The embedded repair engine: localise, mutate, rank, search."""
