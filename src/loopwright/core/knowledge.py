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
    used: str = ""  # when it was last tried (UTC, as an event's time is written), "" = not known


#: What the fingerprints of lessons on kinds of edit begin with: how often each cured a failure. They weigh in the
#: order of a repair search and are put before no engine as text.
OPERATOR = "operator:"
#: The fingerprint of the one lesson by which these are judged as a whole: how often they pointed to the cure.
PRIORS = "operators"
