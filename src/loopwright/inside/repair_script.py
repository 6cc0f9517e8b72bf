"""A plain test script: one test, which passes where the script ends with status 0."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import process_time  # kept: tests may patch the module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loopwright.inside.repair_pytest import Result, failure
else:
    from repair_pytest import Result, failure


class ScriptSuite:
    """The script as the only test of its suite."""

    def __init__(self, path: str, args: list[str], module: bool) -> None:
        self._path, self._args, self._module = path, args, module
        self.ids = [path]
        self.broken: set[int] = set()
        self.files = ["" if module else str(Path(path).resolve())]

    def place(self, test: str) -> int | None:
        return 0 if test == self._path else None

    def run(self, order: list[int], before: Callable[[int], None], terse: bool = False) -> Iterator[Result]:
        """Run the script once for each entry of order."""
        for index in order:
            before(index)
            start = process_time()
            outcome, found = "p", {}
            sys.argv = [self._path, *self._args]
            try:
                if self._module:
                    runpy.run_module(self._path, run_name="__main__", alter_sys=True)
                else:
                    runpy.run_path(self._path, run_name="__main__")
            except SystemExit as end:
                if end.code not in (None, 0):
                    outcome, found = "f", failure(type(end), end, end.__traceback__)
            except BaseException as error:
                outcome, found = "f", failure(type(error), error, error.__traceback__)
            yield index, outcome, process_time() - start, found
