"""Which language a text shows by its letters to be in."""

from __future__ import annotations

import re

from loopwright.core.expression import expression

#: Letters of the scripts that tell a language.
_SCRIPTS = {
    "chinese": "\u3400-\u9fff",
    "japanese": "\u3040-\u30ff\u3400-\u9fff",
    "korean": "\uac00-\ud7af\u1100-\u11ff",
    "russian": "\u0400-\u04ff",
    "ukrainian": "\u0400-\u04ff",
}
#: Letters that are no Latin ones: of other scripts; signs, arrows and drawings are none.
_OTHER = expression(
    "[\u0400-\u058f\u0590-\u08ff\u0900-\u0dff\u0e00-\u0eff\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)
_LATIN_WORDS = expression(r"[A-Za-z]{2,}(?:[^\w\n]+[A-Za-z]{2,}){3,}")


def is_foreign(text: str, wanted: str) -> bool:
    """True where the letters of a text show that it is not in the wanted language. Never for one that none can tell."""
    if wanted == "english":
        return bool(_OTHER.search(text))
    script = _SCRIPTS.get(wanted)
    return script is not None and bool(_LATIN_WORDS.search(text)) and not re.search(f"[{script}]", text)
