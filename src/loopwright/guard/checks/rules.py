"""Directives judged on the final change: one verdict for each, whether or not it can be checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from loopwright.core.checks import Change, Finding, Verdict, VerdictName
from loopwright.core.ports import CheckContext
from loopwright.core.rules import Directive
from loopwright.guard.checks import rules_paths
from loopwright.guard.checks.rules_delta import Delta

Judge = Callable[[Directive, Delta], Iterable[Finding]]

#: What judges a kind on the change.
JUDGES: dict[str, Judge] = {
    "path_protected": rules_paths.path_protected,
}
#: Kinds that are held when a call is dispatched: on the final change nothing of them can be seen.
AT_THE_CALL = frozenset({"forbid_command", "package_manager"})
#: Kinds that other checks run and report.
ELSEWHERE = frozenset({"command"})


class RuleCheck:
    """Judges the compiled rules on the change. Old violations do not block: only what the change brings counts."""

    id = "rules"
    cost = 10

    async def run(self, change: Change, ctx: CheckContext) -> tuple[Verdict, ...]:
        delta = Delta(change, ctx.blobs)
        return tuple(
            verdict_of(rule, delta)
            for rule in ctx.directives
            if rule.kind not in ELSEWHERE or rule.status not in ("enforced", "partly")
        )


def verdict_of(rule: Directive, delta: Delta) -> Verdict:
    """Return what a directive says of the change."""
    if rule.status in ("advised", "not_understood"):
        return _told(rule)
    judge = JUDGES.get(rule.kind)
    if judge is None:
        held = rule.kind in AT_THE_CALL
        evidence = "held at the call: no call broke it" if held else "no check of this kind ran"
        return _verdict(rule, "passed" if held else "advised", evidence)
    findings = tuple(judge(rule, delta))
    if findings:
        return _verdict(rule, "failed", _evidence(findings), findings)
    good = f"{len(delta.of(rule))} changed files judged"
    return _verdict(
        rule,
        "partly" if rule.status == "partly" else "passed",
        f"{good}; {rule.why}" if rule.status == "partly" else good,
    )


def _told(rule: Directive) -> Verdict:
    name: VerdictName = "advised" if rule.status == "advised" else "not_understood"
    return Verdict(
        check=rule.check or f"{rule.kind}-{rule.digest[:8]}",
        kind="directive",
        name=rule.text[:200],
        verdict=name,
        source=rule.source,
        level="warn",
        evidence=rule.why,
    )


def _verdict(rule: Directive, verdict: VerdictName, evidence: str, findings: tuple[Finding, ...] = ()) -> Verdict:
    return Verdict(
        check=rule.check,
        kind="directive",
        name=rule.text[:200],
        verdict=verdict,
        source=rule.source,
        level=rule.level,
        evidence=evidence,
        findings=findings,
    )


def _evidence(findings: tuple[Finding, ...]) -> str:
    places = [f"{f.file}:{f.line}: {f.reason}" if f.file else f.reason for f in findings[:5]]
    more = f" and {len(findings) - 5} more" if len(findings) > 5 else ""
    return "; ".join(places) + more
