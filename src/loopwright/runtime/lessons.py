"""The lessons of this machine: opened for a session, listed, forgotten, exported and imported. None is ever sent."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from loopwright.core.errors import UsageError
from loopwright.core.knowledge import OPERATOR, PRIORS, Lesson
from loopwright.knowledge.lessons import LONGEST, WORTH, Lessons, now_utc, weight
from loopwright.runtime.home import Home
from loopwright.store.lessons import SqlLessons

#: The first line of an export.
HEAD = {"loopwright": "lessons", "version": 1}
#: Bytes of a file to be imported, and lessons in it, at most.
LARGEST, MOST = 16 << 20, 10_000
_ID_LONGEST, _SCOPE_LONGEST = 64, 4096


@dataclass(frozen=True, slots=True)
class Weighed:
    """A lesson and what it weighs today; below `WORTH` it is not recalled any more."""

    lesson: Lesson
    weight: float

    @property
    def kind(self) -> str:
        """Cure: the cure of a failure. Edit: how often a kind of edit cured. Score: how good the memory was."""
        if self.score:
            return "score"
        return "edit" if self.lesson.fingerprint.startswith(OPERATOR) else "cure"

    @property
    def score(self) -> bool:
        return self.lesson.fingerprint == PRIORS

    @property
    def expired(self) -> bool:
        return self.weight < WORTH

    def record(self) -> dict[str, Any]:
        """Return it as `lessons list --json` prints it."""
        made = {"kind": self.kind, "weight": round(self.weight, 3), "expired": self.expired}
        return {**msgspec.to_builtins(self.lesson), **made}


def remember(home: Home, env: Mapping[str, str], root: Path) -> Lessons:
    """Return the memory of sessions on `root`. Raises StoreError."""
    return Lessons(SqlLessons.open(home.state, environ=env), scope=str(root), families=_families)


def _families() -> Mapping[str, str]:
    from loopwright.engines.repair.operators import catalogue

    return catalogue.FAMILIES


@contextmanager
def _table(home: Home, env: Mapping[str, str]) -> Iterator[SqlLessons]:
    with closing(SqlLessons.open(home.state, environ=env)) as table:
        yield table


def list_lessons(home: Home, env: Mapping[str, str], root: Path | None) -> list[Weighed]:
    """Return what is known for `root` (None = everywhere), the last used first. Raises StoreError."""
    now = now_utc()
    with _table(home, env) as table:
        return [Weighed(lesson, weight(lesson, now)) for lesson in table.all(str(root.resolve()) if root else "")]


def find_lesson(home: Home, env: Mapping[str, str], start: str) -> Weighed:
    """Return the lesson whose id begins with `start`. Raises UsageError where that is none or several."""
    found = [x for x in list_lessons(home, env, None) if start and x.lesson.id.startswith(start)]
    if exact := [x for x in found if x.lesson.id == start]:
        return exact[0]
    if not found:
        raise UsageError(f"there is no lesson {start}: `loopwright lessons list --all` names them")
    if len(found) > 1:
        raise UsageError(f"{len(found)} lessons begin with {start}: give more of the id")
    return found[0]


def forget_lessons(home: Home, env: Mapping[str, str], ids: Sequence[str]) -> int:
    """Remove lessons and return how many there were. Raises UsageError, with nothing removed, for an unknown one."""
    known = [find_lesson(home, env, start).lesson.id for start in ids]
    with _table(home, env) as table:
        return sum(table.forget(lesson) for lesson in dict.fromkeys(known))


def export_lessons(home: Home, env: Mapping[str, str], root: Path | None) -> str:
    """Return the lessons as JSON Lines, one a line behind the head. Secrets were redacted when they were kept."""
    lines = [HEAD, *(msgspec.to_builtins(x.lesson) for x in list_lessons(home, env, root) if not x.score)]
    return "".join(msgspec.json.encode(line).decode() + "\n" for line in lines)


def import_lessons(home: Home, env: Mapping[str, str], file: Path) -> tuple[int, int]:
    """Keep the lessons of a file and return how many are new and how many were known. All of them or none.

    What they did elsewhere counts for nothing: each begins here as never tried, and kinds of edit count only by repairs
    that were proven here. Raises UsageError with file and line for what is no export.
    """
    lessons = [*_read(file)]
    with _table(home, env) as table:
        known = {lesson.id for lesson in table.all()}
        new = {x.id: x for x in lessons if x.id not in known}
        with table.together():
            for lesson in new.values():
                table.put(lesson)
    return len(new), len({x.id for x in lessons} & known)


def _read(file: Path) -> Iterator[Lesson]:
    lines = _content(file).splitlines()
    try:
        head = msgspec.json.decode(lines[0]) if lines else None
    except (msgspec.DecodeError, RecursionError):
        head = None
    if head != HEAD:
        raise UsageError(f"{file} is no export of lessons: its first line must be {msgspec.json.encode(HEAD).decode()}")
    if len(lines) - 1 > MOST:
        raise UsageError(f"{file} has {len(lines) - 1} lessons: at most {MOST} can be imported at once")
    for number, line in enumerate(lines[1:], 2):
        if not line.strip():
            continue
        try:
            lesson = msgspec.json.decode(line, type=Lesson)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise UsageError(f"{file} line {number}: {error}") from None
        yield _clean(lesson, f"{file} line {number}")


def _content(file: Path) -> bytes:
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise UsageError(f"{file} is not a regular file")
        with file.open("rb") as opened:
            data = opened.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror or error}") from None
    if len(data) > LARGEST:
        raise UsageError(f"{file} is larger than {LARGEST >> 20} MB")
    return data


def _clean(lesson: Lesson, where: str) -> Lesson:
    """Return an imported lesson as one that was never tried here. Raises UsageError."""
    plain = {"id": lesson.id, "fingerprint": lesson.fingerprint, "session": lesson.session, "scope": lesson.scope}
    for name, text in plain.items():
        longest = _SCOPE_LONGEST if name == "scope" else _ID_LONGEST + 60
        if len(text) > longest or not text.isprintable():
            raise UsageError(f"{where}: `{name}` is too long or holds what cannot be printed")
    if not lesson.id.strip() or not lesson.fingerprint.strip() or not lesson.text.strip():
        raise UsageError(f"{where}: a lesson needs an id, a fingerprint and a text")
    if lesson.id == PRIORS or lesson.fingerprint == PRIORS:
        raise UsageError(f"{where}: {PRIORS!r} is kept by this machine alone")
    if not 0 <= lesson.seq < 1 << 53:
        raise UsageError(f"{where}: `seq` is out of range")
    text = " ".join("".join(c if c.isprintable() else " " for c in lesson.text).split())[:LONGEST]
    return msgspec.structs.replace(lesson, text=text, tried=0, helped=0, used="")
