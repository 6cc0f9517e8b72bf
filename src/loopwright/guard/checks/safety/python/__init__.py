"""Python: its tree, and what its library's calls do."""
