"""What a search found, and how it is shown within limits."""

from __future__ import annotations

from dataclasses import dataclass

from loopwright.core.fact import JsonValue

MAX_MATCHES = 200
MAX_PER_FILE = 100
MAX_LINE = 250  # characters of a matching line
MAX_TEXT = 16_000  # characters of the whole


@dataclass(frozen=True)
class Match:
    """One matching line; `line` counts from 1."""

    path: str
    line: int
    text: str


@dataclass(frozen=True)
class Matches:
    """All matches found; `stopped` is the limit that ended the search, if one did."""

    found: tuple[Match, ...]
    stopped: str = ""

    def text(self, pattern: str, path: str) -> str:
        """The matches as lines, with a last one that says loudly what is left out."""
        shown = self._shown()
        lines = [f"{m.path}:{m.line}: {m.text}" for m in shown]
        if not self.found and not self.stopped:
            return f"No match for {pattern!r}" + (f" in {path}" if path else "")
        if len(shown) < len(self.found) or self.stopped:
            least = "at least " if self.stopped else ""
            files = len({m.path for m in self.found})
            why = f" (stopped at the {self.stopped} limit)" if self.stopped else ""
            count = f"{len(shown)} of {least}{len(self.found)} matches in {files} files"
            lines.append(f"[CUT: {count} shown{why}; narrow path, glob or pattern]")
        elif full := sorted(p for p, n in self._counts().items() if n >= MAX_PER_FILE):
            lines.append(f"[CUT: only the first {MAX_PER_FILE} matches of {', '.join(full)} are shown]")
        return "\n".join(lines)

    def facts(self) -> dict[str, JsonValue]:
        cut = len(self._shown()) < len(self.found) or bool(self.stopped)
        return {"matches": len(self.found), "files": len(self._counts()), "cut": cut}

    def _counts(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for match in self.found:
            counts[match.path] = counts.get(match.path, 0) + 1
        return counts

    def _shown(self) -> list[Match]:
        shown: list[Match] = []
        size = 0
        for match in self.found[:MAX_MATCHES]:
            size += len(match.path) + len(match.text) + 10
            if shown and size > MAX_TEXT:
                break
            shown.append(match)
        return shown


def shorten(text: str) -> str:
    """Return one line, cut to what is shown of it."""
    text = text.rstrip("\r\n")
    return text if len(text) <= MAX_LINE else f"{text[:MAX_LINE]}… (+{len(text) - MAX_LINE} characters)"
