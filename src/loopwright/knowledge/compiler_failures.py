"""Errors as compilers, type checkers, linters and build tools print them: a place, the word error, a message."""

from __future__ import annotations

import re

from loopwright.core.expression import expression
from loopwright.core.knowledge import Diagnosis, FailureKind

_TSC = expression(
    r"^(?P<file>[^\s(:][^(:\n]*)(?:\((?P<line>\d+),\d+\):|:(?P<line2>\d+):\d+ -) "
    r"error (?P<code>TS\d+): (?P<message>.+)$",
    re.MULTILINE,
)
_ARROW = expression(
    r"^(?:error(?:\[(?P<code>E\d+)\])?: |(?P<rule>[A-Z]{1,4}\d{3,4}|invalid-syntax:?) (?:\[\*\] )?)(?P<message>.+)\n"
    r" *--> (?P<file>[^\n:]+):(?P<line>\d+):\d+",
    re.MULTILINE,
)
_PANIC = expression(
    r"^thread '(?P<test>[^']*)'.* panicked at (?P<file>[^\n:]+):(?P<line>\d+):\d+:\n(?P<message>.+)$", re.MULTILINE
)
_CONCISE = expression(
    r"^(?P<file>[^\s:][^:\n]*):(?P<line>\d+):\d+: (?P<rule>[A-Z]{1,4}\d{3,4}) (?:\[\*\] )?(?P<message>.+)$",
    re.MULTILINE,
)
_PLACED = expression(
    r"^(?P<file>[^\s:][^:\n]*):(?P<line>\d+):(?:\d+:)? (?:fatal )?error: (?P<message>.+)$", re.MULTILINE | re.IGNORECASE
)
_WARNING = expression(r"\[-Werror[^\]]*\]|\[-W[^\]]*\]$")
_RUNTIME = expression(
    r"index out of bounds|called `(?:Option|Result)::|attempt to |RefCell|not (?:yet )?implemented|unreachable"
    r"|range (?:start|end) index|slice index|byte index|explicit panic|capacity overflow|divi"
)
_LINK = expression(
    r"^(?:(?:\S*/)?ld(?:\.\w+)?: )?(?P<file>[^\s:]+):?\(?.*undefined reference to [`'](?P<name>[^`']+)'", re.MULTILINE
)

_IMPORT = (
    r"No such file or directory|cannot find (?:module|package)|no module named|package .* does not exist"
    r"|unresolved import|can't find crate|library stub|failed to resolve: could not find|file not found$"
    r"|Skipping analyzing|no matching package"
)
_NAME = (
    r"undeclared|cannot find (?:symbol|name|value|type|function)|undefined|not defined|not found in"
    r"|has no (?:attribute|member|field)|does not exist on type|no (?:method|member|field|associated item) .*named"
    r"|no (?:method|member|field) (?:named|`)|unknown type name|implicit declaration|not declared in this scope"
    r"|has not been declared|does not name a type|undeclared"
)
_SYNTAX = (
    r"syntax|expected .*(?:before|but|found end)|^expected |unexpected|unterminated|reached end of file"
    r"|illegal start|missing terminating|parse error|expected$|not a statement|unclosed|orphaned"
    r"|class, interface, enum, or record expected|extraneous|mismatched"
)

#: Read in this order; the first that fits decides.
_WORDS: tuple[tuple[FailureKind, re.Pattern[str]], ...] = (
    ("import", expression(_IMPORT, re.IGNORECASE)),
    ("name", expression(_NAME, re.IGNORECASE)),
    ("syntax", expression(_SYNTAX, re.IGNORECASE)),
)
_TYPESCRIPT: dict[str, FailureKind] = {
    "TS2307": "import", "TS2792": "import", "TS7016": "import", "TS2305": "import", "TS2614": "import",
    "TS2304": "name", "TS2552": "name", "TS2339": "name", "TS2551": "name", "TS18004": "name",
}  # fmt: skip


#: rustc's own numbers, where words would mislead.
_RUST: dict[str, FailureKind] = {
    "E0432": "import", "E0433": "import", "E0463": "import", "E0583": "import", "E0425": "name", "E0412": "name",
    "E0599": "name", "E0609": "name", "E0560": "name", "E0407": "name", "E0308": "type", "E0277": "type",
    "E0382": "type", "E0502": "type", "E0499": "type", "E0505": "type", "E0106": "type", "E0061": "type",
}  # fmt: skip
_TSC_SETUP = expression(r"^error (?P<code>TS\d+): (?P<message>.+)$", re.MULTILINE)


def lint_kind(rule: str, message: str) -> FailureKind:
    """Return what a finding of a linter amounts to: most are a matter of the tool alone."""
    if rule in ("F821", "F822", "no-undef"):
        return "name"
    if rule.endswith(("no-unresolved", "no-missing-import", "no-missing-require")):
        return "import"
    broken = rule.rstrip(":") in ("invalid-syntax", "E999") or message.startswith(("SyntaxError", "Parsing error"))
    return "syntax" if broken else "tool"


def read_tsc(text: str) -> Diagnosis | None:
    """Return the first error of the TypeScript compiler."""
    found = list(_TSC.finditer(text))
    if not found:
        setup = _TSC_SETUP.search(text)
        return Diagnosis("environment", f"{setup['code']}: {setup['message']}", "", "tsc") if setup else None
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
    test = found["test"] if f"test {found['test']} ... FAILED" in text or f"---- {found['test']} stdout" in text else ""
    asserted = "assertion" in found["message"] or (test and not _RUNTIME.search(found["message"]))
    kind: FailureKind = "resource" if "overflowed its stack" in text else "logic" if asserted else "runtime"
    count = len(_PANIC.findall(text))
    return Diagnosis(
        kind, found["message"], "", "cargo", found["file"], int(found["line"]),
        right[1] if right else "", left[1] if left else "", (), test, count=count,
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
    said = first["message"]
    kind = lint_kind(name, said) if rule else _RUST.get(name) or kind_of_message(said)
    message = f"{name}: {first['message']}" if name else first["message"]
    return Diagnosis(kind, message, "", tool, first["file"], int(first["line"]), count=len(found))


def read_placed(text: str) -> Diagnosis | None:
    """Return the first line of the form file:line:column: error: message, or of a linter's form of it."""
    for pattern in (_PLACED, _CONCISE):
        found = list(pattern.finditer(text))
        if not found:
            continue
        first = found[0]
        rule = first.groupdict().get("rule") or ""
        kind = lint_kind(rule, first["message"]) if rule else kind_of_message(first["message"])
        message = f"{rule}: {first['message']}" if rule else first["message"]
        return Diagnosis(
            kind, message, "", _tool(first["file"], rule, message), first["file"], int(first["line"]), count=len(found)
        )
    if link := _LINK.search(text):
        return Diagnosis("name", f"undefined reference to {link['name']}", "", "ld", link["file"])
    return None


def kind_of_message(message: str) -> FailureKind:
    """Return the kind of an error of a compiler by its words; what fits nothing else is a matter of types."""
    warning = _WARNING.search(message)
    if warning and "implicit-function" not in warning[0]:
        return "tool"
    return next((kind for kind, words in _WORDS if words.search(message)), "type")


def _tool(file: str, rule: str, message: str) -> str:
    if rule:
        return "linter"
    suffix = file.rpartition(".")[2]
    names = {"py": "mypy", "java": "javac", "go": "go", "rs": "rustc", "ts": "tsc"}
    return names.get(suffix, "cc" if suffix in ("c", "h", "cc", "cpp", "hpp", "cxx", "m") else "")
