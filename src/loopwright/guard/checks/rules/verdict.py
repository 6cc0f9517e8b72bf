"""What a rule's verdict is made of: the rule's own words and place, and the evidence."""

from __future__ import annotations

from collections.abc import Iterable

from loopwright.core.checks import Finding, Verdict, VerdictName
from loopwright.core.rules import Directive, Level


def verdict_on(
    rule: Directive,
    verdict: VerdictName,
    evidence: str,
    findings: tuple[Finding, ...] = (),
    level: Level | None = None,
) -> Verdict:
    """Return the verdict on one rule; `level` is the rule's own where it is None."""
    return Verdict(
        check=rule.check or f"{rule.kind}-{rule.digest[:8]}",
        kind="directive",
        name=rule.text[:200],
        verdict=verdict,
        source=rule.source,
        level=level or rule.level,
        evidence=evidence,
        findings=findings,
    )


def told(rule: Directive) -> Verdict:
    """Return the verdict on a rule that nothing checks."""
    return verdict_on(rule, "advised" if rule.status == "advised" else "not_understood", rule.why, level="warn")


def advised(rule: Directive, why: str) -> Verdict:
    """Return the verdict on a rule that could not be judged this time."""
    return verdict_on(rule, "advised", why, level="warn")


def judged(rule: Directive, found: Iterable[Finding], how: str, unread: Iterable[str] = ()) -> Verdict:
    """Return failed with the places, partly where something was not judged or is never judged whole, else passed."""
    found, unread = tuple(found), tuple(unread)
    if found:
        return verdict_on(rule, "failed", f"{how}: {places(found)}", found)
    if unread:
        return verdict_on(rule, "partly", f"{how}; not judged: {'; '.join(unread[:3])}")
    return verdict_on(rule, "partly" if rule.status == "partly" else "passed", how)


def places(findings: tuple[Finding, ...]) -> str:
    """Return the places and reasons of the first findings."""
    at = [f"{f.file}:{f.line}: " if f.line else f"{f.file}: " if f.file else "" for f in findings[:5]]
    named = [f"{place}{f.reason}" for place, f in zip(at, findings, strict=False)]
    more = f" and {len(findings) - 5} more" if len(findings) > 5 else ""
    return "; ".join(named) + more
