"""Failures as pytest prints them, in any of its traceback styles, whole or cut."""

from __future__ import annotations

import re

import msgspec

from loopwright.core.expression import expression
from loopwright.core.knowledge import Diagnosis, Frame
from loopwright.knowledge.python_failures import (
    EXCEPTION,
    describe,
    kind_of,
    place_of,
    read_syntax_error,
    read_traceback,
)

_SIGNS = expression(
    r"^=+ (?:FAILURES|ERRORS) =+$|^=+ short test summary info|^(?:FAILED|ERROR) \S+\.py\b|^=* ?no tests ran in"
    r"|^E {3}|^INTERNALERROR> |^ImportError while loading conftest"
    r"|^ERROR: (?:usage|file or directory not found|not found)",
    re.MULTILINE,
)
_BLOCK = expression(r"^_{3,} (?P<title>.+?) _{3,}$", re.MULTILINE)
_SECTION_END = expression(r"^(?:=+ .* =+|!{3,} .*)$|^-{10,} (?:Captured|generated)", re.MULTILINE)
_SUMMARY = expression(r"^(?:FAILED|ERROR) (?P<test>\S+?\.py(?:::\S.*?)?)(?: - (?P<message>.*))?$", re.MULTILINE)
_COUNT = expression(r"\b(?P<count>\d+) (?:failed|errors?)\b(?=.* in [\d.:]+)")
_SAID = expression(r"^E {1,3}(?P<text>.*)$", re.MULTILINE)
_PLACE = expression(
    r"^(?P<file>[^\s:][^:\n]*\.py):(?P<line>\d+): ?(?:in (?P<function>\S+))?(?P<rest>.*)$", re.MULTILINE
)
_PLAIN = "AssertionError: "
_EQUAL = expression(r"^assert (?P<actual>.{1,200}?) == (?P<expected>.{1,200})$")
_REFUSED = expression(
    r"^ERROR: (?P<message>file or directory not found: .*|not found: .*)$|error: (?P<usage>.*)$", re.MULTILINE
)


def read_pytest(text: str) -> Diagnosis | None:
    """Return the first failure of a pytest run; None where the text is not pytest's."""
    if not _SIGNS.search(text):
        return None
    summary = list(_SUMMARY.finditer(text))
    title, block = _first_block(text)
    found = (_read_doctest(block) or _read_fixture(block) or _read_block(block)) if block else None
    if found is None:
        found = _read_lines(text, summary)
    if found is None:
        return _read_nothing_run(text)
    return msgspec.structs.replace(found, tool="pytest", test=_test(title, summary), count=_count(text, summary))


def _first_block(text: str) -> tuple[str, str]:
    start = _BLOCK.search(text)
    if start is None:
        return "", ""
    following = [m.start() for m in (_BLOCK.search(text, start.end()), _SECTION_END.search(text, start.end())) if m]
    return start["title"], text[start.end() : min(following, default=len(text))]


_DOCTEST = expression(
    r"^Expected:\n(?P<expected>(?: .*\n)+)Got:\n(?P<actual>(?: .*\n)+)\n?(?P<file>\S+):(?P<line>\d+): DocTestFailure",
    re.MULTILINE,
)
_FIXTURE = expression(r"^E {7}(?P<said>fixture '[^']+' not found)$", re.MULTILINE)
_FIXTURE_PLACE = expression(
    r"^(?P<file>\S+\.py):(?P<line>\d+)$|^file (?P<file2>.+), line (?P<line2>\d+)$", re.MULTILINE
)
_MARKER = expression(r"not found in `markers` configuration option")


def _read_doctest(block: str) -> Diagnosis | None:
    found = _DOCTEST.search(block)
    if found is None:
        return None
    expected, actual = found["expected"].strip(), found["actual"].strip()
    message = f"doctest: expected {expected}, got {actual}"
    return Diagnosis("logic", message, "", "pytest", found["file"], int(found["line"]), expected, actual)


def _read_fixture(block: str) -> Diagnosis | None:
    found, place = _FIXTURE.search(block), _FIXTURE_PLACE.search(block)
    if found is None or place is None:
        return None
    return Diagnosis(
        "name", found["said"], "", "pytest", place["file"] or place["file2"], int(place["line"] or place["line2"])
    )


def _read_block(block: str) -> Diagnosis | None:
    said = [line["text"].strip() for line in _SAID.finditer(block)]
    if not said:
        return read_traceback(block)
    frames = tuple(Frame(p["file"], int(p["line"]), p["function"] or "") for p in _PLACE.finditer(block))
    known = [m for m in map(EXCEPTION.match, said) if m and kind_of(m["name"]) == "syntax"]
    if known:
        return read_syntax_error("\n".join(line["text"] for line in _SAID.finditer(block)))
    return _describe(said[0], frames)


def _read_lines(text: str, summary: list[re.Match[str]]) -> Diagnosis | None:
    """Read `--tb=line`, `--tb=no`, and what is left of output that was cut."""
    said = [line["text"].strip() for line in _SAID.finditer(text)]
    places = [p for p in _PLACE.finditer(text) if p["rest"].strip()][:1] or list(_PLACE.finditer(text))
    if said:
        frames = tuple(Frame(p["file"], int(p["line"]), p["function"] or "") for p in places)
        return _describe(said[0], frames)
    if not summary:
        return None
    message = summary[0]["message"] or "error while collecting"
    found = _describe(message, ())
    return msgspec.structs.replace(found, file=summary[0]["test"].partition("::")[0])


def _describe(said: str, frames: tuple[Frame, ...]) -> Diagnosis:
    if said.startswith(f"{_PLAIN}assert "):  # how it is told where the explanation has several lines
        said = said.removeprefix(_PLAIN)
    exception = EXCEPTION.match(said)
    if _MARKER.search(said):
        place = place_of(frames)
        return Diagnosis("tool", said.removeprefix("Failed: "), "", "pytest", place.file, place.line, frames=frames)
    if exception and not said.startswith("assert "):
        return describe("pytest", exception["name"].rpartition(".")[2], exception["message"] or "", frames)
    equal = _EQUAL.match(said)
    place = place_of(frames)
    kind = "logic" if said.startswith("assert") else "runtime"
    return Diagnosis(
        "logic" if kind == "logic" else "runtime",
        said,
        "",
        "pytest",
        place.file,
        place.line,
        equal["expected"] if equal else "",
        equal["actual"] if equal else "",
        frames,
    )


def _read_nothing_run(text: str) -> Diagnosis | None:
    if refused := _REFUSED.search(text):
        kind = "environment" if refused["message"] else "tool"
        message = refused["message"] or refused["usage"]
        return Diagnosis("environment" if kind == "environment" else "tool", message, "", "pytest")
    if "no tests ran" in text:
        return Diagnosis("tool", "no tests ran", "", "pytest")
    return None


def _test(title: str, summary: list[re.Match[str]]) -> str:
    name = title.rpartition(" of ")[2] if " of " in title else title.rpartition("ERROR collecting ")[2]
    ids = [line["test"] for line in summary]
    ends = "::" + name.replace(".", "::")
    return next((i for i in ids if i.endswith(ends) or i == name), ids[0] if ids else name)


def _count(text: str, summary: list[re.Match[str]]) -> int:
    return sum(int(c["count"]) for c in _COUNT.finditer(text)) or len(summary) or 1
