"""Directives judged on the final change: one verdict for each, whether or not it can be checked."""

from __future__ import annotations

import contextlib

import anyio.to_thread

from loopwright.core.checks import Change, Finding, Verdict
from loopwright.core.ports import CheckContext
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules.by_tool import by_tool, judge_by_tool
from loopwright.guard.checks.rules.delta import Delta
from loopwright.guard.checks.rules.judges import ABOUT_CHANGES, AT_THE_CALL, ELSEWHERE, JUDGES, WHOLE_TREE
from loopwright.guard.checks.rules.probed import probe_of
from loopwright.guard.checks.rules.tools import ToolMissing
from loopwright.guard.checks.rules.verdict import advised, places, told, verdict_on


class RuleCheck:
    """Judges the compiled rules on the change. Old violations do not block: only what the change brings counts."""

    id = "rules"
    cost = 10

    async def run(self, change: Change, ctx: CheckContext) -> tuple[Verdict, ...]:
        rules = [r for r in ctx.directives if not _elsewhere(r)]
        async with contextlib.AsyncExitStack() as stack:
            view = None
            bare = Delta(change, ctx.blobs)
            if any(_needs_tree(r, bare) for r in rules):
                view = await stack.enter_async_context(ctx.workspace.fresh(ctx.ref))
            delta = Delta(change, ctx.blobs, view.files if view else None)
            may = ctx.requirement.tests_may_change
            tools = {
                n: await judge_by_tool(r, delta, view, ctx) for n, r in enumerate(rules) if view and by_tool(r, delta)
            }
            left = {n for n, r in enumerate(rules) if _leave(r, may, whole=not change.base)} - set(tools)
            plain = [n for n in range(len(rules)) if n not in tools and n not in left]
            found = await anyio.to_thread.run_sync(judge_all, tuple(rules[n] for n in plain), delta)
            by_number = tools | dict(zip(plain, found, strict=True))
            return tuple(by_number.get(n) or _let_be(rule, whole=not change.base) for n, rule in enumerate(rules))


def _elsewhere(rule: Directive) -> bool:
    """True for a rule that another check reports."""
    return bool(probe_of(rule)) or (rule.kind in ELSEWHERE and rule.status in ("enforced", "partly"))


def _needs_tree(rule: Directive, delta: Delta) -> bool:
    return rule.status in ("enforced", "partly") and (rule.kind in (*WHOLE_TREE, "formatter") or by_tool(rule, delta))


def _leave(rule: Directive, tests_may_change: bool, whole: bool) -> bool:
    """True for a rule that this change, or a whole tree without one, gives no occasion to judge."""
    return (rule.kind == "test_required" and not tests_may_change) or (whole and rule.kind in ABOUT_CHANGES)


def _let_be(rule: Directive, whole: bool) -> Verdict:
    if not rule.check:
        return told(rule)
    return advised(rule, "it judges changes: name one with --base" if whole else "tests may not change in this session")


def judge_all(rules: tuple[Directive, ...], delta: Delta) -> tuple[Verdict, ...]:
    """Return one verdict for each rule, in the order of the rules."""
    base = delta.base()
    return tuple(verdict_of(rule, delta, base) for rule in rules)


def verdict_of(rule: Directive, delta: Delta, base: Delta) -> Verdict:
    """Return what a directive says of the change, measured against what the base already had."""
    if rule.status in ("advised", "not_understood"):
        return told(rule)
    judge = JUDGES.get(rule.kind)
    if judge is None:
        if rule.kind in AT_THE_CALL:
            return verdict_on(rule, "passed", "held at the call: what would break it is refused before it runs")
        return advised(rule, f"nothing judges rules of the kind {rule.kind}")
    try:
        findings = tuple(judge(rule, delta))
        old = _old(rule, findings, base)
    except (ToolMissing, ImportError) as missing:
        return advised(rule, f"not judged: {missing}")
    new = tuple(f for f in findings if f not in old)
    if new:
        return verdict_on(rule, "failed", places(new), new)
    held = f"changed files judged: {len(delta.of(rule))}"
    if old:
        return verdict_on(rule, "partly", f"{held}; as before the change: {places(old)}")
    return (
        verdict_on(rule, "partly", f"{held}; {rule.why}")
        if rule.status == "partly"
        else verdict_on(rule, "passed", held)
    )


def _old(rule: Directive, findings: tuple[Finding, ...], base: Delta) -> tuple[Finding, ...]:
    """Findings that the base tree, if there is one, gives as well."""
    if not findings or rule.kind not in WHOLE_TREE or not base.tree():
        return ()
    before = {f.reason for f in JUDGES[rule.kind](rule, base)}
    return tuple(f for f in findings if f.reason in before)
