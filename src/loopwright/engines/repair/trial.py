"""One candidate on its way through the tests: the job sent for it, and what became of it."""

from __future__ import annotations

import os.path
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Literal

from loopwright.engines.repair.baseline import Baseline
from loopwright.engines.repair.candidates import Candidate
from loopwright.engines.repair.localise import ran_at_import
from loopwright.engines.repair.source import Source, Unit

Route = Literal["warm", "fresh"]
#: Digest of a file's path and its text with an edit made.
Content = bytes


def content(path: str, text: str) -> Content:
    """Return the digest by which an edited file is known again."""
    return blake2b(f"{path}\0{text}".encode("utf-8", "surrogatepass"), digest_size=16).digest()


@dataclass
class Trial:
    """A candidate being tried. `green` are failing tests it turned green, `killer` what speaks against it."""

    candidate: Candidate
    route: Route
    content: Content = b""
    stage: Literal["red", "green"] = "red"
    green: frozenset[int] = frozenset()
    killer: int = -1
    end: str = ""
    passed: int = 0  # passing tests it was run against
    light: bool = False  # it was tried in a worker that tried others as well
    late: bool = False  # it ran over the short time of the first pass and gets more once all others are tried
    tests: list[int] = field(default_factory=list)
    standing: float | None = None  # among the rivals whose behaviour was compared; larger is better

    @property
    def complete(self) -> bool:
        """True where it cured every failing test that executes its place, and harmed none that was run."""
        return self.killer < 0 and not self.end and self.green >= self.candidate.tests


@dataclass
class Layout:
    """Where files stand on the disk and what the import of the project executed."""

    baseline: Baseline
    sources: dict[str, Source]

    def absolute(self, path: str) -> str:
        return os.path.join(self.baseline.root, path)

    def route(self, candidate: Candidate) -> Route:
        """Warm where only the code of one function changes that was not run while importing."""
        unit = candidate.unit
        if unit is None:
            return "fresh"
        source = self.sources[candidate.edit.file]
        start = source.offset(unit.node.lineno, 0)
        if any(splice.start <= start for splice in candidate.edit.splices):
            return "fresh"
        return "fresh" if self.imported(candidate) else "warm"

    def imported(self, candidate: Candidate) -> bool:
        """True where the import of the project ran the edited function, or what stands outside functions."""
        unit = candidate.unit
        if unit is None:
            return True
        mask = self.baseline.imports.get(self.absolute(candidate.edit.file), 0)
        return bool(ran_at_import(unit, mask))

    def edit(self, candidate: Candidate) -> dict[str, Any]:
        """The edit as the driver wants it."""
        source = self.sources[candidate.edit.file]
        splices = candidate.edit.splices
        made: dict[str, Any] = {
            "file": self.absolute(candidate.edit.file),
            "splices": [list(source.bytes_at(splice)) for splice in splices],
        }
        unit = candidate.unit
        if unit is not None:
            made |= {"path": list(unit.path), "first": unit.first, "signature": in_header(source, unit, candidate)}
            if self.route(candidate) == "warm":
                made["snippet"] = source.snippet(unit, splices)
        return made


def in_header(source: Source, unit: Unit, candidate: Candidate) -> bool:
    """True where an edit touches the parameters."""
    body = source.offset(unit.node.body[0].lineno, 0)
    start = source.span(unit.node.body[0])[0] if unit.node.body[0].lineno == unit.node.lineno else body
    return any(splice.start < start for splice in candidate.edit.splices)


def job(layout: Layout, trial: Trial, number: int, *, patience: float, stop: int) -> dict[str, Any]:
    """What the driver is asked to do for the trial's present stage."""
    baseline = layout.baseline
    limits = [baseline.limit(test) if trial.late else baseline.first_limit(test) for test in trial.tests]
    longest = max(limits, default=1.0) * patience
    message: dict[str, Any] = {
        "id": number,
        "edits": [layout.edit(trial.candidate)],
        "tests": trial.tests,
        "stop": stop,
        "cpu": longest,
        "wall": longest * 2 + 1,
        "known": trial.stage == "green",
    }
    if trial.route == "fresh":
        message |= named(baseline, trial.tests)
        message["wall"] += 10
    return message


def named(baseline: Baseline, tests: Sequence[int]) -> dict[str, Any]:
    """Tests by name and file, for a worker that has not collected any."""
    files = {baseline.files[t] for t in tests if baseline.files[t]}
    return {"named": {str(t): baseline.tests[t] for t in tests}, "only": sorted(files)}
