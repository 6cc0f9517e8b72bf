"""Counts the tests of a run from inside its process. Python 3.8 and later, standard library only.

What it writes is a claim of the tested process, not a fact: Loopwright compares it with other sources.

The modules are compiled under a name that is no file, so that a coverage report of the tests does not list them.
"""

from pathlib import Path  # pragma: no cover

_LOADING = Path(__file__).with_name("loading.py").read_text(encoding="utf-8")  # pragma: no cover
exec(compile(_LOADING, "<loopwright_probe.loading>", "exec"))  # pragma: no cover # noqa: S102 - our own file
