"""Failures as go build, go vet and go test print them, and panics of Go programs."""

from __future__ import annotations

import re

from loopwright.core.expression import expression
from loopwright.core.knowledge import Diagnosis, FailureKind, Frame

_PLACED = expression(r"^(?:vet: )?(?P<file>\S+\.go):(?P<line>\d+):(?:\d+:)? (?P<message>.+)$", re.MULTILINE)
_FAILED = expression(r"^ *--- FAIL: (?P<test>\S+) \([\d.]+s\)$", re.MULTILINE)
_SAID = expression(r"^ +(?P<file>[\w./-]+\.go):(?P<line>\d+): (?P<message>.*)$", re.MULTILINE)
_PANIC = expression(r"^(?:panic|fatal error): (?P<message>.+?)(?: \[recovered\])?$", re.MULTILINE)
_DEEP = expression(r"^runtime: goroutine stack exceeds .*$", re.MULTILINE)
_FRAME = expression(r"^(?P<function>\S+?)\(.*\)\n\t(?P<file>/\S+\.go):(?P<line>\d+)(?: \+0x[0-9a-f]+)?$", re.MULTILINE)
_FOREIGN = expression(r"/go(?:-[\d.]+)?/src/|/libexec/src/|/pkg/mod/|^/usr/(?:local/|lib/)?go|_testmain\.go$")
_WANTED = expression(
    r"(?:got|= ) ?(?P<actual>\"[^\"]*\"|[^\s,;]+)[,;] ?(?:want(?:ed)?|expected) (?P<expected>.+)$", re.IGNORECASE
)
_TROUBLE = expression(
    r"^go: (?P<message>.*(?:go\.mod file not found|cannot find main module|no Go files|errors parsing|unknown command"
    r"|toolchain not available|no such tool|disabled by GO).*)$|^(?P<none>no Go files in .+)$",
    re.MULTILINE,
)
_MODULE = expression(r"^(?:go: )?(?P<message>.*(?:no required module provides|cannot find module).*)$", re.MULTILINE)
_KINDS: tuple[tuple[FailureKind, re.Pattern[str]], ...] = (
    ("syntax", expression(r"^syntax error|^expected |unexpected newline|string literal not terminated")),
    (
        "import",
        expression(
            r"imported and not used|imported as .* and not used|no required module|cannot find (?:package|module)"
            r"|is not in (?:GOROOT|std)|could not import|import cycle|cannot import"
        ),
    ),
    ("name", expression(r"^undefined: |undefined \(|declared (?:but|and) not used|redeclared|has no field or method")),
    (
        "tool",  # what vet has against code that compiles
        expression(
            r"\w+ format %|format verb|call has (?:possible|arguments)|unreachable code|copies lock|passes lock|"
            r"self-assignment|struct field tag|unkeyed fields|result of .* call not used|possible misuse|"
            r"loop variable .* captured|should have signature|used for argument|suspect|redundant or:|cancel function"
        ),
    ),
)
_RESOURCE = expression(r"stack overflow|out of memory|cannot allocate")


def read_go(text: str) -> Diagnosis | None:
    """Return the first failure that go or a Go program tells of; None where the text is neither's."""
    panic = _PANIC.search(text)
    if panic and "goroutine " in text:
        return _read_panic(text, panic)
    if (failed := list(_FAILED.finditer(text))) and (said := _said(text, failed[-1])):
        return said
    if placed := list(_PLACED.finditer(text)):
        first = placed[0]
        return Diagnosis(
            _kind(first["message"]), first["message"], "", "go", first["file"], int(first["line"]), count=len(placed)
        )
    if module := _MODULE.search(text):
        return Diagnosis("import", module["message"], "", "go")
    if trouble := _TROUBLE.search(text):
        return Diagnosis("environment", trouble["message"] or trouble["none"], "", "go")
    if failed:
        return Diagnosis("logic", f"{failed[-1]['test']} failed", "", "go", test=failed[-1]["test"], count=len(failed))
    return None


def _kind(message: str) -> FailureKind:
    return next((kind for kind, words in _KINDS if words.search(message)), "type")


def _said(text: str, failed: re.Match[str]) -> Diagnosis | None:
    """What the innermost failed test logged: behind its line, and before it where go test was run with -v."""
    before = text[: failed.start()].rfind("=== RUN")
    said = _SAID.search(text, failed.end()) or _SAID.search(text, max(before, 0), failed.start())
    if said is None:
        return None
    values = _WANTED.search(said["message"])
    count = len(_FAILED.findall(text))
    return Diagnosis(
        "logic", said["message"], "", "go", said["file"], int(said["line"]),
        values["expected"] if values else "", values["actual"] if values else "", (), failed["test"], count=count,
    )  # fmt: skip


def _read_panic(text: str, panic: re.Match[str]) -> Diagnosis:
    frames = [Frame(f["file"], int(f["line"]), f["function"]) for f in _FRAME.finditer(text, panic.end())]
    own = [frame for frame in frames if not _FOREIGN.search(frame.file)]
    place = own[0] if own else Frame("", 0)
    message, test = panic["message"], _FAILED.search(text)
    kind: FailureKind = "runtime"
    if message.startswith("test timed out"):
        kind = "timeout"
    elif _DEEP.search(text) or _RESOURCE.search(message):
        kind = "resource"
    name = test["test"] if test else ""
    return Diagnosis(
        kind, f"panic: {message}", "", "go", place.file, place.line, frames=tuple(reversed(own[:20])), test=name
    )
