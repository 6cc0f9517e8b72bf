"""What the checks found, as a person, a program and a code host read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from loopwright.core.checks import Finding, Verdict
from loopwright.runtime.sarif import to_sarif

#: Warnings of one check that a person is shown.
_HINTS = 10


@dataclass(frozen=True, slots=True)
class Report:
    """What the checks found; `notes` are for a person."""

    verdicts: tuple[Verdict, ...]
    notes: tuple[str, ...] = ()

    @property
    def blocked(self) -> bool:
        return any(verdict.red for verdict in self.verdicts)

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for verdict in self.verdicts for finding in verdict.findings)

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield one finding each, as `check --json` prints it."""
        for verdict, finding in self._shown():
            yield _record(verdict, finding)

    def verdict_records(self) -> list[dict[str, Any]]:
        """Return all verdicts, as the last line of `check --json` holds them."""
        return [
            {
                "check": v.check,
                "kind": v.kind,
                "name": v.name,
                "source": v.source,
                "verdict": v.verdict,
                "evidence": v.evidence,
            }
            for v in self.verdicts
        ]

    def lines(self, quiet: bool) -> Iterator[str]:
        """Yield what a person reads: findings with their places, what did not run, then a count."""
        hints: Counter[str] = Counter()
        for verdict, finding in self._shown():
            hints[verdict.check] += finding.level == "warn"
            if finding.level != "warn" or hints[verdict.check] <= _HINTS:
                place = _place(finding)
                yield f"{place}{finding.level}: {finding.reason} [{finding.source or verdict.check}]"
        for check, number in hints.items():
            if number > _HINTS:
                yield f"{number - _HINTS} more warnings of {check}: --json shows them"
        if not quiet:
            for verdict in self.verdicts:
                if verdict.kind == "scanner" and verdict.verdict == "not_run" and not verdict.red:
                    yield f"not run: {verdict.name}: {verdict.evidence} [{verdict.source or verdict.check}]"
                if verdict.verdict == "advised" and verdict.exit is not None:  # a gate that was run, and is red
                    yield f"not held: {verdict.name}: {verdict.evidence} [{verdict.source or verdict.check}]"
            yield from self.notes
            counts = {name: sum(v.verdict == name for v in self.verdicts) for name in ("passed", "failed", "partly")}
            rest = len(self.verdicts) - sum(counts.values())
            yield ", ".join(f"{n} {name}" for name, n in counts.items()) + f", {rest} not enforced"

    def sarif(self) -> str:
        return to_sarif(self.verdicts)

    def _shown(self) -> Iterator[tuple[Verdict, Finding]]:
        for verdict in self.verdicts:
            for finding in verdict.findings:
                yield verdict, finding
            if not verdict.findings and (verdict.verdict == "failed" or verdict.red):
                yield verdict, _whole(verdict)


def _place(finding: Finding) -> str:
    line = f":{finding.line}" if finding.line else ""
    file = finding.file.replace("\n", "\\n").replace("\t", "\\t")  # a name is no line of its own
    return f"{file}{line}: " if file else ""


def _whole(verdict: Verdict) -> Finding:
    return Finding(verdict.check, verdict.name, verdict.evidence or verdict.name, verdict.level, source=verdict.source)


def _record(verdict: Verdict, finding: Finding) -> dict[str, Any]:
    family = {"directive": "rule"}.get(verdict.kind, verdict.kind)
    record: dict[str, Any] = {"check": finding.check, "family": family, "name": finding.name, "level": finding.level}
    record |= {"file": finding.file, "line": finding.line, "reason": finding.reason}
    return record | ({"source": finding.source} if finding.source else {})
