"""What git says was changed lately: lines that are likelier at fault, and what stood there before.

Recently changed lines hold most faults: Nagappan and Ball, "Use of relative code churn measures to predict system
defect density" (2005). Here the suspicion of such a line grows, and what stood there before is a candidate.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from loopwright.core.expression import expression
from loopwright.core.ports import Workspace
from loopwright.core.running import Limits, run
from loopwright.engines.repair.localise import Suspicion
from loopwright.engines.repair.site import Edit
from loopwright.engines.repair.source import Source, Splice

COMMITS = 12  # looked at
LONGEST = 12  # lines of a change that is taken back as a whole
RAISED = 0.5  # what a line of the newest change gains, as a share of its suspicion
_GIT = ("git", "--no-pager", "-c", "safe.directory=*", "-c", "core.quotepath=off")
_HUNK = expression(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_LIMITS = Limits(timeout=10.0, output=4 << 20)


@dataclass(frozen=True)
class Past:
    """Lines from `first` up to `last` (exclusive) of a file as it is, and what stood there `age` commits ago."""

    path: str
    first: int
    last: int
    before: str
    age: int


async def past(workspace: Workspace, sources: dict[str, Source]) -> list[Past]:
    """Changes not yet committed and those of the last commits that can still be found in the files; [] without git."""
    paths = list(sources)
    if not paths:
        return []
    options = ("--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--unified=0")
    now = await run(workspace.executor, [*_GIT, "diff", "HEAD", *options, "--relative", "--", *paths], _LIMITS)
    log = ["log", "-p", f"-n{COMMITS}", "--format=tformat:commit:", *options, "--relative"]
    then = await run(workspace.executor, [*_GIT, *log, "--", *paths], _LIMITS)
    found: list[Past] = []
    for ran, committed in ((now, False), (then, True)):
        if ran.exit.status == 0:
            found += _read(ran.out.decode("utf-8", "replace"), sources, committed)
    return found


def _read(text: str, sources: dict[str, Source], committed: bool) -> list[Past]:
    found: list[Past] = []
    for hunk in _hunks(text, -1 if committed else 0):
        source = sources.get(hunk.path)
        if source is None or max(len(hunk.old), len(hunk.new)) > LONGEST:
            continue
        first = _find(source, hunk.new, hunk.at) if committed else hunk.at + (not hunk.new)
        if first:
            before = source.newline.join([*hunk.old, ""])
            found.append(Past(hunk.path, first, first + len(hunk.new), before, hunk.age))
    return found


@dataclass
class _Hunk:
    """One hunk of a diff: where its new lines stood, and the lines of both sides."""

    path: str
    age: int
    at: int
    old: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)


def _hunks(text: str, age: int) -> list[_Hunk]:
    found: list[_Hunk] = []
    path, open_, made = "", False, False
    for line in text.split("\n"):
        head = None if made else _HUNK.match(line)  # where a file was made, nothing that worked stood before
        if head:
            found.append(_Hunk(path, age, int(head[3])))
        elif open_ and line[:1] in "+-" and line:
            (found[-1].new if line[0] == "+" else found[-1].old).append(line[1:].rstrip("\r"))
        elif line.startswith("+++ b/"):
            path = line[6:]
        if not open_ and line.startswith("--- "):
            made = line == "--- /dev/null"
        age += line == "commit:"
        open_ = bool(head) or (open_ and not line.startswith(("diff ", "commit:")))
    return found


def _find(source: Source, lines: list[str], near: int) -> int:
    """Where the lines stand now, nearest to where they were put; 0 where they are gone or nothing is left to find."""
    if not any(line.strip() for line in lines):
        return 0
    now = [line.rstrip("\r\n") for line in source.lines]
    starts = [at for at, line in enumerate(now) if line == lines[0] and now[at : at + len(lines)] == lines]
    return min(starts, key=lambda at: abs(at + 1 - near)) + 1 if starts else 0


def raise_suspicion(spectra: Suspicion, changes: Iterable[Past]) -> None:
    """Lines changed lately become more suspicious, the newest most, where the failing tests execute them."""
    best: dict[tuple[str, int], float] = {}
    for one in changes:
        for line in range(one.first, max(one.last, one.first + 1)):
            best[one.path, line] = max(best.get((one.path, line), 0.0), RAISED / (1 + one.age))
    for (path, line), gain in best.items():
        lines = spectra.lines.get(path, {})
        if lines.get(line):
            lines[line] = min(1.0, lines[line] * (1 + gain))


def edits(source: Source, changes: Iterable[Past]) -> list[Edit]:
    """Each change of this file taken back."""
    made: list[Edit] = []
    for one in changes:
        if one.path == source.path and one.last - 1 <= len(source.lines):
            start, end = source.offset(one.first, 0), source.offset(one.last, 0)
            made.append(Edit(one.path, one.first, "history", (Splice(start, end, one.before),), 1 / (1 + one.age)))
    return made
