"""The stored form of a body: secrets redacted, long strings moved to blobs, canonical JSON."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from loopwright.core.errors import StoreError
from loopwright.core.events import Body, decode_body, encode_body
from loopwright.core.fact import JsonValue
from loopwright.store.blobs import address_of
from loopwright.store.redact import Redactor

#: Bytes of UTF-8 above which a string is stored as a blob.
LONG = 16 << 10
#: What a stored string starts with where it stands for a blob. A real string that starts so is stored as a blob.
MARK = "\0blob:"
_MARK_JSON = rb"\u0000blob:"
# An unescaped quote after one of these opens a string, so this is a whole string and not the inside of one.
_MARKED = re.compile(rb"(?<=[:,\[{])\"\\u0000blob:([0-9a-f]{64})\"")
_SURROGATE = re.compile("[\ud800-\udfff]")


def pack(body: Body, redactor: Redactor) -> tuple[bytes, dict[str, bytes]]:
    """Return the canonical JSON of a body and the blobs it names."""
    try:
        data = encode_body(body)
    except UnicodeEncodeError:
        data = b""
    if data and len(data) <= LONG and _MARK_JSON not in data and not redactor.suspects(data):
        return data, {}
    blobs: dict[str, bytes] = {}
    tree = _shorten(redactor.clean(_printable(msgspec.to_builtins(body))), blobs)
    return encode_body(tree), blobs


def unpack(data: bytes, get: Callable[[str], bytes]) -> Body:
    """Return the body stored as data. Raises StoreError where it, or a blob it names, cannot be read."""
    try:
        if _MARK_JSON not in data:
            return decode_body(data)
        return decode_body(encode_body(_lengthen(msgspec.json.decode(data), get)))
    except msgspec.MsgspecError as error:
        raise StoreError(f"an event's body cannot be read ({error}): run `loopwright audit verify`") from error


def addresses(data: bytes) -> list[str]:
    """The blobs that stored JSON names in place of long strings."""
    return [found.decode() for found in _MARKED.findall(data)] if _MARK_JSON in data else []


def _printable(value: JsonValue) -> JsonValue:
    """Replace lone surrogates, which have no UTF-8."""
    return _map(value, lambda text: _SURROGATE.sub("\ufffd", text), keys=True)


def _shorten(value: JsonValue, blobs: dict[str, bytes]) -> JsonValue:
    def shorten(text: str) -> str:
        if len(text) * 4 <= LONG and not text.startswith(MARK):
            return text
        data = text.encode()
        if len(data) <= LONG and not text.startswith(MARK):
            return text
        address = address_of(data)
        blobs[address] = data
        return MARK + address

    return _map(value, shorten)


def _lengthen(value: JsonValue, get: Callable[[str], bytes]) -> JsonValue:
    return _map(value, lambda text: get(text[len(MARK) :]).decode() if text.startswith(MARK) else text)


def _map(value: JsonValue, change: Callable[[str], str], *, keys: bool = False) -> JsonValue:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {(change(k) if keys else k): _map(v, change, keys=keys) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_map(v, change, keys=keys) for v in value]
    return value
