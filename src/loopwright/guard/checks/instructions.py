"""Files that hold rules for agents change only with a person's consent, whichever way they were written."""

from __future__ import annotations

from loopwright.core.checks import Change, Finding, Verdict
from loopwright.core.ports import CheckContext
from loopwright.guard.directives.discovery import is_instruction


class InstructionCheck:
    """Finds changed instruction files: a script can write what no call was asked about."""

    id = "instructions"
    cost = 1

    async def run(self, change: Change, ctx: CheckContext) -> tuple[Verdict, ...]:
        """One verdict where such a file was changed, else none."""
        touched = [path for path in change.paths if change.base and is_instruction(path)]
        if not touched:
            return ()
        may = ctx.requirement.instructions_may_change
        found = tuple(
            Finding(self.id, self.id, f"{path} holds rules for agents and was changed without consent", file=path)
            for path in touched
            if path not in may and "*" not in may
        )
        verdict = Verdict(
            check=self.id,
            kind="safety",
            name="the rules themselves",
            verdict="failed" if found else "passed",
            evidence="; ".join(f.reason for f in found) or f"changed with a person's consent: {', '.join(touched)}",
            findings=found,
        )
        return (verdict,)
