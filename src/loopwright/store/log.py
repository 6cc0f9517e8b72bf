"""One session's log in SQLite."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime

import anyio

from loopwright.core.archive import event_of
from loopwright.core.errors import StoreError
from loopwright.core.events import (
    TAKEN_UP,
    VERSION,
    Body,
    Event,
    Finished,
    Promoted,
    Prompted,
    Restored,
    Resumed,
    SessionStarted,
    Verified,
    chain,
    timestamp,
)
from loopwright.core.stored import unpack
from loopwright.store.audit import link_of
from loopwright.store.blobs import SqlBlobs, get_blob, put_blob
from loopwright.store.body import pack
from loopwright.store.database import Database, Row
from loopwright.store.lease import Holder, give_back
from loopwright.store.redact import Redactor

#: Forced to the disk at once: around these the user's tree changes, or a claim is made to somebody outside.
LANDMARKS = (SessionStarted, Verified, Promoted, Restored, Finished)
#: Seconds between two looks for what another process wrote.
POLL_SECONDS = 0.05
PROMPT_SHOWN = 200

_READ = "SELECT v, session, seq, at, actor, key, body, prev, digest FROM event WHERE log=? AND seq>? ORDER BY seq"
_FIND = "SELECT v, session, seq, at, actor, key, body, prev, digest FROM event WHERE log=? AND key=?"
_INSERT = "INSERT INTO event(log, v, session, seq, at, actor, key, body, prev, digest) VALUES(?,?,?,?,?,?,?,?,?,?)"
_SUMMARISE = """
UPDATE session SET seq=?, head=?, updated=?, workspace=coalesce(?, workspace), forked_from=coalesce(?, forked_from),
  outcome=coalesce(?, outcome), prompt=CASE prompt WHEN '' THEN coalesce(?, '') ELSE prompt END
WHERE id=? AND token=?"""


class SqlLog:
    """Implements EventLog. Without a holder it is read-only; with one it is the session's only writer."""

    def __init__(
        self,
        database: Database,
        session: str,
        redactor: Redactor,
        clock: Callable[[], datetime],
        holder: Holder | None,
    ) -> None:
        self.session = session
        self.blobs = SqlBlobs(database, session)
        self._database = database
        self._redactor = redactor
        self._clock = clock
        self._holder = holder
        self._arrived = anyio.Event()

    @property
    def writing(self) -> bool:
        """True while this process holds the lease."""
        return self._holder is not None

    async def append(self, key: str, actor: str, body: Body) -> Event:
        """Append once: the same key twice returns the event of the first time.

        What is returned is what was written: secrets are redacted in it. Raises StoreError.
        """
        event = self.write(key, actor, body)
        self._arrived.set()
        self._arrived = anyio.Event()
        return event

    def write(self, key: str, actor: str, body: Body) -> Event:
        """Append at once, followers in this process aside: they see it at their next look. Raises StoreError."""
        if self._holder is None:
            raise StoreError(f"session {self.session} is open for reading only")
        key, actor = self._redactor.text(key), self._redactor.text(actor)
        data, blobs = pack(body, self._redactor)
        written = unpack(data, lambda address: blobs[address])
        with self._database.write(sync=isinstance(body, LANDMARKS)):
            if row := self._row(key):
                return self._event(row)
            for address, content in blobs.items():
                put_blob(self._database, self.session, address, content)
            return self._insert(key, actor, data, written)

    def find(self, key: str) -> Event | None:
        """The event appended under this key, if there is one. Raises StoreError."""
        row = self._row(self._redactor.text(key))
        return self._event(row) if row else None

    def read(self, after: int = 0) -> list[Event]:
        """Events with seq > after, in order. Raises StoreError."""
        rows = self._database.rows(_READ, (self.session, after))
        return [self._event(row) for row in rows]

    async def follow(self, after: int = 0) -> AsyncIterator[Event]:
        """Events with seq > after and those to come, from whichever process, until no run goes on after a Finished."""
        finished = False
        while True:
            arrived = self._arrived
            for event in self.read(after):
                yield event
                after = event.seq
                finished = isinstance(event.body, Finished) or (finished and not isinstance(event.body, TAKEN_UP))
            if finished and self._head()[0] == after:
                return
            with anyio.move_on_after(POLL_SECONDS):
                await arrived.wait()

    def close(self) -> None:
        """Give the lease back; the log stays readable."""
        if self._holder is not None:
            holder, self._holder = self._holder, None
            give_back(self._database, self.session, holder)

    def _row(self, key: str) -> Row | None:
        return self._database.row(_FIND, (self.session, key))

    def _event(self, row: Row) -> Event:
        return event_of(link_of(row), lambda address: get_blob(self._database, address))

    def _head(self) -> tuple[int, str]:
        row = self._database.row("SELECT seq, head FROM session WHERE id=?", (self.session,))
        if row is None:
            raise StoreError(f"session {self.session} was deleted")
        return int(row[0]), str(row[1])

    def _insert(self, key: str, actor: str, data: bytes, body: Body) -> Event:
        last, prev = self._head()
        seq, at = last + 1, self._clock()
        written_at = timestamp(at)
        digest = chain(VERSION, self.session, seq, written_at, actor, key, data, prev)
        self._summarise(seq, digest, written_at, body)
        self._database.execute(
            _INSERT,
            (self.session, VERSION, self.session, seq, written_at, actor, key, data, prev, digest),
        )
        return Event(VERSION, self.session, seq, datetime.fromisoformat(written_at), actor, key, body, prev, digest)

    def _summarise(self, seq: int, head: str, at: str, body: Body) -> None:
        """Move the session's head; no row means that the lease has gone to another process."""
        workspace = forked = outcome = prompt = None
        match body:
            case SessionStarted():
                workspace, forked = body.workspace, body.forked_from
            case Prompted():
                outcome, prompt = "", body.text[:PROMPT_SHOWN]
            case Resumed():
                outcome = ""
            case Finished():
                outcome = body.proof.outcome
            case _:
                pass
        token = self._holder.token if self._holder else ""
        moved = self._database.execute(
            _SUMMARISE, (seq, head, at, workspace, forked, outcome, prompt, self.session, token)
        )
        if moved != 1:
            raise StoreError(f"another process has taken session {self.session} over: stop here, resume there")
