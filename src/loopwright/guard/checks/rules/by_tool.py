"""Which rules a tool judges that needs more than the changed files, and which function asks it."""

from __future__ import annotations

from loopwright.core.checks import Verdict
from loopwright.core.ports import CheckContext, Workspace
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules.delta import Delta
from loopwright.guard.checks.rules.eslint import linted
from loopwright.guard.checks.rules.formats import FORMATTERS, formatted
from loopwright.guard.checks.rules.layered import has_chains, layered


def by_tool(rule: Directive, delta: Delta) -> bool:
    """True for a rule that a tool judges as well which needs the whole tree, or runs in the sandbox."""
    if rule.status not in ("enforced", "partly"):
        return False
    if rule.kind == "layer":
        return has_chains(rule, delta)
    tool = str(rule.params.get("tool", ""))
    return (rule.kind == "formatter" and tool in FORMATTERS) or (rule.kind == "lint_rule" and tool == "eslint")


async def judge_by_tool(rule: Directive, delta: Delta, view: Workspace, ctx: CheckContext) -> Verdict:
    """Return the tool's verdict; where it is not there, what holds without it, and the reason. Raises SandboxError."""
    judge = {"formatter": formatted, "layer": layered}.get(rule.kind, linted)
    return await judge(rule, delta, view, ctx)
