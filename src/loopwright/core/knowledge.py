"""What is learned from failures: a diagnosis of one, a lesson kept from many."""

from __future__ import annotations

from typing import Literal

from loopwright.core.fact import Fact

FailureKind = Literal[
    "syntax",
    "import",
    "type",
    "name",
    "logic",
    "runtime",
    "timeout",
    "resource",
    "environment",
    "flaky",
    "tool",
    "unknown",
]


class Frame(Fact, frozen=True):
    """One place on the way to a failure."""

    file: str
    line: int
    function: str = ""


class Diagnosis(Fact, frozen=True):
    """The analysed cause of one failure. `fingerprint` is the same for the same fault in other places."""

    kind: FailureKind
    message: str
    fingerprint: str
    tool: str = ""  # pytest, node, tsc, ...
    file: str = ""
    line: int = 0
    expected: str = ""
    actual: str = ""
    frames: tuple[Frame, ...] = ()
    test: str = ""  # the failing test, where there is one
    call: str = ""  # the call or check it came from
    count: int = 1  # failures of this kind in the same output


class Lesson(Fact, frozen=True):
    """Reusable knowledge with its provenance: what cured failures with this fingerprint."""

    id: str
    fingerprint: str
    text: str
    session: str
    seq: int
    scope: str = ""  # repository, or "" for every one
    tried: int = 0
    helped: int = 0
