"""The safety checks give an answer for any text, and the same one each time."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.corpus.cases import dangerous, ordinary

from loopwright.guard.checks.safety import judge_source
from loopwright.guard.checks.safety.source import UNJUDGED

_LANGUAGES = st.sampled_from(["python", "shell", "javascript", "typescript"])
_CASES = [c.text for c in (*dangerous(), *ordinary())]


def judged(text, language):
    """The findings, none of which is that the checks themselves failed."""
    found = judge_source("x", text, language)
    assert not [f for f in found if f.reason.startswith(UNJUDGED)]
    return found


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400), _LANGUAGES)
def test_any_text_is_judged(text, language):
    assert judged(text, language) == judged(text, language)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(_CASES), st.integers(0, 2**32), _LANGUAGES)
def test_broken_programs_are_judged(text, seed, language):
    chance = random.Random(seed)
    characters = list(text)
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(len(characters) + 1)
        if chance.random() < 0.5 and characters:
            del characters[min(at, len(characters) - 1)]
        else:
            characters.insert(at, chance.choice("()[]{}'\"`$\\\n |&;<>=.,:#\0é\ud7ff"))
    judged("".join(characters), language)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(
        ["(", "[", "{", "f(", "a.", "-", "not ", "lambda: ", "$(", "`", "if x:\n ", "while 1:", "x=>", "!", "`${"]
    ),
    st.integers(1, 4000),
    _LANGUAGES,
)
def test_deep_nesting_is_judged(piece, times, language):
    judged(piece * times, language)
