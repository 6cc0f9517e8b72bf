"""Reads the reports of other scanners that `check --results` names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from loopwright.core.errors import UsageError
from loopwright.core.ports import Check


def read_results(paths: Sequence[Path], root: Path) -> tuple[Check, ...]:
    """Return the check that judges these SARIF files, () for none. Raises UsageError."""
    if not paths:
        return ()
    from loopwright.guard.checks.scanners.results import ResultsCheck
    from loopwright.guard.checks.scanners.results_sarif import LARGEST, ToolRun, read_sarif

    runs: list[ToolRun] = []
    for path in paths:
        try:
            if not path.is_file():
                raise UsageError(f"{path} is not a file: --results takes a SARIF file")
            with path.open("rb") as file:
                data = file.read(LARGEST + 1)
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}") from None
        runs += read_sarif(data, path.name, str(root))
    return (ResultsCheck(runs),)
