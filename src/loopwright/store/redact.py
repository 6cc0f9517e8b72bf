"""Takes secrets out of text before it is written: values from the environment, known tokens, keys, passwords."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from urllib.parse import quote

import msgspec

from loopwright.core.expression import expression
from loopwright.core.fact import JsonValue
from loopwright.store.private_keys import redact_private_keys
from loopwright.store.secret_shapes import (
    ASSIGNMENT,
    HEADER,
    SECRET_NAME,
    TOKENS,
    URL_PASSWORD,
    Shape,
)

#: A shorter value of a variable is not searched for: it would hit ordinary text.
SHORTEST_VALUE = 6
#: Letters of a plain word from which it is taken for a password rather than for a label.
LONG_WORD = 14
_VARIABLE = expression(
    r"key|token|secret|passw|passphrase|pwd|credential|auth|private|dsn|cookie|webhook|connection_?string",
    re.IGNORECASE,
)
_NOT_A_SECRET = expression(
    r"(?:_(?:sock|file|path|dir|home|id|name|type|method|algorithm|timeout)|authority)\Z|\A(?:OLD)?PWD\Z", re.IGNORECASE
)
_COMMON_WORDS = """
password passwd changeme postgres username undefined disabled enabled default required optional example secret string
number boolean localhost ignore prompt always during never preferred
"""
_COMMON = frozenset(_COMMON_WORDS.split())
_SHAPES = (*TOKENS, URL_PASSWORD, HEADER)
_HINTS = ("private key", *dict.fromkeys(hint for shape in (*_SHAPES, ASSIGNMENT) for hint in shape.hints))
_HINT_BYTES = tuple(hint.encode() for hint in _HINTS)
#: Stands in every proposal, and is never a name that a secret is given to: no shape's name goes on with an s.
_COUNTED = "tokens"


class Redactor:
    """Replaces secrets by `[redacted:KIND]`. KIND is the variable's name for a value of `environ`."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        known = _values(environ or {})
        self._known = known
        self._known_json = tuple(msgspec.json.encode(value)[1:-1] for value in known)
        ordered = sorted(known, key=len, reverse=True)
        self._pattern = re.compile("|".join(re.escape(value) for value in ordered)) if ordered else None

    def suspects(self, data: bytes) -> bool:
        """False only where JSON text holds nothing that `clean` would change."""
        low = data.lower().replace(_COUNTED.encode(), b" ")
        for hint in _HINT_BYTES:
            if hint in low:
                return True
        return any(value in data for value in self._known_json)

    def clean(self, value: JsonValue) -> JsonValue:
        """Return value with the secrets in all its strings and keys redacted."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(name): self._member(name, item) for name, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.clean(item) for item in value]
        return value

    def text(self, text: str) -> str:
        """Return text with its secrets redacted; doing it twice changes nothing more."""
        if len(text) < SHORTEST_VALUE:
            return text
        if self._pattern is not None and any(value in text for value in self._known):
            text = self._pattern.sub(lambda found: f"[redacted:{self._known[found[0]]}]", text)
        low = text.lower()
        if not any(hint in low for hint in _HINTS):
            return text
        text = redact_private_keys(text)
        for shape in _SHAPES:
            if any(hint in low for hint in shape.hints):
                text = shape.pattern.sub(_replacement(shape), text)
        if any(hint in low for hint in ASSIGNMENT.hints):
            text = ASSIGNMENT.pattern.sub(_assignment, text)
        return text

    def _member(self, name: str, item: JsonValue) -> JsonValue:
        if isinstance(item, str) and (found := SECRET_NAME.search(name)) and _is_literal(found[0], item):
            return "[redacted:password]"
        return self.clean(item)


def _values(environ: Mapping[str, str]) -> dict[str, str]:
    """Every written form of the secret values, with the name of the variable each came from."""
    forms: dict[str, str] = {}
    for name, value in environ.items():
        if not _VARIABLE.search(name) or _NOT_A_SECRET.search(name):
            continue
        value = value.strip()
        if len(value) < SHORTEST_VALUE or value.lower() in _COMMON:
            continue
        for form in (
            value,
            msgspec.json.encode(value.encode("utf-8", "replace").decode()).decode()[1:-1],
            quote(value, safe="", errors="replace"),
            base64.b64encode(value.encode("utf-8", "surrogateescape")).decode().rstrip("="),
        ):
            forms.setdefault(form, name)
    return {form: name for form, name in forms.items() if form.isprintable() or "\n" in form}


def _replacement(shape: Shape) -> Callable[[re.Match[str]], str]:
    label = f"[redacted:{shape.kind}]"

    def replace(found: re.Match[str]) -> str:
        start, end = found.span(shape.group)
        return found[0][: start - found.start()] + label + found[0][end - found.start() :]

    return replace


def _assignment(found: re.Match[str]) -> str:
    text, start = found.string, found.start()
    before = re.search(r"[\w.-]*\Z", text[max(0, start - 48) : start])
    name = (before[0] if before else "") + found["word"]
    between, value = found["between"], found["value"]
    if between.isspace():  # only an option's value follows a blank
        secret = name.startswith("--") and value[0] not in "-$<{[(|" and not found["quote"]
    elif found["quote"]:
        secret = _is_literal(found["word"], value)
    else:
        tight = between in ("=", '"=', "'=") and text[found.end() : found.end() + 1] not in tuple(",)")
        secret = _is_literal(found["word"], value, env=tight)
    if not secret:
        return found[0]
    at = found.start("value") - start
    return found[0][:at] + "[redacted:password]"


_CODE = expression(r"[$<{%*\[(|]|.*[(\[{<]|(?:None|null|nil|true|false|undefined|str|string)\b|\.{3}", re.IGNORECASE)
_DOTTED = expression(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_WORD = expression(r"[A-Za-z_-]+[.:?!]*")


def _is_literal(word: str, value: str, *, env: bool = False) -> bool:
    """True where a value given to such a name reads as a secret and not as code, a type or a placeholder.

    `env` is the form NAME=value, without blanks or quotes, where a plain word is a value too.
    """
    value = value.rstrip("})],;")  # what closes a line of code is no part of a password that gives it away
    if len(value) < SHORTEST_VALUE or re.search(r"\s", value) or _CODE.match(value) or _DOTTED.fullmatch(value):
        return False
    if value.lower() in _COMMON or len(set(value)) < 3:
        return False
    has_digit = any(c.isdigit() for c in value)
    has_letter = any(c.isalpha() for c in value)
    if word.lower().startswith(("pass", "pwd")):
        return env or not _WORD.fullmatch(value) or (value.isalpha() and len(value) >= LONG_WORD)
    return has_digit and has_letter and len(value) >= (8 if env else 16)
