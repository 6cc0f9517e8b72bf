"""A change as git reads it back."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from loopwright.core.checks import Change, FileChange
from loopwright.runtime.diff import unified


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    ("name", "logged"),
    [
        (b"plain.py", "plain.py"),
        (b"two words.txt", "two words.txt"),
        (b"a\nb.txt", "a\nb.txt"),
        (b'quo"te.txt', 'quo"te.txt'),
        ("é😀.txt".encode(), "é😀.txt"),
        (b"caf\xe9.txt", "caf\\xe9.txt"),
        (b"esc\x1b[2J.txt", "esc\x1b[2J.txt"),
    ],
)
def test_git_applies_the_diff_of_a_file_of_any_name(tmp_path: Path, name: bytes, logged: str) -> None:
    before, after = b"one\ntwo\n", b"one\n2\n"
    assert patched(tmp_path, name, logged, before, after) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"one\n\x0c\ntwo\n", b"one\n\x0c\n2\n"),
        (b"a\x0cb\nc\n", b"a\x0cb\nd\n"),
        (b"a\rb\r\nc\n", b"a\rb\r\nd"),
        ("a\u2028b\x85\nc\n".encode(), "a\u2028b\x85\nd\n".encode()),
    ],
)
def test_only_a_newline_ends_a_line(tmp_path: Path, before: bytes, after: bytes) -> None:
    assert patched(tmp_path, b"f.txt", "f.txt", before, after) == after


def patched(root: Path, name: bytes, logged: str, before: bytes, after: bytes) -> bytes:
    """What git makes of the file with the diff of the change."""
    file = root / Path(name.decode("utf-8", "surrogateescape"))
    file.write_bytes(before)
    change = Change("", "", (FileChange(logged, "update", digest(before), digest(after)),))
    diff = unified(change, {digest(before): before, digest(after): after})
    subprocess.run(["git", "apply", "-"], cwd=root, input=diff.encode("utf-8", "surrogateescape"), check=True)
    return file.read_bytes()
