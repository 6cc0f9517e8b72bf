"""What a client may ask of a session. Nothing else crosses from a front end inwards."""

from __future__ import annotations

from loopwright.core.fact import Fact


class Prompt(Fact, frozen=True, tag="prompt"):
    """A request; opens the session again where it had ended."""

    text: str


class Approve(Fact, frozen=True, tag="approve"):
    """A person's answer to the call that waits; `text` answers a question."""

    call: str
    granted: bool
    text: str = ""


class Steer(Fact, frozen=True, tag="steer"):
    """A word while the engine works."""

    text: str


class Interrupt(Fact, frozen=True, tag="interrupt"):
    """Stop now; everything started is ended, nothing is lost."""

    reason: str = ""


Command = Prompt | Approve | Steer | Interrupt
