"""The View as the provider's messages: converted once, appended to, never changed in place.

Rebuilding from a View gives the same messages as following it turn by turn: what was said beside the conversation
is kept with each proposal, so the provider's prompt cache holds over a resume as well.
"""

from __future__ import annotations

import msgspec
from pydantic_ai.messages import (
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelRequest,
    ModelRequestPart,
    ModelResponse,
    SystemPromptPart,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)

from loopwright.core.calls import Proposal, ToolCall, ToolResult
from loopwright.core.fact import JsonValue
from loopwright.core.state import Acted, Item, Observed, Said, View
from loopwright.engines.llm.brief import STANDING, sections
from loopwright.engines.llm.call_ids import Fit

NAME = "llm"
#: Characters of another engine's report that are shown.
REPORT_SHOWN = 6000
#: Fields of a stored response that say nothing to the provider, or are ours to know better.
DROPPED = ("usage", "timestamp", "provider_url", "failed_attempts")


class Group(msgspec.Struct, frozen=True):
    """One request's worth of news: how many items it took up, and the sections said with them."""

    items: int
    said: dict[str, str] = {}


class Memo(msgspec.Struct, frozen=True):
    """What this engine keeps with its proposal: the provider's own answer, and what it was told before it."""

    response: dict[str, JsonValue]
    told: tuple[Group, ...] = ()


class Conversation:
    """The messages of one session. `follow` brings them up to a View."""

    messages: list[ModelMessage]
    _seen: int  # items of the View taken in
    _edges: tuple[Item, ...]  # the first and the last of them, to notice another View
    _waiting: list[Item]  # taken in, in no message yet
    _groups: list[Group]  # said since the last answer
    _known: dict[str, str]  # sections as last said
    _head: dict[str, str]  # sections said at the very beginning, kept with no proposal
    _owed: tuple[ToolCall, ...]  # calls of the last answer, to be answered in order

    def __init__(self, prompt: str, fit: Fit) -> None:
        self._prompt, self._fit = prompt, fit
        self._restart()

    def follow(self, view: View) -> list[ModelMessage]:
        """Return the messages for a View; those of the View before are a prefix unless it was compacted or rewound."""
        if not self._continues(view):
            self._restart()
            self._head = _head(view)
        for item in view.items[self._seen :]:
            self._take(item)
        self._seen = len(view.items)
        self._edges = (view.items[0], view.items[-1]) if view.items else ()
        news = {k: t for k, t in sections(view).items() if self._known.get(k, self._head.get(k)) != t}
        if self._waiting or news or not self._answerable():
            self._say(Group(len(self._waiting), news))
        return self.messages

    def memo(self, response: ModelResponse) -> JsonValue:
        """Return what has to be kept with the proposal made of this response."""
        dumped: dict[str, JsonValue] = ModelMessagesTypeAdapter.dump_python([response], mode="json", exclude_none=True)[
            0
        ]
        kept = {name: value for name, value in dumped.items() if name not in DROPPED}
        memo: JsonValue = msgspec.to_builtins(Memo(kept, tuple(self._groups)))
        return memo

    def _restart(self) -> None:
        self.messages = []
        self._seen, self._edges = 0, ()
        self._waiting, self._groups = [], []
        self._known, self._head = {}, {}
        self._owed = ()

    def _continues(self, view: View) -> bool:
        if not self._edges:
            return False
        first, last = self._edges
        return len(view.items) >= self._seen and view.items[0] == first and view.items[self._seen - 1] == last

    def _answerable(self) -> bool:
        return bool(self.messages) and isinstance(self.messages[-1], ModelRequest)

    def _take(self, item: Item) -> None:
        if not isinstance(item, Acted) or item.proposal.engine != NAME:
            self._waiting.append(item)
            return
        memo = _memo(item.proposal)
        if not self._groups:
            for group in memo.told if memo else (Group(len(self._waiting)),):
                self._say(group)
        if self._waiting or not self._answerable():
            self._say(Group(len(self._waiting)))
        self.messages.append(_response(item.proposal, memo, self._fit))
        self._owed, self._groups = item.proposal.calls, []

    def _say(self, group: Group) -> None:
        """Append one request: results first, as providers want them, then standing sections, words, news."""
        items, self._waiting = self._waiting[: group.items], self._waiting[group.items :]
        results = {i.result.call: i.result for i in items if isinstance(i, Observed)}
        owed, self._owed = self._owed, ()
        first = not self.messages
        parts: list[ModelRequestPart] = [SystemPromptPart(self._prompt)] if first else []
        parts += [_returned(call, results.get(call.id), self._fit) for call in owed]
        said = {**self._head, **group.said} if first else group.said
        words = [word for item in items if (word := _words(item, {call.id for call in owed}))]
        texts = (
            [t for k, t in said.items() if k in STANDING] + words + [t for k, t in said.items() if k not in STANDING]
        )
        parts += [UserPromptPart(text) for text in texts]
        self._known |= said
        self._groups.append(group)
        self.messages.append(ModelRequest(parts=parts or [UserPromptPart("Go on.")]))


def _head(view: View) -> dict[str, str]:
    """Standing sections that were said in turns which have been compacted away: said again at the beginning."""
    memos = [_memo(i.proposal) for i in view.items if isinstance(i, Acted) and i.proposal.engine == NAME]
    if not memos:
        return {}
    told = {key for memo in memos if memo for group in memo.told for key in group.said}
    return {key: text for key, text in sections(view).items() if key in STANDING and key not in told}


def _memo(proposal: Proposal) -> Memo | None:
    try:
        return msgspec.convert(proposal.opaque, Memo)
    except msgspec.ValidationError:
        return None


def _response(proposal: Proposal, memo: Memo | None, fit: Fit) -> ModelResponse:
    """The provider's own answer as it came; where it is not kept, one made of what the proposal says."""
    if memo is not None:
        loaded = ModelMessagesTypeAdapter.validate_python([memo.response])[0]
        if isinstance(loaded, ModelResponse):
            for part in loaded.parts:
                if isinstance(part, ToolCallPart):
                    part.tool_call_id = fit(part.tool_call_id)
            return loaded
    calls = [ToolCallPart(call.tool, call.args, tool_call_id=_identity(call, fit)) for call in proposal.calls]
    return ModelResponse(parts=[*([TextPart(proposal.text)] if proposal.text else []), *calls])


def _returned(call: ToolCall, result: ToolResult | None, fit: Fit) -> ToolReturnPart:
    identity = _identity(call, fit)
    if result is None:
        return ToolReturnPart(call.tool, "interrupted: there is no result", identity, outcome="interrupted")
    return ToolReturnPart(
        call.tool, result.text or "(no output)", identity, outcome="success" if result.ok else "failed"
    )


def _identity(call: ToolCall, fit: Fit) -> str:
    return fit(call.provider_id or call.id)


def _words(item: Item, owed: set[str]) -> str:
    """An item as words to the model; "" where it is said in another way."""
    match item:
        case Said(by="user" | "summary" | "loopwright"):
            return item.text
        case Said():
            return f"The user adds: {item.text}"
        case Observed():
            if item.result.call in owed:
                return ""
            return f"Its result ({'ok' if item.result.ok else 'failed'}): {item.result.text}"
        case Acted():
            return _other(item.proposal)


def _other(proposal: Proposal) -> str:
    """What another engine of the same session did: not the model's own words, so they are told as news."""
    lines = [f"The {proposal.engine or 'other'} engine, which works on this session too: {proposal.text}".rstrip()]
    lines += [f"It called {call.tool} {msgspec.json.encode(call.args).decode()}" for call in proposal.calls]
    if proposal.report:
        report = msgspec.json.encode(proposal.report).decode()
        cut = " (cut)" if len(report) > REPORT_SHOWN else ""
        lines.append(f"What it found out{cut}: {report[:REPORT_SHOWN]}")
    return "\n".join(lines)
