"""Edits are splices: whatever they do not touch stays byte for byte."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from loopwright.engines.repair.changes import blocks
from loopwright.engines.repair.source import Source, Splice, Unreadable, split

LINE = st.sampled_from(["a = 1", "b = 'ü'", "", "    # c", "x = a"])
TEXT = st.lists(st.tuples(LINE, st.sampled_from(["\n", "\r\n"])), max_size=12).map(
    lambda p: "".join(a + b for a, b in p)
)


@settings(deadline=None)
@given(TEXT, TEXT)
@example("b\r\n" * 3 + "c\n", "b\r\n" * 2 + "c\n")
@example(
    "a = 1\r\nb = 'ü'\r\na = 1\r\nb = 'ü'\nb = 'ü'\r\nb = 'ü'\r\nb = 'ü'\r\n",
    "a = 1\r\nb = 'ü'\r\na = 1\r\nb = 'ü'\nb = 'ü'\r\na = 1\n",
)
def test_blocks_turn_one_text_into_the_other(old: str, new: str) -> None:
    text = old
    for before, after in blocks(split(old), split(new)):
        if old.strip():
            assert text.count(before) == 1 or before == text
        text = text.replace(before, after, 1) if before else after
    assert text == new


def test_an_edit_keeps_line_ends_encoding_and_comments() -> None:
    data = "# -*- coding: latin-1 -*-\r\ndef f(a):\r\n    é = 'ß'  # déjà vu\r\n    return a + 1\r\n".encode("latin-1")
    source = Source("m.py", data)
    constant = source.tree.body[0].body[1].value.right  # type: ignore[attr-defined]
    splice = Splice(*source.span(constant), "2")
    assert source.encode(source.edited((splice,))) == data.replace(b"+ 1", b"+ 2")
    start, end, text = source.bytes_at(splice)
    assert data[:start] + text.encode("latin-1") + data[end:] == data.replace(b"+ 1", b"+ 2")


def test_a_byte_order_mark_stays() -> None:
    data = b"\xef\xbb\xbfx = '\xc3\xa9' + y\n"
    source = Source("m.py", data)
    splice = Splice(*source.span(source.tree.body[0].value.right), "z")  # type: ignore[attr-defined]
    start, end, text = source.bytes_at(splice)
    assert source.encode(source.edited((splice,))) == data[:start] + text.encode() + data[end:]


def test_a_function_is_compiled_alone_at_its_own_lines() -> None:
    source = Source(
        "m.py", b"import x\nif x:\n    class A:\n        @x\n        def f(self):\n            return __class__, 1\n"
    )
    unit = source.units[0]
    number = unit.node.body[0].value.elts[1]  # type: ignore[attr-defined]
    snippet = source.snippet(unit, (Splice(*source.span(number), "22"),))
    assert unit.path == ("A", "f")
    assert unit.first == 4
    assert snippet.splitlines()[5] == "            return __class__, 22"
    compile(snippet, "m.py", "exec")


@pytest.mark.parametrize("data", [b"def f(:\n", b"\xff\xfe", b"# coding: nosuch\n", b"x = (" + b"(" * 1000])
def test_what_is_not_python_is_said_to_be_unreadable(data: bytes) -> None:
    with pytest.raises(Unreadable):
        Source("m.py", data)
