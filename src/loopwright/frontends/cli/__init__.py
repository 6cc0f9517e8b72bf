"""The command line."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence

#: New objects until the youngest are searched for garbage, and how many such searches until the older ones are.
#: Python's own 700, 10 and 10 cost a sixth of a turn's CPU: a run allocates much and leaves few circles.
_GARBAGE = (10_000, 20, 50)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command named in sys.argv and exit with its status; every error is one line on standard error."""
    gc.disable()  # until a command begins that lasts: imports leave no circles
    gc.set_threshold(*_GARBAGE)
    from loopwright.frontends.cli.app import end_as_interrupted, run
    from loopwright.runtime.kept_expressions import kept_expressions

    end_as_interrupted()
    with kept_expressions():
        status = run(arguments)
    gc.freeze()  # to search all that is left for garbage, as the interpreter does before its end, takes 17 ms CPU
    sys.exit(status)
