"""Everything a run of the loop needs, made of fakes: for tests of the loop and of plugins within it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from loopwright.core import events as e
from loopwright.core.budget import Budget
from loopwright.core.calls import Approval, Decision, Delta, Effect, Proposal, ToolCall, ToolResult
from loopwright.core.checks import Change, Verdict
from loopwright.core.errors import ToolFailure
from loopwright.core.fact import JsonValue
from loopwright.core.knowledge import Diagnosis, Lesson
from loopwright.core.plan import Requirement
from loopwright.core.ports import CheckContext, EngineContext, Files, ToolContext
from loopwright.core.running import Ran, run
from loopwright.core.state import State, View


class Answers:
    """An engine that gives the prepared proposals in turn; a callable is given the View; an error is raised."""

    name = "answers"

    def __init__(self, *answers: Proposal | Exception | Callable[[View], Proposal]) -> None:
        self._answers = list(answers)
        self.views: list[View] = []
        self._raised = 0

    async def propose(self, view: View, ctx: EngineContext) -> Proposal:
        self.views.append(view)
        place = view.turn - 1 + self._raised
        if place >= len(self._answers):
            return Proposal(spent=True)
        answer = self._answers[place]
        if isinstance(answer, Exception):
            self._raised += 1
            raise answer
        return answer if isinstance(answer, Proposal) else answer(view)

    async def aclose(self) -> None:
        """Nothing is held open."""


def call(tool: str, **args: JsonValue) -> Proposal:
    """Return a proposal of one call."""
    return Proposal(calls=(ToolCall("", tool, args),))


class PutArgs(msgspec.Struct, forbid_unknown_fields=True):
    path: str
    text: str


class Put:
    """A WRITE tool: puts text into a file of the view."""

    name, description, effect, args = "put", "put text into a file", Effect.WRITE, PutArgs

    async def run(self, args: PutArgs, ctx: ToolContext) -> ToolResult:
        ctx.workspace.files.write(args.path, args.text.encode())
        return ToolResult(ctx.call, True, f"wrote {args.path}")


class GetArgs(msgspec.Struct, forbid_unknown_fields=True):
    path: str


class Get:
    """A READ tool: gives a file's text."""

    name, description, effect, args = "get", "read a file", Effect.READ, GetArgs

    async def run(self, args: GetArgs, ctx: ToolContext) -> ToolResult:
        return ToolResult(ctx.call, True, ctx.workspace.files.read(args.path).decode())


class ShArgs(msgspec.Struct, forbid_unknown_fields=True):
    command: str


class Sh:
    """An EXECUTE tool: runs a command in the view."""

    name, description, effect, args = "sh", "run a command", Effect.EXECUTE, ShArgs

    async def run(self, args: ShArgs, ctx: ToolContext) -> ToolResult:
        ran = await run(ctx.workspace.executor, ["sh", "-c", args.command])
        return ToolResult(ctx.call, ran.ok, ran.text(), {"exit": ran.exit.status})


class FileSays:
    """A check that passes where a file of the view holds exactly the given text."""

    id, cost = "file", 1

    def __init__(self, path: str, text: str) -> None:
        self._path, self._text = path, text.encode()

    async def run(self, change: Change, ctx: CheckContext) -> tuple[Verdict, ...]:
        async with ctx.workspace.fresh(ctx.ref) as view:
            try:
                found = view.files.read(self._path)
            except ToolFailure:
                found = b""
        ok = found == self._text
        return (Verdict("file", "command", f"test {self._path}", "passed" if ok else "failed", exit=0 if ok else 1),)


class AllowAll:
    """A policy that allows everything, but for the tools it is told to deny or to ask about."""

    def __init__(self, deny: Sequence[str] = (), ask: Sequence[str] = ()) -> None:
        self._deny, self._ask = deny, ask

    async def decide(self, call: ToolCall, effect: Effect, state: State) -> Decision:
        if call.tool in self._deny:
            return Decision("deny", f"{call.tool} is not for you", "AGENTS.md:3")
        return Decision("ask" if call.tool in self._ask else "allow", f"may {call.tool} run?")


class Person:
    """An approver that gives the prepared answer; None = nobody is there."""

    def __init__(self, answer: Approval | None = None) -> None:
        self._answer = answer

    async def approve(self, call: ToolCall, decision: Decision) -> Approval | None:
        return self._answer


class NoRules:
    """A Directives port for a project without instructions."""

    def load(self, root: str, files: Files | None) -> e.DirectivesLoaded:
        return e.DirectivesLoaded((), ())


class ExitAnalyser:
    """An Analyser whose fingerprint is the command and its exit status."""

    def diagnose(self, ran: Ran, call: str = "") -> Diagnosis | None:
        print_ = f"{' '.join(ran.argv)}={ran.exit.status}"
        return Diagnosis("runtime", ran.text()[:80], print_, call=call)


@dataclass
class Remembered:
    """A Recall port over a list."""

    lessons: list[Lesson] = field(default_factory=list)

    async def recall(self, about: Diagnosis | Requirement) -> tuple[Lesson, ...]:
        return tuple(self.lessons)

    async def keep(self, lesson: Lesson) -> None:
        self.lessons.append(lesson)


class Seconds:
    """A clock that moves by `step` each time it is read."""

    def __init__(self, step: float = 0.0) -> None:
        self._ticks = itertools.count()
        self._step = step

    def __call__(self) -> float:
        return next(self._ticks) * self._step


def ignore(delta: Delta) -> None:
    """An emit that nobody listens to."""


#: A budget that ends a test which would otherwise go on for ever.
SMALL = Budget(turns=30)

TOOLS: dict[str, Any] = {tool.name: tool for tool in (Put(), Get(), Sh())}
