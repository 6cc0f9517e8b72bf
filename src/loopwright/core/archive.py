"""A log as JSON Lines: the form in which it leaves the store, is checked elsewhere and is kept as a golden log.

One line an event with its own digest, before it a line for each blob that stands for a long string of it, and at the
end a head line. The digest of an event is SHA-256 over the JSON array [v, session, seq, at, actor, key, prev], a line
feed, and the body as canonical JSON: UTF-8, no blanks, keys sorted by code point.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import msgspec

from loopwright.core.audit import Audit, Fault, FaultKind, Link, audit_links
from loopwright.core.errors import StoreError
from loopwright.core.events import VERSION, Event, encode_body
from loopwright.core.fact import Fact
from loopwright.core.stored import address_of, addresses, unpack


class EventLine(Fact, frozen=True, tag="event", omit_defaults=False):
    v: int
    session: str
    seq: int
    at: str
    actor: str
    key: str
    prev: str
    digest: str
    body: msgspec.Raw


class BlobLine(Fact, frozen=True, tag="blob", omit_defaults=False):
    address: str
    text: str


class HeadLine(Fact, frozen=True, tag="head", omit_defaults=False):
    session: str
    events: int
    digest: str


class Archive(msgspec.Struct, frozen=True):
    """What an archive holds, and what is wrong with its lines."""

    links: tuple[Link, ...]
    blobs: dict[str, bytes]
    head: HeadLine | None
    faults: tuple[Fault, ...]

    def events(self) -> list[Event]:
        """The events, long strings whole again. Raises StoreError where one cannot be read."""
        return [event_of(link, self.blob) for link in self.links]

    def blob(self, address: str) -> bytes:
        """Raises StoreError where it is not in the archive."""
        if address not in self.blobs:
            raise StoreError(f"blob {address} is not in the archive")
        return self.blobs[address]


def event_of(link: Link, get: Callable[[str], bytes]) -> Event:
    """Return the event that a link stores. Raises StoreError."""
    if link.v != VERSION:
        raise StoreError(
            f"event {link.seq} has version {link.v}, this Loopwright knows {VERSION}: use the one that wrote it"
        )
    body = unpack(link.body, get)
    try:
        at = datetime.fromisoformat(link.at)
    except ValueError:
        raise StoreError(f"event {link.seq} has no readable time: run `loopwright audit verify`") from None
    return Event(link.v, link.session, link.seq, at, link.actor, link.key, body, link.prev, link.digest)


def write_archive(session: str, links: Iterable[Link], get: Callable[[str], bytes]) -> Iterator[str]:
    """Yield the lines of a log, each without its line feed. Raises StoreError where a blob is missing or changed."""
    shown: set[str] = set()
    count, digest = 0, ""
    for link in links:
        for address in addresses(link.body):
            if address not in shown:
                shown.add(address)
                yield _line(BlobLine(address, get(address).decode()))
        fields = msgspec.structs.asdict(link) | {"body": msgspec.Raw(link.body)}
        yield _line(EventLine(**fields))
        count, digest = count + 1, link.digest
    yield _line(HeadLine(session, count, digest))


def read_archive(lines: Iterable[str]) -> Archive:
    """Read an archive; what cannot be read becomes a fault of its line."""
    links: list[Link] = []
    blobs: dict[str, bytes] = {}
    faults: list[Fault] = []
    head: HeadLine | None = None

    def fault(kind: FaultKind, text: str) -> None:
        faults.append(Fault(links[-1].seq if links else 0, kind, text))

    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            line = _parse(text)
        except (ValueError, msgspec.MsgspecError) as error:
            fault("format", f"line {number} is not a line of an exported log: {_short(error)}")
            continue
        if head is not None:
            fault("inserted", f"line {number} stands after the head line")
        match line:
            case EventLine():
                links.append(_link(line))
            case BlobLine():
                data = line.text.encode("utf-8", "surrogatepass")
                if address_of(data) != line.address:
                    fault("blob", f"line {number}: the content of blob {line.address} was changed")
                if line.address in blobs:
                    fault("inserted", f"line {number} repeats blob {line.address}")
                blobs[line.address] = data
            case HeadLine():
                head = line
    return Archive(tuple(links), blobs, head, tuple(faults))


def audit_archive(archive: Archive, *, head: str = "") -> Audit:
    """Check an archive by itself, and against a `head` digest known from elsewhere (a proof)."""
    named: set[str] = set()

    def blob_fault(link: Link) -> str:
        named.update(addresses(link.body))
        missing = [a for a in addresses(link.body) if a not in archive.blobs]
        return f"blob {missing[0]} of event {link.seq} is missing" if missing else ""

    end = archive.head
    session = end.session if end else (archive.links[-1].session if archive.links else "")
    audit = audit_links(
        session,
        archive.links,
        blob_fault=blob_fault,
        head=head,
        written=end.events if end else None,
        written_head=end.digest if end else "",
    )
    faults = [*archive.faults, *audit.faults]
    if end is None:
        faults.append(Fault(audit.events, "cut", "the head line is missing: the end of the file was cut"))
    faults += [Fault(0, "inserted", f"blob {a} belongs to no event") for a in archive.blobs if a not in named]
    return msgspec.structs.replace(audit, faults=tuple(faults))


def _line(value: EventLine | BlobLine | HeadLine) -> str:
    return msgspec.json.encode(value).decode()


def _link(line: EventLine) -> Link:
    return Link(line.v, line.session, line.seq, line.at, line.actor, line.key, bytes(line.body), line.prev, line.digest)


def _parse(text: str) -> EventLine | BlobLine | HeadLine:
    """Read a line, its blanks and order of keys aside; a key that stands twice is refused, as readers differ on it."""
    value = json.loads(text, object_pairs_hook=_once)
    return msgspec.json.decode(encode_body(value), type=EventLine | BlobLine | HeadLine)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:120]
