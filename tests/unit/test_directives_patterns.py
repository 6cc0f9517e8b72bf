"""Expressions that are looked for only where their words occur find what they would find anyway."""

from __future__ import annotations

import re

import pytest

from loopwright.guard.directives.reading.patterns import Pattern, required


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("never|always", (("never", "always"),)),
        (r"\bco-?locate[ds]?\b", (("locate",),)),
        (r"(?:tabs?|spaces) for indent", (("tab", "spaces"), (" for indent",))),
        (r"tests? (?:must|shall)", (("test",), ("must", "shall"))),
        ("(?:very )?long", (("long",),)),
        ("no|never", ()),  # a word of two letters is in most sentences
        ("不要|never", (("不要", "never"),)),
        (r"[+≥]\d|newer", ()),
        ("(?!not )(?<=a)(?P<name>x)", ()),
        ("colou?r{0,3}", (("colo",),)),
    ],
)
def test_words_that_every_match_must_hold(source: str, words: tuple[tuple[str, ...], ...]) -> None:
    assert required(source) == words


@pytest.mark.parametrize("text", ["Use TABS for indentation", "two spaces for indents", "tabs", "", "tabs for Indent"])
def test_a_pattern_answers_as_the_expression_itself(text: str) -> None:
    source = r"(tabs?|spaces) for (indent)"
    pattern, plain = Pattern(source, re.IGNORECASE), re.compile(source, re.IGNORECASE)
    found, wanted = pattern.search(text), plain.search(text)
    assert (found and found.groups()) == (wanted and wanted.groups())
    assert bool(pattern.match(text)) == bool(plain.match(text))
    assert bool(pattern.fullmatch(text)) == bool(plain.fullmatch(text))
    assert [m[0] for m in pattern.finditer(text)] == [m[0] for m in plain.finditer(text)]
    assert pattern.sub("-", text) == plain.sub("-", text)
