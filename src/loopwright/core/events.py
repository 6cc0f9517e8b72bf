"""The closed set of things that can have happened. An event is immutable and chained to the one before."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import cache

import msgspec

from loopwright.core.calls import Approval, Decision, Proposal, Tokens, ToolResult
from loopwright.core.checks import Change, Promotion, Proof, Ref, Verification
from loopwright.core.fact import Fact, JsonValue
from loopwright.core.knowledge import Diagnosis, Lesson
from loopwright.core.oversight import NetworkRequest, SystemCall
from loopwright.core.plan import Plan, Requirement
from loopwright.core.rules import Directive, InstructionFile

#: Version of the event format; `upcast` comes with the second one.
VERSION = 1


class SessionStarted(Fact, frozen=True, tag="session_started"):
    """The first event: the workspace, the hash of its tree, and the settings a resume must remember."""

    workspace: str
    base: Ref
    settings: dict[str, JsonValue] = {}
    forked_from: str = ""
    forked_at: int = 0


class Resumed(Fact, frozen=True, tag="resumed"):
    """Another process took the session up."""

    by: str
    settings: dict[str, JsonValue] = {}


class Prompted(Fact, frozen=True, tag="prompted"):
    """A person's request."""

    text: str


class Steered(Fact, frozen=True, tag="steered"):
    """A person's word while the engine works; seen at the next turn."""

    text: str


class Interrupted(Fact, frozen=True, tag="interrupted"):
    """A person stopped the run."""

    reason: str = ""


class RequirementAnalysed(Fact, frozen=True, tag="requirement_analysed"):
    requirement: Requirement


class DirectivesLoaded(Fact, frozen=True, tag="directives_loaded"):
    """The instruction files found, every byte accounted for, and the rules compiled from them."""

    files: tuple[InstructionFile, ...]
    directives: tuple[Directive, ...]
    prompt: str = ""  # the files' share of the prompt
    open: tuple[str, ...] = ()  # what rules leave open, and how it is answered


class InstructionsMet(Fact, frozen=True, tag="instructions_met"):
    """The engine entered a directory that has instructions of its own: what of them it is shown."""

    path: str
    text: str


class Planned(Fact, frozen=True, tag="planned"):
    plan: Plan


class TaskEnded(Fact, frozen=True, tag="task_ended"):
    task: str
    done: bool


class Recalled(Fact, frozen=True, tag="recalled"):
    """Lessons put before the engine, so that a replay does not depend on the lesson store.

    `dropped` were there and did not help: they do not come back in this session.
    """

    lessons: tuple[Lesson, ...]
    dropped: tuple[str, ...] = ()


class Proposed(Fact, frozen=True, tag="proposed"):
    turn: int
    proposal: Proposal
    task: str = ""


class EngineFailed(Fact, frozen=True, tag="engine_failed"):
    """The engine gave no proposal. `retry` says whether the loop asks it again, `tokens` what the attempt cost."""

    turn: int
    kind: str
    message: str
    retry: bool
    tokens: Tokens = Tokens()


class Decided(Fact, frozen=True, tag="decided"):
    """What may happen to a call; appended before it runs."""

    call: str
    decision: Decision


class Asked(Fact, frozen=True, tag="asked"):
    """A person's answer is needed before `call` may run, or before a command may reach `network:HOST:PORT`."""

    call: str
    question: str


class Answered(Fact, frozen=True, tag="answered"):
    call: str
    approval: Approval


class Returned(Fact, frozen=True, tag="returned"):
    """The one result of a call; `ref` is the durable checkpoint of what it left in the view."""

    result: ToolResult
    ref: Ref | None = None


class Diagnosed(Fact, frozen=True, tag="diagnosed"):
    diagnosis: Diagnosis


class Verified(Fact, frozen=True, tag="verified"):
    verification: Verification
    change: Change
    task: str = ""
    tokens: Tokens = Tokens()  # what a model's opinions cost


class Promoted(Fact, frozen=True, tag="promoted"):
    promotion: Promotion


class Restored(Fact, frozen=True, tag="restored"):
    """The view, the conversation and, where `promotion` says so, the user's tree went back to event `to`."""

    to: int
    ref: Ref
    promotion: Promotion | None = None


class Compacted(Fact, frozen=True, tag="compacted"):
    """Everything up to event `upto` is shown to the engine as this summary from now on."""

    summary: str
    upto: int


class LessonLearned(Fact, frozen=True, tag="lesson_learned"):
    lesson: Lesson


class Noted(Fact, frozen=True, tag="noted"):
    """Something a person should know: what was cut, what was not available, what a limit did."""

    text: str
    level: str = "info"  # info, warning
    data: dict[str, JsonValue] = {}


class NetworkRequested(Fact, frozen=True, tag="network_requested"):
    """A command asked for something outside; recorded when the request was over."""

    request: NetworkRequest


class SystemCallsSeen(Fact, frozen=True, tag="system_calls_seen"):
    """Programs started and ways opened to others since the event before; `more` were not written down."""

    calls: tuple[SystemCall, ...]
    more: int = 0


class Finished(Fact, frozen=True, tag="finished"):
    """The run ended. A later Prompted opens the session again."""

    proof: Proof
    reason: str = ""


#: What opens a finished session again; an apply or an undo after the end does not.
TAKEN_UP = (Prompted, Resumed)

Body = (
    SessionStarted
    | Resumed
    | Prompted
    | Steered
    | Interrupted
    | RequirementAnalysed
    | DirectivesLoaded
    | InstructionsMet
    | Planned
    | TaskEnded
    | Recalled
    | Proposed
    | EngineFailed
    | Decided
    | Asked
    | Answered
    | Returned
    | Diagnosed
    | Verified
    | Promoted
    | Restored
    | Compacted
    | LessonLearned
    | Noted
    | NetworkRequested
    | SystemCallsSeen
    | Finished
)


class Event(Fact, frozen=True):
    """One link of the chain. `prev` is the digest of the event before, `digest` that of this one."""

    v: int
    session: str
    seq: int
    at: datetime
    actor: str
    key: str
    body: Body
    prev: str
    digest: str


def chain(v: int, session: str, seq: int, at: str, actor: str, key: str, body: bytes, prev: str) -> str:
    """Return the digest of one event: SHA-256 over the JSON array of its fields, the body as it is stored."""
    head = msgspec.json.encode([v, session, seq, at, actor, key, prev])
    return hashlib.sha256(head + b"\n" + body).hexdigest()


def encode_body(body: object) -> bytes:
    """Return the canonical JSON of a body (or of what its JSON decodes to): keys sorted, defaults left out."""
    return msgspec.json.encode(body, order="sorted")


@cache
def _decoder() -> msgspec.json.Decoder[Body]:
    return msgspec.json.Decoder(Body)


def decode_body(data: bytes) -> Body:
    """Return the body its JSON stands for. Raises msgspec.DecodeError."""
    return _decoder().decode(data)


def timestamp(at: datetime) -> str:
    """Return the one written form of a moment: UTC, microseconds, Z."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
