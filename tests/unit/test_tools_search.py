"""Search gives the same answer with ripgrep and without it."""

import shutil
from pathlib import Path

import anyio
import msgspec
import pytest

from loopwright.core.calls import ToolResult
from loopwright.core.errors import ToolFailure
from loopwright.core.ports import ToolContext
from loopwright.core.running import Limits
from loopwright.testing.host_executor import HostExecutor
from loopwright.testing.memory import MemoryBlobs, MemoryFiles, MemoryWorkspace
from loopwright.tools.search import Search, SearchArgs

FILES = {
    "src/cart.py": b"def total(items):\n    return sum(items)\n",
    "src/deep/tax.py": b"RATE = 0.19\ndef total_tax(net):\n    return net * RATE\n",
    "docs/notes.md": b"The total is shown last.\n",
    "image.bin": b"total\0\1\2",
    ".hidden/x.py": b"total\n",
}


@pytest.fixture(params=["ripgrep", "python"])
def search(request: pytest.FixtureRequest, tmp_path: Path):
    if request.param == "ripgrep" and not shutil.which("rg"):
        pytest.skip("ripgrep is not installed")
    path = "/usr/bin:/bin:/usr/local/bin" if request.param == "ripgrep" else "/nowhere"

    def search(contents: dict[str, bytes] = FILES, /, **args: object) -> ToolResult:
        for name, data in contents.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(data)
        workspace = MemoryWorkspace(MemoryFiles(contents), HostExecutor(str(tmp_path), path), str(tmp_path))
        ctx = ToolContext("c1", workspace, lambda delta: None, MemoryBlobs(), Limits())
        return anyio.run(Search().run, msgspec.convert(args, SearchArgs), ctx)

    return search


def test_matches_are_path_line_and_text_hidden_and_binary_files_left_out(search) -> None:
    result = search(pattern="total")
    assert result.text == (
        "docs/notes.md:1: The total is shown last.\n"
        "src/cart.py:1: def total(items):\n"
        "src/deep/tax.py:2: def total_tax(net):"
    )
    assert result.data == {"matches": 3, "files": 3, "cut": False}


@pytest.mark.parametrize(
    ("path", "glob", "files"),
    [
        ("src", "", ["src/cart.py", "src/deep/tax.py"]),
        ("src/deep/tax.py", "", ["src/deep/tax.py"]),
        ("", "*.md", ["docs/notes.md"]),
        (".", "*.{md,rst}", ["docs/notes.md"]),
        (".", "!*.md", ["src/cart.py", "src/deep/tax.py"]),
        (".", "src/**/*.py", ["src/cart.py", "src/deep/tax.py"]),
    ],
)
def test_path_and_glob_narrow_it(search, path: str, glob: str, files: list[str]) -> None:
    text = search(pattern="total", path=path, glob=glob).text
    assert [line.split(":")[0] for line in text.splitlines()] == files


def test_no_match_is_an_answer(search) -> None:
    result = search(pattern="absent")
    assert result.ok
    assert result.text == "No match for 'absent'"


def test_a_bad_expression_is_told_with_its_reason(search) -> None:
    with pytest.raises(ToolFailure, match=r"pattern '\(total' is no regular expression: .*(unclosed|unterminated)"):
        search(pattern="(total")


def test_an_expression_may_cross_lines(search) -> None:
    assert search(pattern=r"items\):\n\s+return").text.startswith("src/cart.py:1: def total(items):")


def test_a_path_that_is_not_there_is_named(search) -> None:
    with pytest.raises(ToolFailure, match="no such file: lib"):
        search(pattern="x", path="lib")


def test_a_pattern_that_looks_like_an_option_is_a_pattern(search) -> None:
    assert search({"a": b"run --files now\n"}, pattern="--files").text == "a:1: run --files now"


def test_too_many_matches_are_cut_loudly(search) -> None:
    result = search({f"f{n}.txt": b"needle\n" * 90 for n in range(10)}, pattern="needle")
    assert result.text.count("needle\n") == 200
    assert "[CUT: 200 of " in result.text
    assert result.data["cut"] is True


def test_many_matches_in_one_file_are_cut_loudly(search) -> None:
    text = search({"f": b"needle\n" * 500}, pattern="needle").text
    assert text.endswith("[CUT: only the first 100 matches of f are shown]")


def test_long_lines_are_shortened(search) -> None:
    text = search({"f": b"x" * 1000 + b"needle\n"}, pattern="needle").text
    assert text == f"f:1: {'x' * 250}… (+756 characters)"


def test_an_empty_pattern_is_refused(search) -> None:
    with pytest.raises(ToolFailure, match="pattern is empty"):
        search(pattern="")


def test_ripgrep_honours_ignore_files_without_a_repository(tmp_path: Path) -> None:
    if not shutil.which("rg"):
        pytest.skip("ripgrep is not installed")
    contents = {".gitignore": b"build/\n", "build/x": b"needle\n", "a": b"needle\n"}
    for name, data in contents.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    workspace = MemoryWorkspace(MemoryFiles(contents), HostExecutor(str(tmp_path), "/usr/bin:/bin"), str(tmp_path))
    ctx = ToolContext("c1", workspace, lambda delta: None, MemoryBlobs(), Limits())
    assert anyio.run(Search().run, SearchArgs("needle"), ctx).text == "a:1: needle"
