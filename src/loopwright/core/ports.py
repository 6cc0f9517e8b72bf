"""Every port. Adapters implement these; nothing else crosses between the layers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

from loopwright.core.calls import Approval, Decision, Delta, Effect, Proposal, ToolCall, ToolResult
from loopwright.core.checks import Change, Promotion, Ref, Verdict
from loopwright.core.events import Body, DirectivesLoaded, Event
from loopwright.core.fact import Fact
from loopwright.core.knowledge import Diagnosis, Lesson
from loopwright.core.opinion import Opinions
from loopwright.core.plan import Requirement
from loopwright.core.rules import Directive
from loopwright.core.running import Executor, Limits, Ran
from loopwright.core.state import State, View

Profile = Literal["read-only", "workspace-write", "danger-full-access"]
Emit = Callable[[Delta], None]
A = TypeVar("A", contravariant=True)


# ---------------------------------------------------------------- the log


class Blobs(Protocol):
    """Content-addressed bytes, durable when `put` returns."""

    def put(self, data: bytes) -> str:
        """Return the address (SHA-256, hex) of data."""
        ...

    def get(self, address: str) -> bytes:
        """Raises StoreError where the address is unknown or its content was changed."""
        ...


class EventLog(Protocol):
    """One session's append-only log."""

    session: str

    async def append(self, key: str, actor: str, body: Body) -> Event:
        """Append once: the same key twice returns the event of the first time. Raises StoreError."""
        ...

    def find(self, key: str) -> Event | None:
        """The event appended under this key, if there is one."""
        ...

    def read(self, after: int = 0) -> list[Event]:
        """Events with seq > after, in order."""
        ...

    def follow(self, after: int = 0) -> AsyncIterator[Event]:
        """Events with seq > after, those to come as well, until the session's Finished."""
        ...


# ---------------------------------------------------------------- the workspace and the sandbox


class Entry(Fact, frozen=True):
    """One directory entry of a view."""

    path: str
    kind: Literal["file", "dir", "link", "other"]
    size: int = 0
    mode: int = 0


class Files(Protocol):
    """Files of one view. Paths are relative to the root; none can lead out of it.

    Every method raises ToolFailure with a line the engine can act on: no such file, outside, too large, no space.
    """

    def read(self, path: str, limit: int = 64 << 20) -> bytes: ...
    def write(self, path: str, data: bytes, mode: int | None = None) -> None: ...
    def delete(self, path: str) -> None: ...
    def stat(self, path: str) -> Entry | None: ...
    def entries(self, path: str = "") -> list[Entry]: ...
    def walk(self, path: str = "") -> list[Entry]:
        """All tracked or unignored files below path, sorted."""
        ...


class Workspace(Protocol):
    """One view of the user's tree, and the sandbox over it."""

    @property
    def root(self) -> str:
        """The user's tree; the view stands at the same path inside the sandbox."""
        ...

    @property
    def note(self) -> str:
        """What a person should know of this view: that it is a copy and why, what cannot be read; "" = nothing."""
        ...

    @property
    def files(self) -> Files: ...

    @property
    def executor(self) -> Executor: ...

    async def checkpoint(self) -> Ref:
        """Make what the view holds durable and return its address and tree hash."""
        ...

    async def restore(self, ref: Ref) -> None:
        """Make the view hold exactly what it held at ref."""
        ...

    async def change(self, ref: Ref) -> Change:
        """The difference between the base tree and ref."""
        ...

    def fresh(
        self, ref: Ref, patch: Mapping[str, bytes | None] | None = None
    ) -> AbstractAsyncContextManager[Workspace]:
        """A new view of exactly ref's tracked and unignored files, with `patch` laid over (None removes a file).

        Caches and leavings of earlier runs are absent; its sandbox is a new one; nothing of it lands anywhere.
        """
        ...

    async def inputs(self) -> dict[str, str]:
        """Ignored files and directories that the checks can see (a virtual environment), each with a digest."""
        ...

    async def stale(self, ref: Ref) -> tuple[str, ...]:
        """Paths in which the user's tree now differs from the base it was opened with."""
        ...

    async def promote(self, ref: Ref) -> Promotion:
        """Apply ref to the user's tree, all of it; where the user changed a file meanwhile, a conflict and nothing."""
        ...

    async def aclose(self) -> None: ...


class Bind(Fact, frozen=True):
    """One more file or directory a sandbox shows, at its own path."""

    path: str
    writable: bool = False


class Mount(Fact, frozen=True):
    """Where a view is mounted: namespaces to enter (descriptors, None = ours) and the path of the tree there."""

    path: str
    at: str = ""  # where the sandbox shows it: the path of the user's tree; "" = path
    mount_namespace: int | None = None
    user_namespace: int | None = None
    uid: int | None = None  # who the sandbox runs as and who owns the view's files; None = the caller
    gid: int | None = None
    git_dirs: tuple[str, ...] = ()  # repository metadata to be kept read-only
    extra: tuple[Bind, ...] = ()
    env: dict[str, str] = {}  # variables that commands get beside the clean ones
    passing: bool = False  # a throw-away view: no network, and nothing writable but the view
    layered: bool = False  # writes go to a limited layer and reach the directories when the sandbox has ended


class Capability(Fact, frozen=True):
    """One probed mechanism, for `doctor`: what it enforces, whether it works here, and what to do if not."""

    name: str
    works: bool
    detail: str = ""
    fix: str = ""


class OpenExecutor(Executor, Protocol):
    """An executor that holds a warm sandbox."""

    async def aclose(self) -> None: ...


class Sandbox(Protocol):
    """A kind of sandbox: opens executors over mounted views."""

    name: str

    async def open(self, mount: Mount, profile: Profile, limits: Limits) -> OpenExecutor:
        """Raises SandboxError with what to do where it cannot start."""
        ...

    def probe(self) -> tuple[Capability, ...]: ...


# ---------------------------------------------------------------- engines and tools


@dataclass(frozen=True, slots=True)
class EngineContext:
    """What an engine is given beside the View.

    `scratch()` opens a throw-away view of the current tree with a sandbox without network; nothing of it lands.
    An engine that is stopped may call `keep` with a proposal that says what it has found out so far.
    """

    emit: Emit
    blobs: Blobs
    seconds: float | None  # left in the budget, None = no limit
    scratch: Callable[[], AbstractAsyncContextManager[Workspace]]
    keep: Callable[[Proposal], None] = lambda proposal: None


class Engine(Protocol):
    """Turns a View into a Proposal."""

    name: str

    async def propose(self, view: View, ctx: EngineContext) -> Proposal:
        """Raises EngineError (see errors) where no proposal can be made."""
        ...

    async def aclose(self) -> None: ...


@dataclass(frozen=True, slots=True)
class ToolContext:
    """What a tool is given beside its arguments."""

    call: str
    workspace: Workspace
    emit: Emit
    blobs: Blobs
    limits: Limits
    answer: str = ""  # a person's answer, where the call was asked about


class Tool(Protocol[A]):
    """A declared capability. `args` is a msgspec Struct; `description` is read from a Markdown file."""

    name: str
    description: str
    effect: Effect
    args: type[Any]

    async def run(self, args: A, ctx: ToolContext) -> ToolResult:
        """Raises ToolFailure for what the engine should read and mend."""
        ...


# ---------------------------------------------------------------- guard and knowledge


class Policy(Protocol):
    """Decides one call before it runs."""

    async def decide(self, call: ToolCall, effect: Effect, state: State) -> Decision: ...


class Approver(Protocol):
    """A person, if one is there."""

    async def approve(self, call: ToolCall, decision: Decision) -> Approval | None:
        """None = nobody is there to answer."""
        ...


@dataclass(frozen=True, slots=True)
class CheckContext:
    """What a check is given beside the change: fresh views of the new tree and of the base."""

    requirement: Requirement
    directives: tuple[Directive, ...]
    workspace: Workspace  # the session's view; checks open fresh ones from it
    ref: Ref
    base: Ref
    blobs: Blobs
    limits: Limits
    emit: Emit


class Check(Protocol):
    """One gate of a family: `id` is stable, `cost` orders checks cheap to dear."""

    id: str
    cost: int

    async def run(self, change: Change, ctx: CheckContext) -> tuple[Verdict, ...]: ...


class Judge(Protocol):
    """Weighs a change by rules that no check can hold."""

    async def weigh(self, rules: Sequence[Directive], diff: str, ctx: EngineContext) -> Opinions:
        """Raises EngineError where no opinion can be had."""
        ...


class Directives(Protocol):
    """Reads instruction files into directives."""

    def load(self, root: str, files: Files | None) -> DirectivesLoaded: ...


class Analyser(Protocol):
    """Turns a failed command's output into a diagnosis."""

    def diagnose(self, ran: Ran, call: str = "") -> Diagnosis | None: ...


class Recall(Protocol):
    """Lessons from earlier sessions, and the keeping of new ones."""

    async def recall(self, about: Diagnosis | Requirement) -> tuple[Lesson, ...]: ...
    async def keep(self, lesson: Lesson) -> None: ...


class LessonTable(Protocol):
    """Where lessons are kept. `scope` "" is every repository; a scope sees its own lessons and those for all."""

    def put(self, lesson: Lesson) -> None:
        """Keep a lesson; one with the same id adds up how often it was tried and helped. Raises StoreError."""
        ...

    def with_fingerprint(self, fingerprint: str, scope: str, limit: int) -> list[Lesson]:
        """Lessons of exactly this failure, those that helped most first."""
        ...

    def beginning(self, prefix: str) -> list[Lesson]:
        """Lessons of every scope whose fingerprint begins so. Raises StoreError."""
        ...

    def about(self, words: Sequence[str], scope: str, limit: int) -> list[Lesson]:
        """Lessons whose text has any of the words, the best match first."""
        ...


class Clock(Protocol):
    """Seconds, monotonic within a process: the loop itself reads no clock."""

    def __call__(self) -> float: ...
