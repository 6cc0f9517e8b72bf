"""The scripted engine: proposals read from a JSON Lines file, the public way to drive any flow without a model."""

from __future__ import annotations

from pathlib import Path

import msgspec

from loopwright.core.calls import Delta, Proposal, Tokens, ToolCall
from loopwright.core.errors import UsageError
from loopwright.core.fact import Fact, JsonValue
from loopwright.core.ports import EngineContext
from loopwright.core.state import Acted, Observed, Said, View

NAME = "scripted"


class When(Fact, frozen=True):
    """What must hold of a View for a line to answer it; a field that is not given always holds."""

    task: str | None = None
    role: str | None = None
    turn: int | None = None
    last_failed: bool | None = None
    contains: str | None = None

    def fits(self, view: View, told: str) -> bool:
        """True where the View is one this line was written for; `told` is what the engine was last told."""
        return (
            self.task in (None, view.task.id)
            and self.role in (None, view.role)
            and self.turn in (None, view.turn)
            and self.last_failed in (None, view.last_failed)
            and (self.contains is None or self.contains in told)
        )


class ScriptedCall(Fact, frozen=True):
    """One call of a line; the loop gives it its id."""

    tool: str
    args: dict[str, JsonValue] = {}


class Line(Fact, frozen=True):
    """One line of a script: a proposal, and when to make it."""

    when: When = When()
    text: str = ""
    calls: tuple[ScriptedCall, ...] = ()
    done: bool = False
    repeat: bool = False


class ScriptedEngine:
    """Answers with the first line that fits the View and is not used up; spent when there is none.

    It keeps no state: which lines are used up is read back from its own proposals in the View, so a session that is
    resumed, forked or rewound goes on at the right line.
    """

    name = NAME

    def __init__(self, lines: tuple[Line, ...]) -> None:
        self._lines = lines

    async def propose(self, view: View, ctx: EngineContext) -> Proposal:
        """Return the next line as a proposal; never raises."""
        used, told = _used(view), _told(view)
        for number, line in enumerate(self._lines):
            if number not in used and line.when.fits(view, told):
                if line.text:
                    ctx.emit(Delta("text", line.text))
                return _proposal(line, used if line.repeat else used | {number}, view)
        return _answer(Proposal(spent=True), used, view)

    async def aclose(self) -> None:
        """Nothing is held open."""


def load(path: str | Path) -> ScriptedEngine:
    """Return the engine for a script file. Raises UsageError naming file and line of what cannot be read."""
    if not path:
        raise UsageError("the scripted engine needs a file: --engine scripted:FILE")
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"cannot read the script {path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"cannot read the script {path}: not UTF-8 at byte {error.start}") from None
    numbered = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
    return ScriptedEngine(tuple(_line(path, n, line) for n, line in numbered))


def _line(path: str | Path, number: int, text: str) -> Line:
    try:
        line = msgspec.json.decode(text, type=Line)
    except (msgspec.MsgspecError, UnicodeEncodeError) as error:
        raise UsageError(f"{path}:{number}: not a script line: {error}") from None
    if line == Line(when=line.when, repeat=line.repeat):
        raise UsageError(f"{path}:{number}: this line proposes nothing: give it text, calls or done")
    if line.repeat and line.when == When():
        raise UsageError(f"{path}:{number}: a line that repeats needs a `when`, or the script never ends")
    return line


def _proposal(line: Line, used: frozenset[int], view: View) -> Proposal:
    calls = tuple(ToolCall(id="", tool=call.tool, args=call.args) for call in line.calls)
    return _answer(Proposal(text=line.text, calls=calls, done=line.done), used, view)


def _answer(proposal: Proposal, used: frozenset[int], view: View) -> Proposal:
    memo: JsonValue = {"used": _ranges(used), "task": view.task.id}
    return msgspec.structs.replace(proposal, engine=NAME, opaque=memo, tokens=Tokens(usd=0.0))


def _last(view: View) -> tuple[int, dict[str, JsonValue]]:
    """Where this engine last spoke in the View (-1: nowhere) and what it noted then."""
    for at in range(len(view.items) - 1, -1, -1):
        item = view.items[at]
        if isinstance(item, Acted) and item.proposal.engine == NAME and isinstance(item.proposal.opaque, dict):
            return at, item.proposal.opaque
    return -1, {}


def _used(view: View) -> frozenset[int]:
    """Lines used up so far. Each proposal carries the whole set, so compaction of older ones loses nothing."""
    ranges = str(_last(view)[1].get("used", ""))
    pairs = [part.partition("-") for part in ranges.split(",") if part]
    return frozenset(n for first, _, last in pairs for n in range(int(first), int(last or first) + 1))


def _ranges(numbers: frozenset[int]) -> str:
    """Return a set of numbers as '0-4,7': short for a script that runs in order."""
    ranges: list[list[int]] = []
    for number in sorted(numbers):
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in ranges)


def _told(view: View) -> str:
    """Everything put before the engine since it last spoke: prompt, notices, results, a new task, a diagnosis."""
    at, memo = _last(view)
    told = [] if memo.get("task") == view.task.id else [view.task.goal]
    for item in view.items[at + 1 :]:
        if isinstance(item, Said):
            told.append(item.text)
        elif isinstance(item, Observed):
            told.append(item.result.text)
    if view.last_failed and view.diagnosis:
        told.append(view.diagnosis.message)
    return "\n".join(told)
