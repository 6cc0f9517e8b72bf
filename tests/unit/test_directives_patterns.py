"""Expressions that are looked for only where their words occur find what they would find anyway."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

from loopwright.guard.directives import recognisers
from loopwright.guard.directives.reading import patterns
from loopwright.guard.directives.reading.patterns import Pattern, required

CORPUS = Path(__file__).parents[1] / "corpus" / "directives.txt"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("never|always", (("never", "always"),)),
        (r"\bco-?locate[ds]?\b", (("locate",), ("co",))),
        (r"(?:tabs?|spaces) for indent", ((" for indent",), ("tab", "spaces"))),  # those first that tell most
        (r"tests? (?:must|shall)", (("test",), ("must", "shall"))),
        ("(?:very )?long", (("long",),)),
        ("no|never", (("no", "never"),)),
        ("a|never", ()),  # a word of one letter is in most sentences
        (r"`===`", (("`===`",),)),
        (r"\.css\b|[a-z]+\(\)", ((".css", "()"),)),
        (r"\.? ?x{2}y{1,3}", ()),
        (r"\d{1,3} ≥\u2265 \1?", ((" ≥",),)),
        (r"(`\w+`) \1", (("`",),)),
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


def test_every_match_of_every_table_holds_the_words_that_it_must() -> None:
    texts = [line.rpartition(" :: ")[2] for line in CORPUS.read_text("utf-8").splitlines()][::3]
    found = 0
    for pattern in tables():
        compiled = pattern._ready()
        for text in texts:
            if compiled.search(text):
                assert pattern.search(text), (compiled.pattern, pattern.words, text)
                found += 1
    assert found > 1000


def tables() -> list[Pattern]:
    """Return the expressions that stand by a name in a module of the recognisers."""
    modules = [import_module(f"{recognisers.__name__}.{module.name}") for module in iter_modules(recognisers.__path__)]
    return [value for module in modules for value in vars(module).values() if isinstance(value, patterns.Pattern)]
