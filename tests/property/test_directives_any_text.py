"""Any text compiles, in time that no text can stretch, and every directive has a line of it."""

from __future__ import annotations

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from loopwright.guard.directives import compile_text

TEXT = (
    "never must not do use avoid always run before after commit push the in of any all new add update edit change tests "
    "coverage files functions classes imports from components lines under over when if without unless ask prefer instead "
    "names prefix suffix branch PR title docs API model route ensure only should generated `a` `src/x/` `npm test` `f()` "
    "`*.ts` `a_b` , . ; : - — ( ) | / ** _ 80% 1.2 → -> 禁止 使用 コミット前に nunca niemals jamais # > <a> {b} ... e.g. ``` - 1."
)
WORDS = TEXT.split()


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.lists(st.sampled_from(WORDS), max_size=150).map(" ".join),
        st.tuples(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4), st.integers(1, 80)).map(
            lambda many: "- " + " ".join(many[0] * many[1])
        ),
        st.text(max_size=400),
        st.lists(st.one_of(st.text(max_size=40), st.sampled_from(WORDS)), max_size=30).map("\n".join),
    )
)
def test_any_text_compiles_at_once(text: str) -> None:
    begun = time.process_time()
    found = compile_text(text)
    assert time.process_time() - begun < 2
    assert all(1 <= d.line <= text.count("\n") + 1 for d in found)
    assert all(bool(d.check) == (d.status in ("enforced", "partly")) for d in found)
