"""Directives judged on the final change: one verdict for each, whether or not it can be checked."""

from __future__ import annotations

import contextlib

import anyio.to_thread

from loopwright.core.checks import Change, Finding, Verdict, VerdictName
from loopwright.core.ports import CheckContext
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules_delta import Delta
from loopwright.guard.checks.rules_judges import AT_THE_CALL, ELSEWHERE, JUDGES, WHOLE_TREE
from loopwright.guard.checks.rules_tools import ToolMissing


class RuleCheck:
    """Judges the compiled rules on the change. Old violations do not block: only what the change brings counts."""

    id = "rules"
    cost = 10

    async def run(self, change: Change, ctx: CheckContext) -> tuple[Verdict, ...]:
        rules = [r for r in ctx.directives if r.kind not in ELSEWHERE or r.status not in ("enforced", "partly")]
        async with contextlib.AsyncExitStack() as stack:
            tree = None
            if any(r.kind in WHOLE_TREE and r.status in ("enforced", "partly") for r in rules):
                view = await stack.enter_async_context(ctx.workspace.fresh(ctx.ref))
                tree = view.files
            delta = Delta(change, ctx.blobs, tree)
            held = () if ctx.requirement.tests_may_change else tuple(r for r in rules if r.kind == "test_required")
            judged = await anyio.to_thread.run_sync(judge_all, tuple(r for r in rules if r not in held), delta)
            why = "not judged: tests may not change in this session"
            return (*judged, *(_verdict(r, "advised", why, level_warns=True) if r.check else _told(r) for r in held))


def judge_all(rules: tuple[Directive, ...], delta: Delta) -> tuple[Verdict, ...]:
    """Return one verdict for each rule, in the order of the rules."""
    base = delta.base()
    return tuple(verdict_of(rule, delta, base) for rule in rules)


def verdict_of(rule: Directive, delta: Delta, base: Delta) -> Verdict:
    """Return what a directive says of the change, measured against what the base already had."""
    if rule.status in ("advised", "not_understood"):
        return _told(rule)
    judge = JUDGES.get(rule.kind)
    if judge is None:
        if rule.kind in AT_THE_CALL:
            return _verdict(rule, "passed", "held at the call: what would break it is refused before it runs")
        return _verdict(rule, "advised", f"nothing judges rules of the kind {rule.kind}", level_warns=True)
    try:
        findings = tuple(judge(rule, delta))
        old = _old(rule, findings, base)
    except (ToolMissing, ImportError) as missing:
        return _verdict(rule, "advised", f"not judged: {missing}", level_warns=True)
    new = tuple(f for f in findings if f not in old)
    if new:
        return _verdict(rule, "failed", _evidence(new), new)
    held = f"{len(delta.of(rule))} changed files judged"
    if old:
        return _verdict(rule, "partly", f"{held}; as before the change: {_evidence(old)}")
    return (
        _verdict(rule, "partly", f"{held}; {rule.why}") if rule.status == "partly" else _verdict(rule, "passed", held)
    )


def _old(rule: Directive, findings: tuple[Finding, ...], base: Delta) -> tuple[Finding, ...]:
    """Findings that the base tree, if there is one, gives as well."""
    if not findings or rule.kind not in WHOLE_TREE or not base.tree():
        return ()
    before = {f.reason for f in JUDGES[rule.kind](rule, base)}
    return tuple(f for f in findings if f.reason in before)


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


def _verdict(
    rule: Directive, verdict: VerdictName, evidence: str, findings: tuple[Finding, ...] = (), level_warns: bool = False
) -> Verdict:
    return Verdict(
        check=rule.check,
        kind="directive",
        name=rule.text[:200],
        verdict=verdict,
        source=rule.source,
        level="warn" if level_warns else rule.level,
        evidence=evidence,
        findings=findings,
    )


def _evidence(findings: tuple[Finding, ...]) -> str:
    places = [f"{f.file}:{f.line}: {f.reason}" if f.file else f.reason for f in findings[:5]]
    more = f" and {len(findings) - 5} more" if len(findings) > 5 else ""
    return "; ".join(places) + more
