"""What an engine proposes and what comes of it: calls, results, decisions."""

from __future__ import annotations

from enum import Flag, auto
from typing import Literal

from loopwright.core.fact import Fact, JsonValue


class Effect(Flag):
    """What a call can touch: declared by the tool, decided on by the policy, enforced by the sandbox."""

    NONE = 0
    READ = auto()
    WRITE = auto()
    EXECUTE = auto()
    NETWORK = auto()


class ToolSpec(Fact, frozen=True):
    """A tool as an engine sees it: `schema` is the JSON schema of its arguments."""

    name: str
    description: str
    schema: dict[str, JsonValue]


class ToolCall(Fact, frozen=True):
    """One call; `id` is the loop's own, `provider_id` what the provider called it, if one did."""

    id: str
    tool: str
    args: dict[str, JsonValue]
    provider_id: str = ""


class TodoItem(Fact, frozen=True):
    """One line of the engine's own todo list."""

    text: str
    status: Literal["pending", "in_progress", "completed"] = "pending"


class ToolResult(Fact, frozen=True):
    """The one result of a call: `text` for the engine, `data` for front ends and the analyser."""

    call: str
    ok: bool
    text: str
    data: dict[str, JsonValue] = {}
    todo: tuple[TodoItem, ...] | None = None  # the new todo list, where the call changed it


class Tokens(Fact, frozen=True):
    """Tokens and money one proposal cost. `usd` is None where the price is not known."""

    input: int = 0  # all input tokens, cached ones included
    cached: int = 0
    cache_write: int = 0
    output: int = 0  # all output tokens, reasoning included
    reasoning: int = 0
    usd: float | None = None
    estimated: bool = False  # counted by us, since the provider reported nothing


class Proposal(Fact, frozen=True):
    """What an engine wants to do next. `done` is a claim, never a fact."""

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    done: bool = False
    thinking: str = ""
    tokens: Tokens = Tokens()
    engine: str = ""
    model: str = ""
    opaque: JsonValue = None  # the engine's own form of this answer, given back to it unread
    report: dict[str, JsonValue] = {}  # how it was found (repair: suspicious lines, candidates), for people
    spent: bool = False  # the engine has nothing more to say in this session


class Decision(Fact, frozen=True):
    """What the policy says of one call before it runs; `by` names the rule, mode or check that said it."""

    verdict: Literal["allow", "ask", "deny"]
    reason: str = ""
    by: str = ""


class Approval(Fact, frozen=True):
    """A person's answer to an `ask`."""

    granted: bool
    text: str = ""
    by: str = "user"


class Delta(Fact, frozen=True):
    """A passing sign of life for front ends: never logged, may be dropped."""

    kind: Literal["text", "reasoning", "output", "progress"]
    text: str
    call: str = ""
    data: dict[str, JsonValue] = {}
