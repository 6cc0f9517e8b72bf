"""Lessons in a file of their own: they are forgotten and imported, which a log never is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

import msgspec

from loopwright.core.events import timestamp
from loopwright.core.knowledge import Lesson
from loopwright.store.database import BUSY_SECONDS, Database, Row
from loopwright.store.redact import Redactor
from loopwright.store.sql import utc_now

FILE_NAME = "lessons.db"
FORMAT = 1

SCHEMA = """
CREATE TABLE lesson(
  id TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, text TEXT NOT NULL, session TEXT NOT NULL, seq INTEGER NOT NULL,
  scope TEXT NOT NULL, tried INTEGER NOT NULL, helped INTEGER NOT NULL, created TEXT NOT NULL, used TEXT NOT NULL)
  WITHOUT ROWID;
CREATE INDEX lesson_fingerprint ON lesson(fingerprint);
CREATE VIRTUAL TABLE lesson_words USING fts5(id UNINDEXED, text, tokenize='porter unicode61')
"""

_PUT = """
INSERT INTO lesson VALUES(?,?,?,?,?,?,?,?,?,?)
ON CONFLICT(id) DO UPDATE SET tried=tried+excluded.tried, helped=helped+excluded.helped, used=excluded.used"""
_LIST = """
SELECT id, fingerprint, text, session, seq, scope, tried, helped, used FROM lesson
WHERE ?='' OR scope IN ('', ?) ORDER BY used DESC, id"""
_SAME = """
SELECT id, fingerprint, text, session, seq, scope, tried, helped, used FROM lesson
WHERE fingerprint=? AND (?='' OR scope IN ('', ?)) ORDER BY helped*1.0/(tried+1) DESC, used DESC, id LIMIT ?"""
_ABOUT = """
SELECT l.id, fingerprint, l.text, session, seq, scope, tried, helped, used
FROM lesson_words w JOIN lesson l ON l.id=w.id
WHERE lesson_words MATCH ? AND (?='' OR scope IN ('', ?)) ORDER BY bm25(lesson_words), l.id LIMIT ?"""

_BEGINNING = """
SELECT id, fingerprint, text, session, seq, scope, tried, helped, used FROM lesson
WHERE substr(fingerprint, 1, length(?))=? ORDER BY id"""


class SqlLessons:
    """Implements LessonTable."""

    def __init__(self, database: Database, redactor: Redactor, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._redactor = redactor
        self._clock = clock

    @staticmethod
    def open(
        directory: str | Path,
        *,
        environ: Mapping[str, str] | None = None,
        clock: Callable[[], datetime] = utc_now,
        busy_seconds: float = BUSY_SECONDS,
    ) -> SqlLessons:
        """Open the lessons of a state directory. Raises StoreError."""
        path = Path(directory) / FILE_NAME
        return SqlLessons(Database(path, SCHEMA, FORMAT, busy_seconds=busy_seconds), Redactor(environ), clock)

    def together(self) -> AbstractContextManager[None]:
        """All that is put inside it is kept, or none of it. Raises StoreError."""
        return self._database.write()

    def put(self, lesson: Lesson) -> None:
        """Keep a lesson, secrets redacted; one with the same id adds up. Raises StoreError."""
        now = lesson.used or timestamp(self._clock())
        clean = msgspec.structs.replace(lesson, text=self._redactor.text(lesson.text))
        with self._database.write():
            if self._database.row("SELECT 1 FROM lesson WHERE id=?", (clean.id,)) is None:
                self._database.execute("INSERT INTO lesson_words(id, text) VALUES(?,?)", (clean.id, clean.text))
            self._database.execute(_PUT, (*msgspec.structs.astuple(clean)[:-1], now, now))

    def with_fingerprint(self, fingerprint: str, scope: str, limit: int) -> list[Lesson]:
        """Lessons of exactly this failure, those that helped most first. Raises StoreError."""
        return [_lesson(row) for row in self._database.rows(_SAME, (fingerprint, scope, scope, limit))]

    def beginning(self, prefix: str) -> list[Lesson]:
        """Lessons of every scope whose fingerprint begins so. Raises StoreError."""
        return [_lesson(row) for row in self._database.rows(_BEGINNING, (prefix, prefix))]

    def about(self, words: Sequence[str], scope: str, limit: int) -> list[Lesson]:
        """Lessons whose text has any of the words, the best match first. Raises StoreError."""
        if not words:
            return []
        query = " OR ".join('"' + word.replace('"', '""') + '"' for word in words)
        return [_lesson(row) for row in self._database.rows(_ABOUT, (query, scope, scope, limit))]

    def all(self, scope: str = "") -> list[Lesson]:
        """Every lesson that a scope sees, the last used first. Raises StoreError."""
        return [_lesson(row) for row in self._database.rows(_LIST, (scope, scope))]

    def forget(self, lesson: str) -> bool:
        """Remove a lesson; True where there was one. Raises StoreError."""
        with self._database.write():
            self._database.execute("DELETE FROM lesson_words WHERE id=?", (lesson,))
            return self._database.execute("DELETE FROM lesson WHERE id=?", (lesson,)) == 1

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def _lesson(row: Row) -> Lesson:
    return Lesson(*row)
