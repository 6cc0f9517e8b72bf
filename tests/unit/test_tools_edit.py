"""Exact replacement: what is kept as it was, and what is said where it does not fit."""

import anyio
import pytest

from loopwright.core.calls import ToolResult
from loopwright.core.errors import ToolFailure
from loopwright.core.ports import ToolContext
from loopwright.core.running import Limits
from loopwright.testing.host_executor import HostExecutor
from loopwright.testing.memory import MemoryBlobs, MemoryFiles, MemoryWorkspace
from loopwright.tools.edit import Edit, EditArgs


def edit(files: MemoryFiles, **args: object) -> ToolResult:
    workspace = MemoryWorkspace(files, HostExecutor("/"))
    ctx = ToolContext("c1", workspace, lambda delta: None, MemoryBlobs(), Limits())
    return anyio.run(Edit().run, EditArgs(**args), ctx)


def edited(content: bytes, old: str, new: str, everywhere: bool = False) -> bytes:
    files = MemoryFiles({"a": content})
    edit(files, path="a", old=old, new=new, all=everywhere)
    return files.contents["a"]


def test_the_one_occurrence_is_replaced_and_reported() -> None:
    files = MemoryFiles({"src/a.py": b"x = 1\ny = 2\n"})
    result = edit(files, path="src/a.py", old="y = 2", new="y = 3\nz = 4")
    assert files.contents["src/a.py"] == b"x = 1\ny = 3\nz = 4\n"
    assert result.text == "updated src/a.py (+2 -1)\nat line 2"
    assert result.data == {"changes": [{"path": "src/a.py", "kind": "update", "added": 2, "removed": 1}]}


def test_several_occurrences_are_named_by_line_and_nothing_changes() -> None:
    files = MemoryFiles({"a": b"x\ny\nx\nx x\n"})
    with pytest.raises(ToolFailure, match=r"old occurs 4 times in a, at lines 1, 3, 4, 4: .*or give all: true"):
        edit(files, path="a", old="x", new="z")
    assert files.contents["a"] == b"x\ny\nx\nx x\n"


def test_all_replaces_every_occurrence() -> None:
    assert edited(b"x\ny\nx\n", "x", "z", everywhere=True) == b"z\ny\nz\n"


def test_no_match_shows_the_nearest_lines() -> None:
    with pytest.raises(ToolFailure) as failure:
        edited(b"import os\n\ndef total(items):\n    return sum(items)\n", "def total(item):\n    return sum(item)", "")
    assert "the nearest place" in str(failure.value)
    assert "3\tdef total(items):\n4\t    return sum(items)" in str(failure.value)


def test_no_match_for_white_space_alone_says_so() -> None:
    with pytest.raises(ToolFailure, match="only white space differs, lines 2-3:\n2\tif x:\n3\t\treturn"):
        edited(b"def f():\nif x:\n\treturn\n", "if x:\n    return", "")


def test_no_match_at_all_says_to_read_first() -> None:
    with pytest.raises(ToolFailure, match="old is not in a, nor anything like it: read the file first"):
        edited(b"alpha\n", "0123456789", "")


@pytest.mark.parametrize(("old", "new", "why"), [("", "x", "old is empty"), ("x", "x", "old and new are the same")])
def test_an_edit_that_says_nothing_is_refused(old: str, new: str, why: str) -> None:
    with pytest.raises(ToolFailure, match=why):
        edited(b"x\n", old, new)


def test_crlf_line_endings_are_kept_whatever_the_engine_wrote() -> None:
    assert edited(b"a\r\nb\r\nc\r\n", "a\nb", "A\nB\nnew") == b"A\r\nB\r\nnew\r\nc\r\n"
    assert edited(b"a\r\nb\r\n", "b", "b1\nb2") == b"a\r\nb1\r\nb2\r\n"


def test_in_a_file_of_mixed_endings_both_kinds_can_be_matched() -> None:
    assert edited(b"a\r\nb\nc\n", "b\nc", "B\nC") == b"a\r\nB\nC\n"
    assert edited(b"a\r\nb\r\nc\n", "a\nb", "A\nB") == b"A\r\nB\r\nc\n"


def test_the_byte_order_mark_is_kept() -> None:
    assert edited(b"\xef\xbb\xbfx = 1\n", "x = 1", "x = 2") == b"\xef\xbb\xbfx = 2\n"
    assert edited("x = 1\n".encode("utf-16"), "1", "2") == "x = 2\n".encode("utf-16")


def test_a_latin_1_file_stays_latin_1() -> None:
    assert edited(b"caf\xe9 = 1\n", "café = 1", "café = 2 # ü") == b"caf\xe9 = 2 # \xfc\n"


def test_a_character_the_encoding_lacks_is_named() -> None:
    with pytest.raises(ToolFailure, match=r"latin-1 and has no place for '€' \(U\+20AC\)"):
        edited(b"caf\xe9\n", "café", "€")


def test_stray_bytes_elsewhere_in_a_utf_8_file_are_left_alone() -> None:
    assert edited(b"\xc3\xa9\n\xff\xfe\nend\n", "é", "è") == b"\xc3\xa8\n\xff\xfe\nend\n"


def test_the_mode_is_kept() -> None:
    files = MemoryFiles({"run.sh": b"echo a\n"})
    files.modes["run.sh"] = 0o755
    edit(files, path="run.sh", old="a", new="b")
    assert files.modes["run.sh"] == 0o755


def test_a_binary_file_and_a_directory_are_refused() -> None:
    with pytest.raises(ToolFailure, match="a is binary"):
        edited(b"\0\1\2", "x", "y")
    with pytest.raises(ToolFailure, match="d is a directory"):
        edit(MemoryFiles({"d/x": b""}), path="d", old="x", new="y")


@pytest.mark.parametrize(
    "args",
    [{}, {"path": "a"}, {"path": "a", "old": "x"}, {"old": "x", "new": "y"}, {"patch": "", "old": "x", "new": "y"}],
)
def test_incomplete_or_doubled_arguments_are_refused(args: dict[str, object]) -> None:
    with pytest.raises(ToolFailure, match=r"edit needs path, old and new, or patch|not both"):
        edit(MemoryFiles({"a": b"x\n"}), **args)


def test_a_failed_write_leaves_the_file_as_it_was() -> None:
    files = MemoryFiles({"a": b"x\n"})
    files.fail_on = "a"
    with pytest.raises(ToolFailure, match="a: no space left; nothing was changed"):
        edit(files, path="a", old="x", new="y")
    assert files.contents["a"] == b"x\n"


def test_the_nearest_place_is_found_quickly_in_a_large_file() -> None:
    body = "\n".join(f"value_{n} = compute({n})" for n in range(50_000)).encode()
    with pytest.raises(ToolFailure, match="the nearest place"):
        edited(body, "value_77 = computed(77)", "")
