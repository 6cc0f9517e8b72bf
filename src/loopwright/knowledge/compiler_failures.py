"""Errors as compilers, type checkers, linters and build tools print them: a place, the word error, a message."""

from __future__ import annotations

import re

from loopwright.core.knowledge import Diagnosis, FailureKind, Frame

_TSC = re.compile(
    r"^(?P<file>[^\s(:][^(:\n]*)(?:\((?P<line>\d+),\d+\):|:(?P<line2>\d+):\d+ -) "
    r"error (?P<code>TS\d+): (?P<message>.+)$",
    re.MULTILINE,
)
_ARROW = re.compile(
    r"^(?:error(?:\[(?P<code>E\d+)\])?: |(?P<rule>[A-Z]{1,4}\d{3,4}|invalid-syntax:?) (?:\[\*\] )?)(?P<message>.+)\n"
    r" *--> (?P<file>[^\n:]+):(?P<line>\d+):\d+",
    re.MULTILINE,
)
_PANIC = re.compile(
    r"^thread '(?P<test>[^']*)'.* panicked at (?P<file>[^\n:]+):(?P<line>\d+):\d+:\n(?P<message>.+)$", re.MULTILINE
)
_CONCISE = re.compile(
    r"^(?P<file>[^\s:][^:\n]*):(?P<line>\d+):\d+: (?P<rule>[A-Z]{1,4}\d{3,4}) (?:\[\*\] )?(?P<message>.+)$",
    re.MULTILINE,
)
_PLACED = re.compile(
    r"^(?P<file>[^\s:][^:\n]*):(?P<line>\d+):(?:\d+:)? (?:fatal )?error: (?P<message>.+)$", re.MULTILINE | re.IGNORECASE
)
_GO = re.compile(r"^(?:vet: )?(?P<file>\S+\.go):(?P<line>\d+):(?:\d+:)? (?P<message>.+)$", re.MULTILINE)
_LINK = re.compile(r"^(?P<file>[^\s:]+):?\(?.*undefined reference to [`'](?P<name>[^`']+)'", re.MULTILINE)
_JAVA = re.compile(r'^Exception in thread "[^"]*" (?P<name>[\w.$]+)(?:: (?P<message>.*))?$', re.MULTILINE)
_JAVA_FRAME = re.compile(r"^\s+at (?P<function>[\w.$<>]+)\((?P<file>\w+\.java):(?P<line>\d+)\)$", re.MULTILINE)
_MAKE = re.compile(r"^g?make(?:\[\d+\])?: \*\*\* (?P<message>.+)$", re.MULTILINE)

_IMPORT = (
    r"No such file or directory|cannot find (?:module|package)|no module named|package .* does not exist"
    r"|unresolved import|is not in std|can't find crate|missing library stubs"
)
_NAME = (
    r"undeclared|cannot find (?:symbol|name|value|type|function)|undefined|not defined|not found in"
    r"|has no (?:attribute|member|field)|does not exist on type|no method named|unknown type name"
)
_SYNTAX = (
    r"syntax|expected .*(?:before|but|found end)|^expected |unexpected|unterminated|reached end of file"
    r"|illegal start|missing terminating|parse error"
)

#: Read in this order; the first that fits decides.
_WORDS: tuple[tuple[FailureKind, re.Pattern[str]], ...] = (
    ("import", re.compile(_IMPORT, re.IGNORECASE)),
    ("name", re.compile(_NAME, re.IGNORECASE)),
    ("syntax", re.compile(_SYNTAX, re.IGNORECASE)),
)
_TYPESCRIPT: dict[str, FailureKind] = {
    "TS2307": "import", "TS2792": "import", "TS7016": "import", "TS2305": "import", "TS2614": "import",
    "TS2304": "name", "TS2552": "name", "TS2339": "name", "TS2551": "name", "TS18004": "name",
}  # fmt: skip


def read_tsc(text: str) -> Diagnosis | None:
    """Return the first error of the TypeScript compiler."""
    found = list(_TSC.finditer(text))
    if not found:
        return None
    first, code = found[0], found[0]["code"]
    kind = _TYPESCRIPT.get(code, "syntax" if re.fullmatch(r"TS1\d{3}", code) else "type")
    line = int(first["line"] or first["line2"])
    return Diagnosis(kind, f"{code}: {first['message']}", "", "tsc", first["file"], line, count=len(found))


def read_rust(text: str) -> Diagnosis | None:
    """Return the first panic of a Rust test or program."""
    found = _PANIC.search(text)
    if found is None:
        return None
    left, right = re.search(r"^ +left: (.+)$", text, re.MULTILINE), re.search(r"^ +right: (.+)$", text, re.MULTILINE)
    kind: FailureKind = "logic" if "assertion" in found["message"] else "runtime"
    count = len(_PANIC.findall(text))
    return Diagnosis(
        kind, found["message"], "", "cargo", found["file"], int(found["line"]),
        right[1] if right else "", left[1] if left else "", (), found["test"], count=count,
    )  # fmt: skip


def read_arrow(text: str) -> Diagnosis | None:
    """Return the first error in the style of rustc and ruff: message, then an arrow and the place."""
    found = list(_ARROW.finditer(text))
    if not found:
        return None
    first = found[0]
    rule = first["rule"] or ""
    tool = "ruff" if rule else "rustc"
    name = rule.rstrip(":") or first["code"] or ""
    kind = _lint_kind(name, first["message"]) if rule else _kind(first["message"])
    message = f"{name}: {first['message']}" if name else first["message"]
    return Diagnosis(kind, message, "", tool, first["file"], int(first["line"]), count=len(found))


def read_placed(text: str) -> Diagnosis | None:
    """Return the first line of the form file:line:column: error: message, or of a linter's or go's form of it."""
    for pattern in (_PLACED, _CONCISE, _GO):
        found = list(pattern.finditer(text))
        if not found:
            continue
        first = found[0]
        rule = first.groupdict().get("rule") or ""
        kind = _lint_kind(rule, first["message"]) if rule else _kind(first["message"])
        message = f"{rule}: {first['message']}" if rule else first["message"]
        return Diagnosis(
            kind, message, "", _tool(first["file"], rule, message), first["file"], int(first["line"]), count=len(found)
        )
    if link := _LINK.search(text):
        return Diagnosis("name", f"undefined reference to {link['name']}", "", "ld", link["file"])
    return None


def read_java(text: str) -> Diagnosis | None:
    """Return the exception that ended a Java program."""
    found = _JAVA.search(text)
    if found is None:
        return None
    frames = tuple(Frame(f["file"], int(f["line"]), f["function"]) for f in _JAVA_FRAME.finditer(text, found.end()))
    place = frames[0] if frames else Frame("", 0)
    name, said = found["name"].rpartition(".")[2], found["message"] or ""
    kind: FailureKind = "logic" if name.startswith("Assertion") else "resource" if name.endswith("Error") else "runtime"
    return Diagnosis(kind, f"{name}: {said}", "", "java", place.file, place.line, frames=tuple(reversed(frames)))


def read_make(text: str) -> Diagnosis | None:
    """Return make's own complaint, where nothing that it ran left a better one."""
    found = _MAKE.search(text)
    return Diagnosis("tool", found["message"], "", "make") if found else None


def _kind(message: str) -> FailureKind:
    return next((kind for kind, words in _WORDS if words.search(message)), "type")


def _lint_kind(rule: str, message: str) -> FailureKind:
    if rule == "F821":
        return "name"
    return "syntax" if rule in ("invalid-syntax", "E999") or message.startswith("SyntaxError") else "tool"


def _tool(file: str, rule: str, message: str) -> str:
    if rule:
        return "linter"
    suffix = file.rpartition(".")[2]
    names = {"py": "mypy", "java": "javac", "go": "go", "rs": "rustc", "ts": "tsc"}
    return names.get(suffix, "cc" if suffix in ("c", "h", "cc", "cpp", "hpp", "cxx", "m") else "")
