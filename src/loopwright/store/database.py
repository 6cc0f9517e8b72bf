"""One SQLite file: opened safely, written in whole transactions, its errors said in one line."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from loopwright.core.errors import LoopwrightError, StoreError

#: Seconds to wait for another process's transaction.
BUSY_SECONDS = 10.0

Row = tuple[Any, ...]


class Database:
    """A connection to one file, usable from several threads; several processes may hold one each.

    Write-ahead log with `synchronous=NORMAL`: a commit survives kill -9 at any moment; a power cut can lose the last
    commits but never one out of the middle, so what is left is a consistent prefix. `write(sync=True)` also forces
    everything so far to the disk (docs/adr/0001).
    """

    def __init__(self, path: Path, schema: str, version: int, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self.path = path
        self._lock = threading.RLock()
        with self._errors("open"):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._private()
            self._connection = sqlite3.connect(
                path, timeout=busy_seconds, isolation_level=None, check_same_thread=False, cached_statements=64
            )
        self._closing = weakref.finalize(self, self._connection.close)
        try:
            with self._errors("open"):
                self._prepare(schema, version, busy_seconds)
        except BaseException:
            self._closing()
            raise

    def _private(self) -> None:
        """Make a new file readable by its owner only, before anything is in it."""
        try:
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except FileExistsError:
            return

    def _prepare(self, schema: str, version: int, busy_seconds: float) -> None:
        deadline = time.monotonic() + busy_seconds
        while True:  # the switch to WAL does not wait for a lock by itself
            try:
                self._connection.execute("PRAGMA journal_mode=WAL")
                break
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute("PRAGMA foreign_keys=ON")
        self._connection.execute("PRAGMA secure_delete=ON")
        found = self._version()
        if found == 0:
            with self.write():
                if self._version() == 0:
                    for statement in schema.split(";"):
                        self._connection.execute(statement)
                    self._connection.execute(f"PRAGMA user_version={version}")
            found = self._version()
        if found != version:
            raise StoreError(
                f"{self.path} has format {found}, this Loopwright knows {version}: "
                "use the version that wrote it, or move the file away"
            )

    def _version(self) -> int:
        return int(self._connection.execute("PRAGMA user_version").fetchone()[0])

    @contextmanager
    def write(self, *, sync: bool = False) -> Iterator[None]:
        """A transaction: all of it or nothing; one inside another is a part of that. Raises StoreError."""
        with self._lock, self._errors("write"):
            if self._inside():
                yield
                return
            if sync:
                self._connection.execute("PRAGMA synchronous=FULL")
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._inside():
                    self._connection.execute("ROLLBACK")
                raise
            finally:
                if sync:
                    self._connection.execute("PRAGMA synchronous=NORMAL")

    def _inside(self) -> bool:
        return self._connection.in_transaction

    def execute(self, sql: str, values: Sequence[object] = ()) -> int:
        """Run one statement and return how many rows it changed. Raises StoreError."""
        with self._lock, self._errors("write"):
            return self._connection.execute(sql, values).rowcount

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """Raises StoreError."""
        with self._lock, self._errors("read"):
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[object] = ()) -> Row | None:
        """The first row, if there is one. Raises StoreError."""
        with self._lock, self._errors("read"):
            found: Row | None = self._connection.execute(sql, values).fetchone()
            return found

    def flush(self) -> None:
        """Move everything from the write-ahead log into the file, as far as readers allow, and empty that log."""
        self.rows("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        with self._lock:
            self._closing()

    @contextmanager
    def _errors(self, verb: str) -> Iterator[None]:
        try:
            yield
        except LoopwrightError:
            raise
        except (sqlite3.Error, OSError, OverflowError) as error:
            raise StoreError(f"cannot {verb} {self.path}: {_advice(error)}") from error


_FULL = "the disk is full; free some space, then resume"
_ELSEWHERE = "it is read-only; make it writable or set LOOPWRIGHT_HOME to another directory"


def _advice(error: Exception) -> str:
    text = " ".join(str(error).split())
    advice = {
        "full": _FULL,
        "No space left": _FULL,
        "readonly": _ELSEWHERE,
        "Read-only": _ELSEWHERE,
        "Permission denied": "it is not yours; make it writable or set LOOPWRIGHT_HOME to another directory",
        "No such file": "its directory cannot be made; set LOOPWRIGHT_HOME to a directory that can be written",
        "unable to open": "it cannot be opened; check that its directory exists and is yours",
        "locked": "another process keeps it locked; try again when that one is done",
        "not a database": "it is damaged or not a Loopwright log; move it away and start anew",
        "malformed": "it is damaged; move it away and start anew, or restore it from a backup",
        "disk I/O": "the disk does not answer (I/O error)",
        "too big": "a value is larger than 1 GB",
    }
    return next((say for word, say in advice.items() if word in text), text)
