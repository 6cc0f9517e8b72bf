"""Text of a model, a command or a repository, made safe for a person's terminal."""

from __future__ import annotations

import re

from loopwright.core.expression import expression

#: Control characters but line end and tab (a terminal acts on them: titles, clipboard, cursor, colours), and the marks
#: that reorder text, by which a line can be made to read as another (https://trojansource.codes).
_ACTING = expression("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def visible(text: str) -> str:
    r"""Return the text with each character that a terminal would act on written out, for example \x1b."""
    return _ACTING.sub(_written, text.replace("\r\n", "\n"))


def _written(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
