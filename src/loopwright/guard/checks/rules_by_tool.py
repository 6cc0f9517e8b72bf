"""Which rules a tool of the project judges, and which function asks it."""

from __future__ import annotations

from loopwright.core.checks import Verdict
from loopwright.core.ports import CheckContext, Workspace
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules_delta import Delta
from loopwright.guard.checks.rules_eslint import linted
from loopwright.guard.checks.rules_formats import FORMATTERS, formatted


def by_tool(rule: Directive) -> bool:
    """True for a rule that a tool of the project judges, in the sandbox."""
    if rule.status not in ("enforced", "partly"):
        return False
    tool = str(rule.params.get("tool", ""))
    return (rule.kind == "formatter" and tool in FORMATTERS) or (rule.kind == "lint_rule" and tool == "eslint")


async def judge_by_tool(rule: Directive, delta: Delta, view: Workspace, ctx: CheckContext) -> Verdict:
    """Return the tool's verdict; `advised`, with the reason, where the tool is not there. Raises SandboxError."""
    judge = formatted if rule.kind == "formatter" else linted
    return await judge(rule, delta, view, ctx)
