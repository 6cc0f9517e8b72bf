"""The store: every session of one state directory in one SQLite file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from loopwright.core.audit import Audit
from loopwright.core.errors import StoreError, UsageError
from loopwright.core.events import SessionStarted
from loopwright.core.project import fold
from loopwright.core.sessions import SessionSummary
from loopwright.core.state import State
from loopwright.store.audit import audit_session, export_session
from loopwright.store.database import BUSY_SECONDS, Database
from loopwright.store.lease import Holder, take
from loopwright.store.log import SqlLog
from loopwright.store.redact import Redactor

FILE_NAME = "sessions.db"
FORMAT = 1

SCHEMA = """
CREATE TABLE session(
  id TEXT PRIMARY KEY, created TEXT NOT NULL, updated TEXT NOT NULL, workspace TEXT NOT NULL DEFAULT '',
  prompt TEXT NOT NULL DEFAULT '', outcome TEXT NOT NULL DEFAULT '', forked_from TEXT NOT NULL DEFAULT '',
  seq INTEGER NOT NULL DEFAULT 0, head TEXT NOT NULL DEFAULT '', holder TEXT NOT NULL DEFAULT '',
  token TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
CREATE INDEX session_updated ON session(updated);
CREATE TABLE event(
  log TEXT NOT NULL REFERENCES session(id) ON DELETE CASCADE, seq INTEGER NOT NULL, v INTEGER NOT NULL,
  session TEXT NOT NULL, at TEXT NOT NULL, actor TEXT NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL,
  prev TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY(log, seq)) WITHOUT ROWID;
CREATE UNIQUE INDEX event_key ON event(log, key);
CREATE TABLE blob(address TEXT PRIMARY KEY, size INTEGER NOT NULL, form INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE blob_use(
  log TEXT NOT NULL REFERENCES session(id) ON DELETE CASCADE, address TEXT NOT NULL REFERENCES blob(address),
  PRIMARY KEY(log, address)) WITHOUT ROWID;
CREATE INDEX blob_use_address ON blob_use(address)
"""
_COPY_EVENTS = """
INSERT INTO event SELECT ?, seq, v, session, at, actor, key, body, prev, digest FROM event WHERE log=? AND seq<=?"""
_COPY_USES = "INSERT INTO blob_use(log, address) SELECT ?, address FROM blob_use WHERE log=?"
_COPY_RECORD = "UPDATE session SET seq=?, head=?, prompt=(SELECT prompt FROM session WHERE id=?) WHERE id=?"
_UNSHARED = """
SELECT address FROM blob_use mine WHERE log=?
AND NOT EXISTS (SELECT 1 FROM blob_use other WHERE other.address=mine.address AND other.log<>mine.log)"""


def utc_now() -> datetime:
    return datetime.now(UTC)


class Store:
    """Opens, lists, forks and deletes logs. Safe with several threads and several processes."""

    def __init__(self, database: Database, redactor: Redactor, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._redactor = redactor
        self._clock = clock
        self._open: list[SqlLog] = []

    @staticmethod
    def open(
        directory: str | Path,
        *,
        environ: Mapping[str, str] | None = None,
        clock: Callable[[], datetime] = utc_now,
        busy_seconds: float = BUSY_SECONDS,
    ) -> Store:
        """Open the store of a state directory, made where it is not there.

        Values of secret-looking variables in `environ` never reach the file. Raises StoreError.
        """
        path = Path(directory) / FILE_NAME
        return Store(Database(path, SCHEMA, FORMAT, busy_seconds=busy_seconds), Redactor(environ), clock)

    def create(self, session: str) -> SqlLog:
        """Return the empty log of a new session; this process writes it. Raises UsageError if it exists, StoreError."""
        with self._database.write():
            self._insert(session)
            return self.log(session)

    def log(self, session: str) -> SqlLog:
        """Return the log of a session to write to. Raises UsageError (unknown, or written elsewhere), StoreError."""
        return self._opened(session, take(self._database, session))

    def reader(self, session: str) -> SqlLog:
        """Return the log of a session to read and follow, whoever writes it. Raises UsageError where it is unknown."""
        self._known(session)
        return self._opened(session, None)

    def find(self, prefix: str) -> str:
        """Return the one session whose id starts with prefix. Raises UsageError where none or several do."""
        ids = [
            str(row[0])
            for row in self._database.rows(
                "SELECT id FROM session WHERE substr(id, 1, length(?))=? ORDER BY id=? DESC, updated DESC LIMIT 3",
                (prefix, prefix, prefix),
            )
        ]
        if not ids or not prefix:
            raise UsageError(f"there is no session {prefix or 'without a name'}: `loopwright sessions` lists them")
        if len(ids) > 1 and ids[0] != prefix:
            raise UsageError(f"{prefix} can be session {ids[0]} or {ids[1]}: give more of its id")
        return ids[0]

    def sessions(self, *, workspace: str = "", limit: int = -1) -> list[SessionSummary]:
        """Return the sessions (of one workspace), last written first; those without any event are left out."""
        rows = self._database.rows(
            "SELECT id, workspace, prompt, outcome, created, updated, seq, forked_from FROM session "
            "WHERE seq>0 AND (?='' OR workspace=?) ORDER BY updated DESC, id LIMIT ?",
            (workspace, workspace, limit),
        )
        return [
            SessionSummary(i, place, prompt, outcome, _moment(made), _moment(last), events, source)
            for i, place, prompt, outcome, made, last, events, source in rows
        ]

    def fork(self, session: str, at: int, new: str) -> SqlLog:
        """Return a new session that shares the events of another up to `at` and goes on from there.

        The events are copied with their digests, so the new log is whole without the old one and its chain runs on
        through the fork. Raises UsageError where there is no such event, StoreError.
        """
        events = [event for event in self.reader(session).read() if event.seq <= at]
        if not events or events[-1].seq != at:
            raise UsageError(f"session {session} has no event {at} to fork from")
        last, state = events[-1], fold(State(), events)
        with self._database.write():
            self._insert(new)
            self._database.execute(_COPY_EVENTS, (new, session, at))
            self._database.execute(_COPY_USES, (new, session))
            self._database.execute(_COPY_RECORD, (at, last.digest, session, new))
            log = self.log(new)
            log.write(
                f"fork:{new}", "host", SessionStarted(state.workspace, state.base, state.settings, last.session, at)
            )
        return log

    def delete(self, session: str) -> None:
        """Remove a session and the blobs that no other one uses. Raises UsageError where another process writes it."""
        mine = [log for log in self._open if log.session == session]
        for log in mine:
            log.close()
        take(self._database, session)
        with self._database.write():
            unshared = self._database.rows(_UNSHARED, (session,))
            self._database.execute("DELETE FROM event WHERE log=?", (session,))
            self._database.execute("DELETE FROM blob_use WHERE log=?", (session,))
            for address in unshared:
                self._database.execute("DELETE FROM blob WHERE address=?", address)
            self._database.execute("DELETE FROM session WHERE id=?", (session,))
        self._database.flush()

    def verify(self, session: str, head: str = "") -> Audit:
        """Check a session's events and blobs, and that `head` (of a proof) is in its chain. Raises UsageError."""
        return audit_session(self._database, session, head)

    def export(self, session: str) -> Iterator[str]:
        """Return the lines of a session's archive, to be checked elsewhere by `audit.audit_file`. Raises UsageError."""
        return export_session(self._database, session)

    def logs(self) -> list[str]:
        """Every session of which there is a record or an event, for an audit of them all."""
        found = self._database.rows("SELECT id FROM session WHERE seq>0 UNION SELECT log FROM event ORDER BY 1")
        return [str(row[0]) for row in found]

    def close(self) -> None:
        """Give all leases back and close the file."""
        for log in self._open:
            log.close()
        self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _insert(self, session: str) -> None:
        now = self._clock().astimezone(UTC).isoformat()
        with self._database.write():
            if self._database.row("SELECT 1 FROM session WHERE id=?", (session,)):
                raise UsageError(f"session {session} exists already: resume it, or choose another id")
            self._database.execute("INSERT INTO session(id, created, updated) VALUES(?,?,?)", (session, now, now))

    def _known(self, session: str) -> None:
        if self._database.row("SELECT 1 FROM session WHERE id=?", (session,)) is None:
            raise UsageError(f"there is no session {session}: `loopwright sessions` lists them")

    def _opened(self, session: str, holder: Holder | None) -> SqlLog:
        log = SqlLog(self._database, session, self._redactor, self._clock, holder)
        if holder is not None:
            self._open = [other for other in self._open if other.writing] + [log]
        return log


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise StoreError(f"the list of sessions is damaged ({text!r}): run `loopwright audit verify`") from None
