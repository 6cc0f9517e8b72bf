"""Contents of files to and from the blob store, in bounded memory."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator

from loopwright.core.ports import Blobs
from loopwright.workspace.tree import PIECE, Item


def digest_of(fd: int) -> tuple[bytes, int]:
    """The SHA-256 and the size of an open file; its holes are not read."""
    hasher, size = hashlib.sha256(), 0
    info = os.fstat(fd)
    if info.st_size > PIECE and info.st_blocks * 512 < info.st_size:
        size = _hash_parts(fd, info.st_size, hasher)
    while data := os.read(fd, PIECE if size else 1 << 16):
        hasher.update(data)
        size += len(data)
    return hasher.digest(), size


def _hash_parts(fd: int, end: int, hasher: hashlib._Hash) -> int:
    """Hash what stands before `end`, holes as the zeros they read as, and return how far that went."""
    zeros, at = memoryview(bytes(PIECE)), 0
    while at < end:
        data = _seek(fd, at, os.SEEK_DATA, end)
        while at < data:
            hasher.update(zeros[: data - at])
            at += min(PIECE, data - at)
        stop = _seek(fd, at, os.SEEK_HOLE, end)
        while at < stop:
            read = os.pread(fd, min(PIECE, stop - at), at)
            if not read:  # it was cut meanwhile
                return os.lseek(fd, at, os.SEEK_SET)
            hasher.update(read)
            at += len(read)
    return os.lseek(fd, at, os.SEEK_SET)


def _seek(fd: int, at: int, whence: int, end: int) -> int:
    """Where the next data or hole begins, `end` where there is none before it."""
    try:
        return min(os.lseek(fd, at, whence), end)
    except OSError as error:
        if error.errno != errno.ENXIO:
            return at if whence == os.SEEK_DATA else end  # a file system that does not tell: all of it is data
        return end


def keep_file(fd: int, mode: int, blobs: Blobs) -> Item:
    """Store an open file's content and return what describes it."""
    data = _read_piece(fd)
    if len(data) < PIECE:
        return Item("f", mode, bytes.fromhex(blobs.put(data)), len(data))
    hasher, size, pieces = hashlib.sha256(), 0, []
    while data:
        hasher.update(data)
        size += len(data)
        pieces.append(blobs.put(data))
        data = _read_piece(fd)
    if len(pieces) == 1:
        return Item("f", mode, hasher.digest(), size)
    return Item("f", mode, hasher.digest(), size, tuple(pieces))


def keep_link(target: bytes, blobs: Blobs) -> Item:
    """Store a symbolic link's target."""
    return Item("l", 0, bytes.fromhex(blobs.put(target)), len(target))


def _read_piece(fd: int) -> bytes:
    parts: list[bytes] = []
    left = PIECE
    while left and (data := os.read(fd, min(left, PIECE if parts else 1 << 16))):
        parts.append(data)
        left -= len(data)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def pieces_of(item: Item, blobs: Blobs) -> Iterator[bytes]:
    """The content, piece by piece. Raises StoreError where it is not kept."""
    for address in item.pieces or (item.address,):
        yield blobs.get(address)


def write_all(fd: int, data: bytes) -> None:
    """Write every byte. Raises OSError."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]


def keep_apart(fd: int, old: os.stat_result | None) -> None:
    """Give a file that takes the place of `old` a later second of change. Raises OSError.

    Python tells compiled files that are out of date by whole seconds and the size (PEP 552), so of
    two edits of the same length within a second the second one would not be run.
    """
    if old is not None and int(os.fstat(fd).st_mtime) <= int(old.st_mtime):
        os.utime(fd, (int(old.st_mtime) + 1,) * 2)


def shown_address(item: Item, blobs: Blobs) -> str:
    """The address a Change names: the content, or for a large file a few lines that say where its pieces are."""
    if not item.pieces:
        return item.address
    lines = [f"loopwright: a file of {item.size} bytes, SHA-256 {item.address}, in pieces:", *item.pieces, ""]
    return blobs.put("\n".join(lines).encode())
