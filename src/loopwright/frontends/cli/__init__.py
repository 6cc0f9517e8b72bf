"""The command line."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command named in sys.argv and exit with its status; every error is one line on standard error."""
    from loopwright.frontends.cli.app import run

    sys.exit(run(arguments))
