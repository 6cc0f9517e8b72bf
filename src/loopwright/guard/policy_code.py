"""The safety checks at the call: code is judged before it is written, commands before they run."""

from __future__ import annotations

from loopwright.core.calls import Decision, Effect, ToolCall
from loopwright.core.checks import Finding
from loopwright.core.expression import expression
from loopwright.core.state import State
from loopwright.guard import policy_call as calls
from loopwright.guard.checks.safety import judge_source, language_of
from loopwright.guard.checks.safety.finding import SafetyConfig
from loopwright.guard.checks.safety.rules import configured

_FILE = expression(r"^\*\*\* (?:Add|Update) File: (.+?)\s*$")


class SafetyPolicy:
    """Denies a call whose command or code holds what blocks, asks about what is doubtful, lets warnings pass.

    A patch is judged by the lines it adds, since the file as a whole is not at hand here; the check on the final change
    judges whole files.
    """

    def __init__(self, config: SafetyConfig = SafetyConfig()) -> None:
        self._config = config

    async def decide(self, call: ToolCall, effect: Effect, state: State) -> Decision:
        config = configured(self._config, state.directives or ())
        found: list[Finding] = []
        command = calls.command_line(call)
        if command and effect & Effect.EXECUTE:
            found.extend(judge_source("the command", command, "shell", config))
        if effect & Effect.WRITE:
            for path, text in _written(call):
                found.extend(judge_source(path, text, language_of(path, text) or None, config))
        worst = next((f for level in ("block", "ask") for f in found if f.level == level), None)
        if worst is None:
            return Decision("allow")
        place = f"{worst.file}:{worst.line}: " if worst.line and not command else ""
        return Decision("deny" if worst.level == "block" else "ask", f"{place}{worst.reason}", worst.check)


def _written(call: ToolCall) -> list[tuple[str, str]]:
    """Return (path, text) of the code that a call to `write` or `edit` brings in."""
    path, patch = call.args.get("path"), call.args.get("patch")
    found = []
    for name in ("content", "new"):
        text = call.args.get(name)
        if isinstance(path, str) and isinstance(text, str):
            found.append((path, text))
    if isinstance(patch, str):
        found.extend(_added(patch))
    return found


def _added(patch: str) -> list[tuple[str, str]]:
    found: dict[str, list[str]] = {}
    at = ""
    for line in patch.splitlines():
        head = _FILE.match(line)
        if head:
            at = head[1]
        elif at and line.startswith("+"):
            found.setdefault(at, []).append(line[1:])
    return [(path, _dedented(lines)) for path, lines in found.items()]


def _dedented(lines: list[str]) -> str:
    """Lines from within a function stand at its indent; as a text of their own they begin at the margin."""
    import textwrap

    return textwrap.dedent("\n".join(lines)) + "\n"
