"""Expressions that were compiled by an earlier process are what the interpreter itself would make of them."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from loopwright.core import expression
from loopwright.core.expression import compiled
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.runtime.kept_expressions import KeptExpressions

SOURCES: list[tuple[str | bytes, int]] = [
    (r"plain", 0),
    (r"(?P<name>[a-zäöü]+)-(\d{1,3})(?=x|y)", re.IGNORECASE),
    (r"^\s*(?:a|b(?!c))*?$", re.MULTILINE | re.DOTALL),
    (r"(?x) a  # with a comment", 0),
    (r"(?<=\w)\b[^\W\d_]+(?i:Ab)", 0),
    (rb"\x00[\x80-\xff]{2,}", 0),
    ("[\u4e00-\u9fff]+|\U0001f600", 0),
]


@pytest.fixture(autouse=True)
def writes_bytecode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "__pycache__" / "expressions.bin"


def filled(place: Path) -> KeptExpressions:
    kept = KeptExpressions(place)
    for source, flags in SOURCES:
        kept.compile(source, flags)
    kept.words("one|two", lambda _: (("one", "two"),))
    kept.keep()
    return kept


@pytest.mark.parametrize(("source", "flags"), SOURCES)
def test_the_same_comes_out_as_the_interpreter_makes(place: Path, source: str | bytes, flags: int) -> None:
    filled(place)
    found, own = KeptExpressions(place).compile(source, flags), re.compile(source, flags)
    assert found == own, "its code, flags and source"
    assert (found.groups, found.groupindex) == (own.groups, own.groupindex)


def test_what_is_kept_is_not_compiled_again(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(place)
    kept = KeptExpressions(place)

    def fails(*_: object) -> None:
        raise AssertionError("compiled again")

    monkeypatch.setattr(kept._parser, "parse", fails)
    assert kept.compile("plain", 0).search("a plain word")
    assert kept.words("one|two", fails) == (("one", "two"),)


def test_an_expression_that_was_changed_is_compiled_anew(place: Path) -> None:
    filled(place)
    assert KeptExpressions(place).compile("plainer", 0) == re.compile("plainer")


@pytest.mark.parametrize("damage", ["short", "other", "older", "text"])
def test_a_file_that_is_not_of_this_interpreter_is_as_none(place: Path, damage: str) -> None:
    filled(place)
    whole = place.read_bytes()
    if damage == "older":
        other = KeptExpressions(place)
        other._release = (0, "3.0", 1, 4)
        other._grown = True
        other.keep()
    else:
        place.write_bytes({"short": whole[:-7], "other": b"\xe9\x01\x00\x00\x00", "text": b"nothing"}[damage])
    kept = KeptExpressions(place)
    assert kept._compiled == {}
    assert kept.compile("plain", 0) == re.compile("plain")


def test_nothing_is_written_where_no_bytecode_is(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    filled(place)
    assert not place.exists()


def test_a_directory_that_cannot_be_written_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    filled(tmp_path / "file" / "expressions.bin")


def test_nothing_is_left_beside_it(place: Path) -> None:
    filled(place)
    assert [path.name for path in place.parent.iterdir()] == [place.name]


def test_a_file_that_grew_without_end_is_begun_anew(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loopwright.runtime.kept_expressions._MOST", 3)
    filled(place)
    assert KeptExpressions(place)._compiled == {}


def test_a_fault_in_an_expression_is_told_as_ever(place: Path) -> None:
    with pytest.raises(re.error):
        KeptExpressions(place).compile("(", 0)


def test_an_interpreter_with_another_compiler_is_no_fault(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = KeptExpressions(place)
    monkeypatch.setattr(kept, "_sre", object())
    assert kept.compile("plain", 0) == re.compile("plain")


def test_patterns_ask_what_is_kept(place: Path) -> None:
    kept = KeptExpressions(place)
    expression.remember(kept)
    try:
        assert Pattern("one of (?:these|those)").search("is it one of those?")
        assert compiled("a+").match("aa")
    finally:
        expression.remember(None)
    assert set(kept._compiled) >= {("one of (?:these|those)", 0), ("a+", 0)}
    assert set(kept._words) == {"one of (?:these|those)"}
