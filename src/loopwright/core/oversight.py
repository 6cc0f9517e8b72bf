"""What is seen of a command while it runs, from outside the sandbox, and whom it is told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from loopwright.core.calls import Approval
from loopwright.core.fact import Fact


class NetworkRequest(Fact, frozen=True):
    """One request to the network: the host as it was named, in its one written form, and what became of it."""

    method: str
    host: str
    port: int
    verdict: Literal["allowed", "denied", "failed"]
    reason: str = ""
    sent: int = 0  # bytes to the host
    received: int = 0  # bytes from it


AuditedCall = Literal["execve", "execveat", "connect", "bind"]


class SystemCall(Fact, frozen=True):
    """A call that starts a program or opens a way to others. A record, not a wall: the arguments are those seen."""

    name: AuditedCall
    pid: int  # as this machine numbers processes
    target: str  # the program, or the address


Kind = Literal["process storm", "files made", "files deleted", "disk flood", "output flood", "denied requests"]


class Anomaly(Fact, frozen=True):
    """Behaviour that no ordinary command shows; the command was ended for it."""

    kind: Kind
    detail: str


class Sample(Fact, frozen=True):
    """What a command used when it was looked at; counts since it began."""

    seconds: float
    cpu: float = 0.0  # seconds
    memory: int = 0  # bytes
    pids: int = 0
    disk: int = 0  # bytes of the layer in use, 0 where it has none
    inodes: int = 0
    output: int = 0  # bytes
    requests: int = 0
    denied: int = 0


Observation = NetworkRequest | SystemCall | Anomaly | Sample


class Thresholds(Fact, frozen=True):
    """Beyond which a command is ended with reason "anomaly". Rates are for a second; None = no threshold."""

    forks: float | None = 4000.0  # processes started
    files_made: float | None = 20_000.0
    files_deleted: float | None = 20_000.0
    disk: float | None = None  # bytes written; the limit on disk holds in any case
    output: float | None = None  # bytes printed; the limit on output holds in any case
    denied: int | None = 50  # denied requests altogether
    seconds: float = 2.0  # for how long a rate has to last


_USUAL = Thresholds()


async def deny(request: NetworkRequest) -> Approval:
    """The answer where nobody is there."""
    return Approval(False, "nobody is there to be asked", by="nobody")


def ignore(seen: Observation) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Oversight:
    """`observe` is called with everything seen and must not block; `ask` decides a first request to a host."""

    observe: Callable[[Observation], None] = ignore
    ask: Callable[[NetworkRequest], Awaitable[Approval]] = deny
    thresholds: Thresholds = _USUAL
    audit: bool = False  # observe system calls that start programs or open ways to others
    trace: str = ""  # a file for every system call, made by strace; "" = none


@runtime_checkable
class Overseen(Protocol):
    """A sandbox that tells what it sees."""

    def oversee(self, oversight: Oversight) -> None:
        """From now on, for the executors it opens."""
        ...
