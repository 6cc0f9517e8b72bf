"""Lessons: kept after a fail-then-pass, recalled for the same failure or the same words, and only while they help."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import anyio
import msgspec
import pytest

from loopwright.core.errors import StoreError
from loopwright.core.knowledge import Diagnosis, Lesson
from loopwright.core.plan import Requirement
from loopwright.knowledge.lessons import Lessons, weight
from loopwright.store.lessons import FILE_NAME, SqlLessons
from loopwright.testing.log import Ticks

LESSON = Lesson(
    "l1", "f1", "TypeError: discount takes a percentage -> divide by 100, not by '100'", "s1", 7, "/shop", 1, 1
)


@pytest.fixture
def table(tmp_path: Path) -> Iterator[SqlLessons]:
    opened = SqlLessons.open(tmp_path, environ={"SHOP_API_KEY": "hunter2hunter2"}, clock=Ticks())
    yield opened
    opened.close()


def lessons(table: SqlLessons, scope: str = "", days: float = 0) -> Lessons:
    """The lessons as they are `days` after they were kept."""
    return Lessons(table, scope, clock=lambda: Ticks()() + timedelta(days=days))


def keep(table: SqlLessons, lesson: Lesson, **changes: object) -> None:
    anyio.run(lessons(table).keep, msgspec.structs.replace(lesson, **changes))


def recall(table: SqlLessons, about: Diagnosis | Requirement, scope: str = "/shop") -> list[str]:
    return [lesson.id for lesson in anyio.run(lessons(table, scope).recall, about)]


def failure(fingerprint: str = "f1", message: str = "boom") -> Diagnosis:
    return Diagnosis("type", message, fingerprint)


def test_a_lesson_comes_back_for_the_same_failure(table: SqlLessons) -> None:
    keep(table, LESSON)
    (found,) = anyio.run(lessons(table, "/shop").recall, failure())
    assert msgspec.structs.replace(found, used="") == LESSON
    assert found.used == table.all()[0].used > "2026"
    assert recall(table, failure("f2")) == []


def test_a_lesson_comes_back_for_the_same_words(table: SqlLessons) -> None:
    keep(table, LESSON)
    keep(table, LESSON, id="l2", fingerprint="f2", text="the parser forgets the last token of a line")
    assert recall(table, Requirement("the discount shows a wrong percentage")) == ["l1"]
    assert recall(table, failure("f9", "TypeError: discount() got a bad percentage")) == ["l1"]


@pytest.mark.parametrize(
    "goal", ["make the failing tests pass", "", "x", "discount", 'AND OR NOT "quoted" ( * NEAR', "💥 ☃"]
)
def test_a_few_common_words_recall_nothing(table: SqlLessons, goal: str) -> None:
    keep(table, LESSON)
    assert recall(table, Requirement(goal)) == []


def test_the_same_failure_comes_before_the_same_words(table: SqlLessons) -> None:
    keep(table, LESSON, id="words", fingerprint="f2")
    keep(table, LESSON, id="same", text="unrelated words altogether")
    assert recall(table, failure("f1", "discount percentage divide")) == ["same", "words"]


def test_a_lesson_learned_again_adds_up(table: SqlLessons) -> None:
    keep(table, LESSON)
    keep(table, LESSON, tried=2, helped=1)
    (lesson,) = table.all()
    assert (lesson.tried, lesson.helped) == (3, 2)


def test_those_that_helped_most_come_first_and_few_are_shown(table: SqlLessons) -> None:
    for number in range(6):
        keep(table, LESSON, id=f"l{number}", text=f"cure {number}", tried=10, helped=5 + number)
    assert recall(table, failure()) == ["l5", "l4", "l3"]


def test_a_lesson_that_does_not_help_is_not_recalled_any_more(table: SqlLessons) -> None:
    keep(table, LESSON, tried=1, helped=0)
    assert weight(table.all()[0]) == pytest.approx(1 / 3)
    assert recall(table, failure()) == []
    keep(table, LESSON, tried=3, helped=3)
    assert recall(table, failure()) == ["l1"]


def test_a_lesson_stays_in_its_repository_unless_it_is_for_all(table: SqlLessons) -> None:
    keep(table, LESSON)
    keep(table, LESSON, id="all", scope="")
    assert recall(table, failure(), "/other") == ["all"]
    assert set(recall(table, failure(), "/shop")) == {"l1", "all"}
    assert {lesson.id for lesson in table.all()} == {"l1", "all"}


def test_a_lesson_is_one_short_line_without_secrets(table: SqlLessons, tmp_path: Path) -> None:
    keep(table, LESSON, text="use hunter2hunter2\n\x1b[31mas the key\r\n" + "x" * 2000)
    (lesson,) = table.all()
    assert lesson.text.startswith("use [redacted:SHOP_API_KEY] [31mas the key x")
    assert len(lesson.text) < 700
    assert b"hunter2" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


@pytest.mark.parametrize("changes", [{"text": " \n"}, {"fingerprint": ""}])
def test_what_says_nothing_is_not_kept(table: SqlLessons, changes: dict[str, str]) -> None:
    keep(table, LESSON, **changes)
    assert table.all() == []


def test_a_lesson_can_be_forgotten(table: SqlLessons) -> None:
    keep(table, LESSON)
    assert table.forget("l1")
    assert not table.forget("l1")
    assert table.all() == []
    assert recall(table, Requirement("the discount shows a wrong percentage")) == []


def test_lessons_are_there_for_the_next_session(tmp_path: Path) -> None:
    first = SqlLessons.open(tmp_path)
    keep(first, LESSON)
    first.close()
    second = SqlLessons.open(tmp_path)
    assert [msgspec.structs.replace(lesson, used="") for lesson in second.all()] == [LESSON]
    second.close()


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("nothing like a database, but of some length " * 100)
    with pytest.raises(StoreError, match=r"lessons\.db: it is damaged"):
        SqlLessons.open(tmp_path)
