"""Words that braces stand for: `/{etc,usr}` is two, and `{rm,-rf}` a command with its option."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwright.core.expression import expression
from loopwright.guard.checks.safety.flow.values import Value

#: Words that one may stand for; more are left as they are.
_MOST = 64
_INNERMOST = expression(r"\{([^{}\s]*,[^{}\s]*)\}")
#: A word at the place of a command that begins with a brace: the grammar takes it for a group of commands.
_LEADING = expression(r"(?m)((?:^|[;&|(]|\b(?:then|do|else)\b)[ \t]*)(\{[^\s{}'\"`]*,[^\s{}'\"`]*\}[^\s;&|()'\"`]*)")


def is_braced(raw: str) -> bool:
    """True for a word as it is written, without quotes, with braces that stand for several."""
    return "{" in raw and "," in raw and not re.search(r"['\"`\\]", raw)


def alternatives(text: str) -> list[str]:
    """Return the words that a word with braces stands for, in their order."""
    made = [text]
    while len(made) <= _MOST:
        opened = [list(_opened(each)) for each in made]
        if all(len(each) == 1 for each in opened):
            return made
        made = [word for each in opened for word in each]
    return [text]


def _opened(text: str) -> Iterator[str]:
    """Yield a word for each part of its first list in braces, which holds no further one."""
    found = _INNERMOST.search(text)
    if found is None:
        yield text
        return
    for part in found[1].split(","):
        yield text[: found.start()] + part + text[found.end() :]


def words_of(value: Value, raw: str) -> list[Value]:
    """Return the words that one word of a command stands for, of braces or of `"$@"`."""
    if value.items is not None and raw.strip('"') in ("$@", "$*", "${@}", "${*}"):
        return value.items
    if not is_braced(raw):
        return [value]
    return [Value(text, value.ref, value.labels) for text in alternatives(value.text) if text]


def written_out(script: str) -> str:
    """Return a script in which no command begins with a brace that stands for words."""
    return _LEADING.sub(lambda m: m[1] + " ".join(w for w in alternatives(m[2]) if w), script)
