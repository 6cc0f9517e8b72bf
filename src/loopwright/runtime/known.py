"""The baseline of a project: where it is read from, what it lets be, and how it is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from loopwright.core.checks import Verdict
from loopwright.core.errors import ToolFailure, UsageError
from loopwright.core.ports import Files
from loopwright.guard.checks.baseline import (
    PATH,
    Baseline,
    LineOf,
    make_baseline,
    read_baseline,
    without_known,
    write_baseline,
)

#: The verdicts that are left, and what a person should know.
Held = tuple[tuple[Verdict, ...], tuple[str, ...]]


def load_baseline(chosen: Path | None, files: Files, old: Mapping[str, bytes | None]) -> Baseline | None:
    """Return the chosen baseline, else the project's own as it was before the change. Raises UsageError.

    `old` is what each changed file held before: a change cannot excuse itself, so what it writes into the project's
    baseline counts from the next change on.
    """
    if chosen is not None:
        try:
            return read_baseline(chosen.read_bytes(), str(chosen))
        except OSError as error:
            raise UsageError(f"{chosen} cannot be read: {error.strerror}") from None
    if PATH in old:
        before = old[PATH]
        return None if before is None else read_baseline(before)
    try:
        return None if files.stat(PATH) is None else read_baseline(files.read(PATH))
    except ToolFailure as error:
        raise UsageError(f"{PATH} cannot be read: {error}") from None


def held_against(known: Baseline | None, found: Sequence[Verdict], files: Files, whole: bool) -> Held:
    """Return the verdicts without what is known; where everything was judged, `whole`, also what is gone."""
    if known is None:
        return tuple(found), ()
    kept, gone = without_known(found, known, _lines(files))
    note = f"{PATH}: known findings that are gone: {gone}; write it anew with `loopwright check --write-baseline`"
    return kept, (note,) if gone and whole else ()


def learn_baseline(path: Path, found: Sequence[Verdict], files: Files) -> Held:
    """Write what was found as the baseline, and return the verdicts without it. Raises UsageError."""
    line_of = _lines(files)
    baseline = make_baseline(found, line_of)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(write_baseline(baseline))
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
    kept, _ = without_known(found, baseline, line_of)
    return kept, (f"{path}: known from now on: {sum(e.count for e in baseline.findings)}",)


def _lines(files: Files) -> LineOf:
    texts: dict[str, list[str]] = {}

    def line_of(path: str, number: int) -> str:
        if path not in texts:
            try:
                texts[path] = files.read(path).decode("utf-8", "replace").splitlines()
            except ToolFailure:
                texts[path] = []
        return texts[path][number - 1] if 0 < number <= len(texts[path]) else ""

    return line_of
