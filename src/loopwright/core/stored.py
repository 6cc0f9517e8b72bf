"""The stored form of a body: canonical JSON in which a mark stands for every long string."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import msgspec

from loopwright.core.errors import StoreError
from loopwright.core.events import Body, decode_body, encode_body
from loopwright.core.expression import expression
from loopwright.core.fact import JsonValue

#: Bytes of UTF-8 above which a string is stored as a blob.
LONG = 16 << 10
#: What a stored string starts with where it stands for a blob. A real string that starts so is stored as a blob.
MARK = "\0blob:"
MARK_JSON = rb"\u0000blob:"
# An unescaped quote after one of these opens a string, so this is a whole string and not the inside of one.
_MARKED = expression(rb"(?<=[:,\[{])\"\\u0000blob:([0-9a-f]{64})\"")


def address_of(data: bytes) -> str:
    """Return the SHA-256 of data, in hex."""
    return hashlib.sha256(data).hexdigest()


def shorten(value: JsonValue) -> tuple[JsonValue, dict[str, bytes]]:
    """Return value with its long strings marked, and the blobs that the marks stand for."""
    blobs: dict[str, bytes] = {}

    def mark(text: str) -> str:
        if len(text) * 4 <= LONG and not text.startswith(MARK):
            return text
        data = text.encode()
        if len(data) <= LONG and not text.startswith(MARK):
            return text
        address = address_of(data)
        blobs[address] = data
        return MARK + address

    return map_strings(value, mark), blobs


def unpack(data: bytes, get: Callable[[str], bytes]) -> Body:
    """Return the body stored as data. Raises StoreError where it, or a blob it names, cannot be read."""
    try:
        if MARK_JSON not in data:
            return decode_body(data)
        tree = map_strings(
            msgspec.json.decode(data), lambda text: get(text[len(MARK) :]).decode() if text.startswith(MARK) else text
        )
        return decode_body(encode_body(tree))
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise StoreError(f"an event's body cannot be read ({error}): run `loopwright audit verify`") from error


def addresses(data: bytes) -> list[str]:
    """The blobs that stored JSON names in place of long strings."""
    return [found.decode() for found in _MARKED.findall(data)] if MARK_JSON in data else []


def map_strings(value: JsonValue, change: Callable[[str], str], *, keys: bool = False) -> JsonValue:
    """Return value with `change` applied to every string in it, to keys as well where asked."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {(change(k) if keys else k): map_strings(v, change, keys=keys) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [map_strings(v, change, keys=keys) for v in value]
    return value
