"""How a run ended, in a line, and what can be done next."""

from __future__ import annotations

from loopwright.core.checks import Outcome

_BADGE: dict[Outcome, str] = {
    "solved": "[bold green]PROVEN[/]",
    "answered": "[bold green]ANSWERED[/], nothing was changed",
    "unsolved": "[bold red]UNSOLVED[/]",
    "unproven": "[bold yellow]UNPROVEN[/]",
    "waiting": "[bold yellow]WAITING[/] for your answer",
    "refused": "[bold red]REFUSED[/], the sandbox could not be used",
    "interrupted": "[bold yellow]INTERRUPTED[/]",
}
_HINTS: dict[Outcome, tuple[str, ...]] = {
    "solved": ("look: loopwright diff", "take it: loopwright apply"),
    "unsolved": ("look: loopwright diff", "go on: loopwright resume"),
    "unproven": ("look: loopwright diff", "take it: loopwright apply"),
    "interrupted": ("go on: loopwright resume",),
}


def badge(outcome: Outcome, landed: bool) -> str:
    """Return the outcome for a person; `landed` = something of the request stands in their files."""
    said = _BADGE[outcome]
    if outcome in ("answered", "waiting", "refused"):
        return said
    if outcome == "solved":
        return said if landed else f"{said}, your files are as they were"
    return f"{said}, what was changed so far is in your files" if landed else f"{said}, your files are as they were"


def hint(outcome: Outcome, session: str, landed: bool) -> str:
    """Return the commands that fit now, "" where there is nothing to do."""
    if outcome == "waiting":
        return f"answer: loopwright resume {session} 'ANSWER'"
    steps = list(_HINTS.get(outcome, ()))
    if landed and outcome in ("solved", "unproven"):
        steps.clear()
    if landed:
        steps.append("undo it: loopwright undo")
    return "   ".join(f"{step} {session}" for step in steps)
