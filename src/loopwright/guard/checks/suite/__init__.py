"""The tests of a project under change: how they fare, and whether the change makes them judge less.

`check` is the whole, `run` runs a test command and counts by its `reports`; the rest looks for one way each in which
tests are weakened.
"""
