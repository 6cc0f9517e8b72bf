"""What becomes of a body before it is written: secrets redacted, long strings moved to blobs."""

from __future__ import annotations

import typing
from functools import cache

import msgspec

from loopwright.core.events import Body, encode_body
from loopwright.core.expression import expression
from loopwright.core.stored import LONG, MARK_JSON, shorten
from loopwright.store.redact import Redactor

_SURROGATE = expression("[\ud800-\udfff]")


def pack(body: Body, redactor: Redactor) -> tuple[bytes, dict[str, bytes]]:
    """Return the canonical JSON of a body and the blobs it names."""
    try:
        data = encode_body(body)
    except UnicodeEncodeError:  # a lone surrogate has no UTF-8
        data = b""
    if data and len(data) <= LONG and MARK_JSON not in data and not redactor.suspects(data):
        return data, {}
    tree, blobs = shorten(msgspec.to_builtins(_clean(body, redactor)))
    return encode_body(tree), blobs


def _clean(value: object, redactor: Redactor) -> object:
    """Redact what people, engines and programs said; never the names of fields, tags and closed sets of words."""
    if isinstance(value, msgspec.Struct):
        words = _closed(type(value))
        changes: dict[str, object] = {}
        for name in value.__struct_fields__:
            old = getattr(value, name)
            if name not in words and (new := _clean(old, redactor)) is not old:
                changes[name] = new
        return msgspec.structs.replace(value, **changes) if changes else value
    if isinstance(value, str):
        clean = redactor.text(_SURROGATE.sub("\ufffd", value))
        return value if clean == value else clean
    if isinstance(value, tuple):
        return tuple(_clean(item, redactor) for item in value) if value else value
    if isinstance(value, dict | list):
        return redactor.clean(_printable(value))
    return value


def _printable(value: object) -> typing.Any:
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_printable(name): _printable(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(item) for item in value]
    return value


@cache
def _closed(struct: type[msgspec.Struct]) -> frozenset[str]:
    """The fields that can only hold one of a few words."""
    hints = typing.get_type_hints(struct)
    return frozenset(name for name, hint in hints.items() if typing.get_origin(hint) is typing.Literal)
