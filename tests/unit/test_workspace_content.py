"""The digest of a file is that of the bytes it reads as, however they lie on the disk."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from loopwright.workspace.content import digest_of
from loopwright.workspace.tree import PIECE

#: Where data stands: offset and bytes. Between them are holes, at their ends perhaps too.
LAYOUTS = {
    "empty": ((), 0),
    "small": (((0, b"text"),), 4),
    "whole": (((0, b"x" * (PIECE + 5)),), PIECE + 5),
    "one hole": ((), 3 * PIECE + 7),
    "a hole first": (((2 * PIECE + 4096, b"end"),), 2 * PIECE + 4099),
    "a hole last": (((0, b"begin"),), 2 * PIECE + 1),
    "holes between": (((4096, b"a"), (PIECE + 4096, b"b" * 9000), (3 * PIECE, b"c")), 4 * PIECE),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_holes_are_zeros(name: str, tmp_path: Path) -> None:
    pieces, size = LAYOUTS[name]
    file = tmp_path / "file"
    fd = os.open(file, os.O_RDWR | os.O_CREAT)
    try:
        os.ftruncate(fd, size)
        for at, data in pieces:
            os.pwrite(fd, data, at)
        assert digest_of(fd) == (hashlib.sha256(file.read_bytes()).digest(), size)
    finally:
        os.close(fd)
