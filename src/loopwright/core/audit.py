"""What an audit says of a log, and the check of the chain itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

import msgspec

from loopwright.core.events import VERSION, chain
from loopwright.core.fact import Fact

FaultKind = Literal["changed", "removed", "inserted", "reordered", "broken", "blob", "cut", "format"]


class Fault(Fact, frozen=True):
    """One sign of tampering: the event it shows at (0 = the log as a whole) and what is wrong."""

    seq: int
    kind: FaultKind
    text: str


class Audit(Fact, frozen=True):
    """The result of checking one log. `head` is the digest of its last event."""

    session: str
    events: int
    head: str
    faults: tuple[Fault, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.faults


class Link(msgspec.Struct, frozen=True):
    """One event exactly as it is stored; `body` is its canonical JSON."""

    v: int
    session: str
    seq: int
    at: str
    actor: str
    key: str
    body: bytes
    prev: str
    digest: str


class Opening(msgspec.Struct, frozen=True):
    """What the check needs of a body: its type, where a fork came from, and the head a proof names."""

    type: str = ""
    forked_from: str = ""
    forked_at: int = 0
    proof: dict[str, msgspec.Raw] = {}


def audit_links(
    session: str,
    links: Iterable[Link],
    *,
    blob_fault: Callable[[Link], str] = lambda link: "",
    head: str = "",
    written: int | None = None,
    written_head: str = "",
) -> Audit:
    """Check the links of one log in the order they stand.

    `head` is a digest known from outside (a proof): it must be in the chain. `written` and `written_head` are what
    the store noted on its last append: the log must end there. `blob_fault` says what is wrong with an event's blobs.
    """
    faults: list[Fault] = []
    digests: dict[str, int] = {}
    keys: dict[str, int] = {}
    last: Link | None = None
    count = 0
    for link in links:
        faults += _link_faults(session, link, last, digests, keys)
        if wrong := blob_fault(link):
            faults.append(Fault(link.seq, "blob", wrong))
        digests[link.digest] = link.seq
        keys.setdefault(link.key, link.seq)
        last = link
        count += 1
    if last is not None and last.session != session:
        faults.append(Fault(last.seq, "inserted", f"event {last.seq} belongs to session {last.session}, not {session}"))
    faults += _end_faults(last, digests, head, written, written_head)
    return Audit(session, count, last.digest if last else "", tuple(faults))


def _link_faults(
    session: str, link: Link, last: Link | None, digests: dict[str, int], keys: dict[str, int]
) -> list[Fault]:
    faults: list[Fault] = []
    seq, expected = link.seq, (last.seq if last else 0) + 1
    if seq > expected:
        gap = f"event {expected} is" if seq == expected + 1 else f"events {expected} to {seq - 1} are"
        faults.append(Fault(expected, "removed", f"{gap} missing"))
    elif seq < expected:
        faults.append(Fault(seq, "reordered", f"event {seq} stands after event {expected - 1}"))
    digest = chain(link.v, link.session, seq, link.at, link.actor, link.key, link.body, link.prev)
    if digest != link.digest:
        faults.append(Fault(seq, "changed", f"event {seq} is not what its digest says"))
    if link.prev != (last.digest if last else ""):
        faults.append(Fault(seq, "broken", f"event {seq} does not follow from the one before it"))
    if link.v > VERSION or link.v < 1:
        faults.append(Fault(seq, "format", f"event {seq} has version {link.v}, this Loopwright knows 1 to {VERSION}"))
    if link.key in keys:
        faults.append(Fault(seq, "inserted", f"event {seq} repeats the key of event {keys[link.key]}"))
    return faults + _body_faults(session, link, last, digests)


def _body_faults(session: str, link: Link, last: Link | None, digests: dict[str, int]) -> list[Fault]:
    try:
        opening = msgspec.json.decode(link.body, type=Opening)
    except msgspec.DecodeError:
        return [Fault(link.seq, "format", f"the body of event {link.seq} cannot be read")]
    faults: list[Fault] = []
    if last is not None and link.session != last.session:
        forked = (opening.forked_from, opening.forked_at, link.session)
        if forked != (last.session, last.seq, session) and not _is_inner_fork(opening, last):
            faults.append(Fault(link.seq, "inserted", f"event {link.seq} belongs to another session"))
    named = bytes(opening.proof.get("log_head", b'""')).decode().strip('"')
    if opening.type == "finished" and named and named not in digests:
        faults.append(Fault(link.seq, "cut", f"event {link.seq} proves a head that is not in the log"))
    return faults


def _is_inner_fork(opening: Opening, last: Link) -> bool:
    """A fork of a fork carries the earlier fork's first event in its middle."""
    return opening.type == "session_started" and (opening.forked_from, opening.forked_at) == (last.session, last.seq)


def _end_faults(
    last: Link | None, digests: dict[str, int], head: str, written: int | None, written_head: str
) -> list[Fault]:
    end = last.seq if last else 0
    faults: list[Fault] = []
    if written is not None and end < written:
        faults.append(Fault(end + 1, "cut", f"the log ends at event {end}, but {written} were written"))
    elif written is not None and (end > written or (last.digest if last else "") != written_head):
        faults.append(Fault(end, "broken", f"event {end} is not the head that was written"))
    if head and head not in digests:
        faults.append(
            Fault(end + 1, "cut", f"the given head {head[:12]} is not in the log: its end was cut or rewritten")
        )
    return faults
