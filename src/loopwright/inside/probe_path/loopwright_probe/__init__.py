"""Counts the tests of a run from inside its process. Python 3.8 and later, standard library only.

What it writes is a claim of the tested process, not a fact: Loopwright compares it with other sources.
"""
