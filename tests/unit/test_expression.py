"""Expressions that wait: as `re.compile` gives them, compiled once and only when used."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest

import loopwright
from loopwright.core.expression import expression


def test_it_does_what_a_compiled_expression_does() -> None:
    word = expression(r"(?P<first>[a-z])[a-z]*", re.IGNORECASE)
    assert word.search("12 Ab") is not None and word.match("12 Ab") is None
    assert word.fullmatch("Ab") is not None and word.findall("ab CD") == ["a", "C"]
    assert word.sub(lambda m: m["first"], "ab CD") == "a C" and word.split("1ab2") == ["1", "a", "2"]
    assert [m.start() for m in word.finditer("ab CD", 1)] == [1, 3]
    assert word.pattern == r"(?P<first>[a-z])[a-z]*" and word.flags & re.IGNORECASE and word.groupindex == {"first": 1}
    assert expression(rb"\d+").findall(b"1 22") == [b"1", b"22"]


def test_it_is_compiled_at_its_first_use_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = []
    real = re.compile
    monkeypatch.setattr(re, "compile", lambda source, flags=0: compiled.append(source) or real(source, flags))
    made = expression("a+")
    assert compiled == []
    assert made.search("caat") and made.search("t") is None and made.match("aa")
    assert compiled == ["a+"]


def test_a_fault_in_one_is_told_at_its_use() -> None:
    with pytest.raises(re.error):
        expression("(").search("")


def test_every_expression_of_the_house_compiles() -> None:
    kind, found = type(expression("")), 0
    for module in pkgutil.walk_packages(loopwright.__path__, "loopwright."):
        if module.name.endswith("__main__") or ".inside" in module.name:
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if type(value) is kind:
                found += bool(value.pattern) or value.pattern == ""
    assert found > 100
