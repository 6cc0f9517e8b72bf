"""Text that breaks a parser in C neither ends nor hangs the process that judges it."""

from __future__ import annotations

import random

import pytest

from loopwright.guard import policy_shell
from loopwright.guard.grammar import parse, shell_text_of, text_of, walk

#: On each of these the parser of the TypeScript grammar runs for ever: once reading on, once without.
ENDLESS = ["[\x80<\x80``;.'1o}`1$(n ", "/[OF~!<!--)\U00010348>f*$}\U00010348^<>\U00010348/>>"]


@pytest.mark.parametrize("text", ENDLESS)
@pytest.mark.parametrize("grammar", ["typescript", "tsx"])
def test_a_parse_without_end_is_given_up_and_the_next_one_works(grammar, text):
    assert parse(grammar, text) is None
    root = parse(grammar, "const a: number = 1")
    assert root is not None
    assert not root.has_error


def test_wide_characters_in_shell_scripts_come_back_as_they_were():
    root = parse("bash", "cat '\u6587\u4ef6' \u00b6 \U0010ffff x\u00e9")
    assert root is not None
    assert [shell_text_of(n) for n in walk(root) if n.type in ("word", "raw_string")] == [
        "cat",
        "'\u6587\u4ef6'",
        "\u00b6",
        "\U0010ffff",
        "x\u00e9",
    ]
    assert [c.argv for c in policy_shell.read("rm docs/\u6587\u6863.md").commands] == [("rm", "docs/\u6587\u6863.md")]


def test_wide_characters_reach_the_scanner_of_shell_scripts_as_numbers():
    rng = random.Random(7)
    pieces = ["{", "$", "${", "<<", "'", "\n", "a", "\ud7ff", "\U0010ffff", "\U00010348", "\u00b6", "("]
    for _ in range(3000):
        text = "".join(rng.choice(pieces) for _ in range(rng.randint(1, 60)))
        root = parse("bash", text)
        assert root is not None
        assert shell_text_of(root) in text


def test_text_of_a_program_is_read_as_it_is():
    root = parse("javascript", "f('\u00b641\u00b6')")
    assert root is not None
    assert text_of(root) == "f('\u00b641\u00b6')"
