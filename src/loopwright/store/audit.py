"""Checks a session's log where it is stored, and writes it out to be checked elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from loopwright.core.archive import audit_archive, read_archive, write_archive
from loopwright.core.audit import Audit, Fault, Link, audit_links
from loopwright.core.errors import StoreError, UsageError
from loopwright.core.stored import addresses
from loopwright.store.blobs import get_blob
from loopwright.store.database import Database, Row

_LINKS = "SELECT v, session, seq, at, actor, key, body, prev, digest FROM event WHERE log=? ORDER BY seq"


def audit_session(database: Database, session: str, head: str = "") -> Audit:
    """Check every event and every blob of a session; `head` is a digest that a proof names.

    Finds what was changed, removed, inserted or reordered. Somebody who rewrites the whole chain and the record of its
    end as well is found only with `head`. Raises UsageError where there is no such session, StoreError.
    """
    record = database.row("SELECT seq, head FROM session WHERE id=?", (session,))
    links = _links(database, session)
    if record is None and not links:
        raise UsageError(f"there is no session {session}: `loopwright sessions` lists them")
    audit = audit_links(
        session,
        links,
        blob_fault=lambda link: _text_fault(database, link),
        head=head,
        written=record[0] if record else None,
        written_head=record[1] if record else "",
    )
    faults = list(audit.faults)
    if record is None:
        faults.append(Fault(0, "removed", f"the record of session {session} is missing, its events are there"))
    faults += _content_faults(database, session, links)
    return msgspec.structs.replace(audit, faults=tuple(faults))


def export_session(database: Database, session: str) -> Iterator[str]:
    """Yield the lines of a log's archive (see core.archive). Raises UsageError, StoreError."""
    links = _links(database, session)
    if not links:
        raise UsageError(f"there is no session {session} with events: `loopwright sessions` lists them")
    return write_archive(session, links, lambda address: get_blob(database, address))


def audit_file(path: Path, head: str = "") -> Audit:
    """Check an exported log without any store. Raises UsageError where the file cannot be read."""
    try:
        with path.open(encoding="utf-8", errors="surrogateescape", newline="\n") as lines:
            archive = read_archive(lines)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from error
    return audit_archive(archive, head=head)


def _links(database: Database, session: str) -> list[Link]:
    return [link_of(row) for row in database.rows(_LINKS, (session,))]


def link_of(row: Row) -> Link:
    """Return the link a row holds, whatever types somebody who edited the file by hand has put there."""
    v, session, seq, at, actor, key, body, prev, digest = row
    if not isinstance(body, bytes):
        body = str(body).encode("utf-8", "surrogateescape")
    v, seq = (number if isinstance(number, int) else 0 for number in (v, seq))
    return Link(v, str(session), seq, str(at), str(actor), str(key), body, str(prev), str(digest))


def _text_fault(database: Database, link: Link) -> str:
    for address in addresses(link.body):
        if database.row("SELECT 1 FROM blob WHERE address=?", (address,)) is None:
            return f"blob {address} of event {link.seq} is missing"
    return ""


def _content_faults(database: Database, session: str, links: list[Link]) -> list[Fault]:
    """Faults of the blobs that the session put: long strings, checkpoints and the contents of files."""
    faults: list[Fault] = []
    for (address,) in database.rows("SELECT address FROM blob_use WHERE log=? ORDER BY address", (session,)):
        try:
            get_blob(database, address)
        except StoreError as error:
            needle = str(address).encode()
            seq = next((link.seq for link in links if needle in link.body), 0)
            faults.append(Fault(seq, "blob", str(error).partition(":")[0]))
    return faults
