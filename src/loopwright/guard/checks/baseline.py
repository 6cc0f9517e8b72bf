"""The baseline file: findings that were there when a project began to be checked, and that do not block.

An entry names a check, a file and the text of the line by its digest, never its number, so that lines may move; no text
of the project stands in the file, so that a secret that was found is not written a second time.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence

import msgspec

from loopwright.core.checks import Finding, Verdict
from loopwright.core.errors import UsageError
from loopwright.core.fact import Fact
from loopwright.guard.checks.rules.verdict import places

#: Where the baseline of a project is kept, relative to its root.
PATH = ".loopwright/baseline.json"
#: A larger file is none that Loopwright wrote.
LARGEST = 16 << 20

#: Returns the text of a line of a file of the tree, "" where there is none.
LineOf = Callable[[str, int], str]


class Entry(Fact, frozen=True, order=True):
    """One known finding, `count` times in the same file."""

    file: str
    check: str
    name: str
    line: str  # digest of the line's text without its indentation, of the reason where there is no line
    count: int = 1


class Baseline(Fact, frozen=True, omit_defaults=False):
    """What is known of a project."""

    version: int = 1
    findings: tuple[Entry, ...] = ()


def read_baseline(data: bytes, path: str = PATH) -> Baseline:
    """Return the baseline that a file holds. Raises UsageError in one line."""
    try:
        if len(data) > LARGEST:
            raise ValueError(f"it has more than {LARGEST >> 20} MiB")
        found = msgspec.json.decode(data, type=Baseline)
        if found.version != 1:
            raise ValueError(f"it has version {found.version}, this Loopwright knows 1")
    except (ValueError, msgspec.MsgspecError, RecursionError) as error:
        reason = " ".join(str(error).split())[:160]
        raise UsageError(f"{path} is not a baseline ({reason}): write one with --write-baseline") from None
    return found


def make_baseline(verdicts: Sequence[Verdict], line_of: LineOf) -> Baseline:
    """Return the baseline that knows every finding of the verdicts."""
    counts = Counter(_entry(finding, line_of) for verdict in verdicts for finding in verdict.findings)
    return Baseline(findings=tuple(sorted(msgspec.structs.replace(e, count=n) for e, n in counts.items())))


def write_baseline(baseline: Baseline) -> bytes:
    """Return the file's bytes: one entry a line, sorted, so that a review sees what was added."""
    entries = (msgspec.to_builtins(e) | {"count": e.count} for e in baseline.findings)
    lines = ",\n".join(f"  {msgspec.json.encode(entry).decode()}" for entry in entries)
    return f'{{"version": {baseline.version}, "findings": [\n{lines}\n]}}\n'.encode()


def without_known(verdicts: Sequence[Verdict], baseline: Baseline, line_of: LineOf) -> tuple[tuple[Verdict, ...], int]:
    """Return the verdicts without the known findings, and how many entries were not met: mended, or changed.

    A verdict that failed by known findings alone is held in part, and its evidence says so.
    """
    left = Counter({msgspec.structs.replace(e, count=1): e.count for e in baseline.findings})
    kept = tuple(_without(verdict, left, line_of) for verdict in verdicts)
    return kept, sum(left.values())


def _without(verdict: Verdict, left: Counter[Entry], line_of: LineOf) -> Verdict:
    new: list[Finding] = []
    for finding in verdict.findings:
        entry = _entry(finding, line_of)
        if left[entry] > 0:
            left[entry] -= 1
        else:
            new.append(finding)
    known = len(verdict.findings) - len(new)
    if not known:
        return verdict
    said = f"{known} known from the baseline"
    blocks = any(f.level == "block" for f in new)
    held = verdict.verdict == "failed" and not (blocks if verdict.level == "block" else new)
    return msgspec.structs.replace(
        verdict,
        verdict="partly" if held else verdict.verdict,
        findings=tuple(new),
        evidence=f"{places(tuple(new))} ({said})" if new else said,
    )


def _entry(finding: Finding, line_of: LineOf) -> Entry:
    text = line_of(finding.file, finding.line).strip() if finding.line else ""
    digest = hashlib.sha256((text or finding.reason).encode("utf-8", "surrogatepass")).hexdigest()
    return Entry(finding.file, finding.check, finding.name, digest[:16])
