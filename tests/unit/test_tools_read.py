"""What `read` shows, and what it says it does not show."""

import anyio
import msgspec
import pytest

from loopwright.core.calls import ToolResult
from loopwright.core.errors import ToolFailure
from loopwright.core.ports import ToolContext
from loopwright.core.running import Limits
from loopwright.testing.host_executor import HostExecutor
from loopwright.testing.memory import MemoryBlobs, MemoryFiles, MemoryWorkspace
from loopwright.tools.read import Read, ReadArgs


def read(contents: dict[str, bytes], blobs: MemoryBlobs | None = None, **args: object) -> ToolResult:
    workspace = MemoryWorkspace(MemoryFiles(contents), HostExecutor("/"))
    ctx = ToolContext("c1", workspace, lambda delta: None, blobs or MemoryBlobs(), Limits())
    return anyio.run(Read().run, msgspec.convert(args, ReadArgs), ctx)


def test_lines_are_numbered_from_one() -> None:
    assert read({"a.py": b"x = 1\ny = 2\n"}, path="a.py").text == "1\tx = 1\n2\ty = 2"


def test_a_range_is_inclusive_and_says_what_it_is_a_part_of() -> None:
    body = "".join(f"line {n}\n" for n in range(1, 11)).encode()
    result = read({"a": body}, path="a", start=3, end=5)
    assert result.text == "3\tline 3\n4\tline 4\n5\tline 5\n[lines 3-5 of 10]"
    assert result.data == {"path": "a", "lines": 10, "first": 3, "last": 5}


def test_a_long_file_is_cut_and_says_where_to_go_on() -> None:
    body = "".join(f"{n}\n" for n in range(1, 2501)).encode()
    first = read({"a": body}, path="a")
    assert first.text.endswith("1000\t1000\n[lines 1-1000 of 2500; go on with start 1001]")
    assert read({"a": body}, path="a", start=2001).text.endswith("2500\t2500\n[lines 2001-2500 of 2500]")


def test_a_long_line_is_cut_and_says_how_to_see_the_rest() -> None:
    text = read({"a": b"x" * 5000 + b"\nend\n"}, path="a").text
    assert "… (+3000 characters)\n2\tend" in text
    assert "`cut -c 2001-` in the shell" in text


def test_the_size_of_a_page_is_limited_but_never_empty() -> None:
    body = b"".join(b"y" * 1900 + b"\n" for _ in range(100))
    result = read({"a": body}, path="a")
    assert len(result.text) < 45_000
    assert "go on with start" in result.text


def test_an_empty_file_says_so() -> None:
    assert read({"a": b""}, path="a").text == "(the file is empty)"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a\r\nb\r\n", "CRLF line endings"),
        (b"a\r\nb\n", "mixed CRLF and LF line endings"),
        (b"a\nb", "no newline at the end"),
        (b"caf\xe9\n", "latin-1 encoding"),
        (b"\xc3\xa9 \xff\n", "some bytes are not UTF-8, shown as \\xNN"),
        (b"\xef\xbb\xbfa\n", "byte order mark"),
        ("a\n".encode("utf-16"), "utf-16-le encoding, byte order mark"),
    ],
)
def test_what_is_unusual_about_a_file_is_said(content: bytes, said: str) -> None:
    assert read({"a": content}, path="a").text.endswith(f"[{said}]")


def test_undecodable_bytes_are_shown_and_can_be_logged() -> None:
    text = read({"a": b"\xc3\xa9 \xff\n"}, path="a").text
    assert text.startswith("1\té \\xff\n")
    text.encode()  # no lone surrogate


@pytest.mark.parametrize(("content", "kind"), [(b"\x89PNG\r\n\x1a\n", "PNG image"), (b"ab\0c", "binary data")])
def test_a_binary_file_is_refused_with_its_kind_and_size(content: bytes, kind: str) -> None:
    with pytest.raises(ToolFailure, match=rf"a is binary \({kind}, {len(content)} bytes\)"):
        read({"a": content}, path="a")


def test_a_directory_lists_its_entries_directories_first() -> None:
    text = read({"src/b.py": b"12", "src/a/x": b"", "c": b""}, path="src").text
    assert text == "src/ is a directory with 2 entries:\na/\nb.py  2 bytes"
    assert read({"c": b""}, path=".").text == "./ is a directory with 1 entry:\nc  0 bytes"


def test_a_missing_file_names_what_is_like_it() -> None:
    with pytest.raises(ToolFailure, match=r"no such file: src/cart.pt; did you mean src/cart.py\?"):
        read({"src/cart.py": b""}, path="src/cart.pt")
    with pytest.raises(ToolFailure, match=r"no such file: cart.py; did you mean src/deep/cart.py\?"):
        read({"src/deep/cart.py": b""}, path="cart.py")


def test_a_range_that_is_not_there_says_how_long_the_file_is() -> None:
    with pytest.raises(ToolFailure, match="a has 2 lines; start is 9"):
        read({"a": b"1\n2\n"}, path="a", start=9)
    with pytest.raises(ToolFailure, match="end 1 is before start 2"):
        read({"a": b"1\n2\n"}, path="a", start=2, end=1)


@pytest.mark.parametrize("path", ["../etc/passwd", "/etc/passwd", "a/../../b", ""])
def test_a_path_outside_is_refused(path: str) -> None:
    with pytest.raises(ToolFailure):
        read({"a": b""}, path=path)


def test_an_absolute_path_inside_is_taken() -> None:
    assert read({"a": b"1\n"}, path="/project/./a").text == "1\t1"


def test_cut_output_is_read_from_its_blob() -> None:
    blobs = MemoryBlobs()
    address = blobs.put(b"one\ntwo\n")
    assert read({}, blobs, path=f"blob:{address}", start=2).text == "2\ttwo\n[lines 2-2 of 2]"
    with pytest.raises(ToolFailure, match="no output is kept under beef"):
        read({}, blobs, path="blob:beef")
