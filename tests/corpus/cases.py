"""Reads the corpus. A case begins with a line `%%% KIND NAME` and holds all lines up to the next one.

The files named `-second` to `-eleventh` were written when the checks already stood, without looking at what they catch; from
the fourth on a case's kind is the check that it is for.
Nothing of it is ever run. Hosts are reserved ones (RFC 5737, RFC 6761); pool and paste sites are named as published.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent
_SUFFIX = {"python": ".py", "shell": ".sh", "javascript": ".js", "typescript": ".tsx"}


@dataclass(frozen=True)
class Case:
    """One program. `kind` is its danger, or its language where it is ordinary."""

    language: str
    kind: str
    name: str
    text: str
    check: str = ""  # the safety check that must block it, where the part says so

    @property
    def path(self) -> str:
        return ("setup" if "setup" in self.name else "case") + _SUFFIX[self.language]

    def __str__(self) -> str:
        return f"{self.language}:{self.kind}:{self.name}"


def dangerous() -> list[Case]:
    """All dangerous programs; TypeScript ones stand with the JavaScript."""
    found: list[Case] = []
    for path in sorted((_HERE / "dangerous").glob("*.txt")):
        language, _, part = path.stem.partition("-")
        check = ""
        for kind, name, text in _cases(path):
            typed = kind == "typescript"
            check = check if typed else kind
            named = check if part in ("fourth", "fifth", "sixth", "seventh", "ninth", "tenth", "eleventh") else ""
            found.append(Case(kind if typed else language, kind, name, text, named))
    return found


def ordinary() -> list[Case]:
    """Ordinary programs that look like dangerous ones, and ordinary commands, one a line."""
    sources = [
        Case(kind, kind, name, text)
        for path in sorted((_HERE / "ordinary").glob("sources*.txt"))
        for kind, name, text in _cases(path)
    ]
    lines = [
        line
        for path in sorted((_HERE / "ordinary").glob("commands*.txt"))
        for line in path.read_text("utf-8").splitlines()
    ]
    return sources + [Case("shell", "command", line, line) for line in lines if line]


def _cases(path: Path) -> list[tuple[str, str, str]]:
    found = []
    for part in path.read_text(encoding="utf-8").split("%%% ")[1:]:
        head, _, text = part.partition("\n")
        kind, _, name = head.partition(" ")
        found.append((kind, name, text))
    return found
