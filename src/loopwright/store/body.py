"""What becomes of a body before it is written: secrets redacted, long strings moved to blobs."""

from __future__ import annotations

import re

import msgspec

from loopwright.core.events import Body, encode_body
from loopwright.core.stored import LONG, MARK_JSON, map_strings, shorten
from loopwright.store.redact import Redactor

_SURROGATE = re.compile("[\ud800-\udfff]")


def pack(body: Body, redactor: Redactor) -> tuple[bytes, dict[str, bytes]]:
    """Return the canonical JSON of a body and the blobs it names."""
    try:
        data = encode_body(body)
    except UnicodeEncodeError:  # a lone surrogate has no UTF-8
        data = b""
    if data and len(data) <= LONG and MARK_JSON not in data and not redactor.suspects(data):
        return data, {}
    printable = map_strings(msgspec.to_builtins(body), lambda text: _SURROGATE.sub("\ufffd", text), keys=True)
    tree, blobs = shorten(redactor.clean(printable))
    return encode_body(tree), blobs
