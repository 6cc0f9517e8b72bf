"""What a person's answers in stored sessions teach: what was denied, allowed, and taken back."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence

from loopwright.core import events as e
from loopwright.core.calls import ToolCall
from loopwright.core.events import Event
from loopwright.core.expression import expression
from loopwright.scaffold.proposal import OFTEN, Proposal

_PATH_IN_PATCH = expression(r"^\*\*\* (?:Add|Update|Delete) File: (.+)$", re.MULTILINE)
_SUBCOMMAND = expression(r"[a-z][a-z0-9:-]*")
#: Programs whose first argument is a file and no subcommand.
_ON_FILES = frozenset(
    {"rm", "mv", "cp", "cat", "chmod", "chown", "ln", "mkdir", "rmdir", "touch", "sed", "tee", "source"}
)
#: Characters of a line that is proposed whole.
_LONGEST = 80
_PUNCTUATION = expression(r"[&|;<>$`\n(){}]")


def learn_from_answers(sessions: Sequence[Sequence[Event]]) -> Iterator[Proposal]:
    """Yield a rule for each act that people denied, or allowed again and again, in these sessions."""
    denied: dict[str, list[str]] = {}
    allowed: dict[str, list[str]] = {}
    for call, answer, event in (found for events in sessions for found in _answered(events)):
        said = f"session {event.session} event {event.seq}: {_words(call)[:80]!r}" + _reason(answer)
        for rule in _rules(call):
            (allowed if answer.approval.granted else denied).setdefault(rule, []).append(said)
    for rule, times in denied.items():
        if rule not in allowed:
            yield Proposal(rule, "a person denied it", tuple(times))
    for rule, times in allowed.items():
        command = re.fullmatch(r"Do not run `(.+)`\.", rule)
        if command and rule not in denied and len(times) >= OFTEN:
            yield Proposal(f"`{command[1]}` may be run without asking.", "a person allowed it every time", tuple(times))
    yield from _undone(sessions)


def _answered(events: Sequence[Event]) -> Iterator[tuple[ToolCall, e.Answered, Event]]:
    calls: dict[str, ToolCall] = {}
    for event in events:
        if isinstance(event.body, e.Proposed):
            calls |= {call.id: call for call in event.body.proposal.calls}
        elif isinstance(event.body, e.Answered) and event.body.approval.by == "user" and event.body.call in calls:
            yield calls[event.body.call], event.body, event


def _reason(answer: e.Answered) -> str:
    text = " ".join(answer.approval.text.split())
    return f" ({text[:80]})" if text else ""


def _words(call: ToolCall) -> str:
    return " ".join(str(call.args.get("command") or call.args.get("path") or call.tool).split())


def _rules(call: ToolCall) -> tuple[str, ...]:
    """The rules that would have forbidden the call."""
    line = call.args.get("command")
    if isinstance(line, str):
        command = _shape(line)
        return (f"Do not run `{command}`.",) if command else ()
    path, patch = call.args.get("path"), call.args.get("patch")
    paths = [path] if isinstance(path, str) else _PATH_IN_PATCH.findall(patch) if isinstance(patch, str) else []
    if call.tool not in ("edit", "write"):
        return ()
    return tuple(f"Do not edit `{p}`." for p in paths if p and not re.search(r"[`\s]", p))


def _shape(line: str) -> str:
    """The program and its subcommand, what another call of the same kind would share; the whole line without one.

    "" for a line of several commands.
    """
    if _PUNCTUATION.search(line):
        return ""
    try:
        words = shlex.split(line)
    except ValueError:
        return ""
    if len(words) > 1 and _SUBCOMMAND.fullmatch(words[1]) and words[0] not in _ON_FILES:
        return f"{words[0]} {words[1]}"
    return " ".join(line.split()) if len(line) <= _LONGEST else ""


def _undone(sessions: Sequence[Sequence[Event]]) -> Iterator[Proposal]:
    places: dict[str, list[str]] = {}
    for event in (x for events in sessions for x in events):
        if isinstance(event.body, e.Restored) and event.body.promotion is not None:
            for path in event.body.promotion.applied:
                places.setdefault(path, []).append(f"session {event.session} event {event.seq}: taken back")
    for path, said in places.items():
        if len(said) >= OFTEN and not re.search(r"[`\s]", path):
            why = f"{len(said)} changes of it were taken back"
            yield Proposal(f"Do not change `{path}` without asking.", why, tuple(said))
