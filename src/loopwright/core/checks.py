"""One notion for all gates: what changed, what a check found in it, and the proof made of the verdicts."""

from __future__ import annotations

from typing import Literal

from loopwright.core.fact import Fact
from loopwright.core.rules import Level
from loopwright.core.running import Reason

CheckKind = Literal["command", "directive", "safety", "scanner"]
VerdictName = Literal["passed", "failed", "partly", "advised", "not_understood", "not_run"]
Outcome = Literal["solved", "answered", "unsolved", "unproven", "waiting", "refused", "interrupted"]

#: The process exit status of each outcome.
EXIT_STATUS: dict[Outcome, int] = {
    "solved": 0,
    "answered": 0,
    "unsolved": 1,
    "unproven": 3,
    "waiting": 4,
    "refused": 5,
    "interrupted": 130,
}


class Ref(Fact, frozen=True):
    """A durable checkpoint of a view: `id` addresses its delta, `tree` is the hash of the tree it gives."""

    id: str
    tree: str


class FileChange(Fact, frozen=True):
    """One changed path. Digests address the contents in the blob store; None = absent on that side."""

    path: str
    kind: Literal["add", "update", "delete"]
    before: str | None = None
    after: str | None = None
    mode_before: int = 0
    mode_after: int = 0
    link: bool = False  # `after` (or `before` of a deletion) is a symbolic link's target


class Change(Fact, frozen=True):
    """The difference between the user's tree (`base`) and a view (`tree`): tracked and unignored files."""

    base: str
    tree: str
    files: tuple[FileChange, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(f.path for f in self.files)


class Finding(Fact, frozen=True):
    """One thing a check found, with its place and its evidence."""

    check: str
    name: str
    reason: str
    level: Level = "block"
    file: str = ""
    line: int = 0
    source: str = ""  # AGENTS.md:12, where a rule is behind it


class Verdict(Fact, frozen=True):
    """What one check says of one tree."""

    check: str
    kind: CheckKind
    name: str
    verdict: VerdictName
    source: str = ""
    level: Level = "block"
    exit: int | None = None
    reason: Reason = ""  # the limit that ended it, where one did
    tests_run: int | None = None  # None: only the exit status is known
    tests_failed: int | None = None
    evidence: str = ""
    findings: tuple[Finding, ...] = ()
    seconds: float = 0.0

    @property
    def red(self) -> bool:
        """True where this verdict keeps a change from being proven."""
        return self.level == "block" and self.verdict in ("failed", "not_run")


class Cost(Fact, frozen=True):
    """What a session spent."""

    turns: int = 0
    seconds: float = 0.0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    usd: float | None = None  # None where a price is not known


class Verification(Fact, frozen=True):
    """All verdicts on one exact tree."""

    ref: Ref
    verdicts: tuple[Verdict, ...]
    tests_changed: tuple[str, ...] = ()
    inputs: dict[str, str] = {}  # ignored files the checks could see, each with a digest of its listing

    @property
    def required(self) -> tuple[Verdict, ...]:
        """The commands among the verdicts: those asked for, and the gates that a rule names."""
        return tuple(v for v in self.verdicts if v.kind == "command" or v.exit is not None)

    @property
    def green(self) -> bool:
        """True where nothing is red. Says nothing of whether any command was required."""
        return not any(v.red for v in self.verdicts)

    @property
    def proven(self) -> bool:
        """True where at least one required command passed and nothing is red."""
        return self.green and any(v.verdict == "passed" for v in self.required)


class Proof(Fact, frozen=True):
    """Verdicts bound to the hash of the final tree and to the head of the log."""

    outcome: Outcome
    solved: bool | None
    tree: str
    checks: tuple[Verdict, ...] = ()
    tests_changed: tuple[str, ...] = ()
    inputs: dict[str, str] = {}
    log_head: str = ""
    cost: Cost = Cost()


class Promotion(Fact, frozen=True):
    """What was applied to the user's tree, or what kept all of it from that: files the user had changed meanwhile."""

    ref: Ref
    applied: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    undo: str = ""  # address of what restores the tree as it was
