"""Contents of files to and from the blob store, in bounded memory."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator

from loopwright.core.ports import Blobs
from loopwright.workspace.tree import PIECE, Item


def digest_of(fd: int) -> tuple[bytes, int]:
    """The SHA-256 and the size of an open file."""
    hasher, size = hashlib.sha256(), 0
    while data := os.read(fd, PIECE if size else 1 << 16):
        hasher.update(data)
        size += len(data)
    return hasher.digest(), size


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


def shown_address(item: Item, blobs: Blobs) -> str:
    """The address a Change names: the content, or for a large file a few lines that say where its pieces are."""
    if not item.pieces:
        return item.address
    lines = [f"loopwright: a file of {item.size} bytes, SHA-256 {item.address}, in pieces:", *item.pieces, ""]
    return blobs.put("\n".join(lines).encode())
