"""Failures as node, node's test runner, jest, vitest and mocha print them."""

from __future__ import annotations

import re

from loopwright.core.expression import expression
from loopwright.core.knowledge import Diagnosis, FailureKind, Frame

_KINDS: dict[str, FailureKind] = {
    "SyntaxError": "syntax",
    "TypeError": "type",
    "ReferenceError": "name",
    "RangeError": "runtime",
    "AssertionError": "logic",
    "TimeoutError": "timeout",
}
_TOOLS = (
    ("jest", expression(r"^Test Suites: |^No tests found, exiting", re.MULTILINE)),
    ("vitest", expression(r"^ RUN  v\d|^ *⎯+ (?:Failed|Unhandled)|^ FAIL  .+ > ", re.MULTILINE)),
    ("mocha", expression(r"^ +\d+ failing$", re.MULTILINE)),
    ("node", expression(r"^Node\.js v\d|^TAP version \d|^ℹ tests |^# fail \d|^ +at .*\(?node:", re.MULTILINE)),
)
_TEST = {
    "jest": expression(r"^ +● (?P<test>.+)$", re.MULTILINE),
    "vitest": expression(r"^ FAIL  (?P<test>.+)$", re.MULTILINE),
    "mocha": expression(
        r"(?<=failing\n\n)  1\) (?P<test>.+?)(?::$|\n(?P<rest>(?: {5,}\S.*\n)*?) {5,}(?P<last>.+):$)", re.MULTILINE
    ),
    "node": expression(r"^ *(?:not ok \d+ - |✖ )(?P<test>(?!failing).+?)(?: \([\d.]+ms\))?$", re.MULTILINE),
}
_COUNT = {
    "jest": expression(r"^Tests: +(\d+) failed", re.MULTILINE),
    "vitest": expression(r"^ +Tests +(\d+) failed", re.MULTILINE),
    "mocha": expression(r"^ +(\d+) failing$", re.MULTILINE),
    "node": expression(r"^[#ℹ] fail (\d+)$", re.MULTILINE),
}
_NEXT = expression(r"^ +2\) ", re.MULTILINE)
_TAP_ERROR = expression(r"^ +error: (?:\|-\n\s+|['\"])(?P<message>[^\n'\"]+)", re.MULTILINE)
_TAP_NAME = expression(r"^ +name: '(?P<name>\w+)'$", re.MULTILINE)
_ERROR = expression(
    r"^ *(?:Uncaught )?(?P<name>(?:[A-Z]\w*)?Error)(?: \[(?P<code>\w+)\])?: (?P<message>.+)$", re.MULTILINE
)
_CODED: dict[str, FailureKind] = {
    "ENOENT": "environment", "EACCES": "environment", "EADDRINUSE": "environment", "ECONNREFUSED": "environment",
    "ENOTFOUND": "environment", "EPERM": "environment", "EISDIR": "environment", "ENOTDIR": "environment",
    "EMFILE": "resource", "ENOSPC": "resource", "ETIMEDOUT": "timeout",
}  # fmt: skip
_CODE = expression(r"^(?:\w+ )?(?P<code>E[A-Z]{3,}): ")
_UNPARSED = expression(
    r"^(?:Rollup|Syntax|Transform)?Error: (?:Parse failure|Transform failed|Unexpected|Expected)|Transform failed"
)
_UNPARSED_PLACE = expression(r"(?:At file: |File: )(?P<file>[^\s:]+):(?P<line>\d+):\d+")
_HEAP = expression(r"^FATAL ERROR: .*heap out of memory", re.MULTILINE)
_VITEST_FRAME = expression(r"^ *❯ (?:(?P<function>[^\s(]+) )?(?P<file>[^\s():]+\.\w+):(?P<line>\d+):\d+$", re.MULTILINE)
_NAMED_FILE = expression(r"\((?P<file>/\S+\.\w+)\)$")
_FRAME = expression(
    r"^ *(?:(?:at|❯) |(?=\S.* \(/))(?:(?P<function>[^()\n]+?) \()?(?:file://)?(?P<file>[^()\s:]+(?:\.\w+)):(?P<line>\d+):\d+\)?",
    re.MULTILINE,
)
_TOP = expression(r"^(?:file://)?(?P<file>/[^\s:]+):(?P<line>\d+)$", re.MULTILINE)
_CODE_PLACE = expression(r": (?P<file>/\S+?): .*\((?P<line>\d+):\d+\)$")
_EXPECTED = expression(r"^ *(?:Expected: |expected: |- (?!Expected|actual))(?P<value>[^\n,]+),?$", re.MULTILINE)
_ACTUAL = expression(r"^ *(?:Received: |actual: |\+ (?!Received|expected))(?P<value>[^\n,]+),?$", re.MULTILINE)
_MISSING = expression(
    r"Cannot find (?:module|package) '[^']+'|Failed to (?:resolve|load) (?:import|url) .*"
    r"|The requested module .* does not provide an export .*"
)
_LATE = expression(r"Exceeded timeout of|Timeout of \d+ms exceeded|Test timed out")
_DIFFERS = expression(r"^ *(?P<actual>\S.{0,200}?) !== (?P<expected>.{1,200})$", re.MULTILINE)


def read_javascript(text: str) -> Diagnosis | None:
    """Return the first failure of a JavaScript program or test run; None where the text is no such thing."""
    tool = next((name for name, sign in _TOOLS if sign.search(text)), "")
    if not tool:
        return None
    test = _TEST[tool].search(text)
    if test is None and (tool == "mocha" or "No tests found" in text):
        return Diagnosis("tool", "No tests found", "", tool) if "No tests found" in text else None
    block = _block(text, tool, test)
    kind, message = _what(block)
    if not message:
        return None
    frames = _frames(block)
    place = _place(block, message, frames)
    expected, actual = _values(block) if kind == "logic" else ("", "")
    counted = _COUNT[tool].search(text)
    count = int(counted[1]) if counted else 1
    return Diagnosis(
        kind, message, "", tool, place.file, place.line, expected, actual, frames, _name(test, block), count=count
    )


def _block(text: str, tool: str, test: re.Match[str] | None) -> str:
    if test is None:
        return text
    following = (_NEXT if tool == "mocha" else _TEST[tool]).search(text, test.end())
    return text[test.end() : following.start() if following else len(text)]


def _what(block: str) -> tuple[FailureKind, str]:
    if late := _LATE.search(block):
        return "timeout", block[late.start() :].partition("\n")[0].strip()
    if heap := _HEAP.search(block):
        return "resource", heap[0]
    error = _ERROR.search(block)
    if error is None and (tap := _TAP_ERROR.search(block)):
        name = _TAP_NAME.search(block)
        return _KINDS.get(name["name"] if name else "", "runtime"), tap["message"]
    missing = _MISSING.search(block)
    if missing and (error is None or missing.start() <= error.end()):
        return "import", missing[0]
    if error is not None:
        return _kind(error["name"], error["message"]), f"{error['name']}: {error['message']}"
    line = next((part.strip() for part in block.splitlines() if part.strip()), "")
    return ("logic" if "expect(" in line or "assert" in line.lower() else "runtime"), line


def _kind(name: str, message: str) -> FailureKind:
    if _UNPARSED.match(f"{name}: {message}"):
        return "syntax"
    if name == "RangeError" and "call stack" in message:
        return "resource"
    code = _CODE.match(message)
    return _CODED.get(code["code"], "runtime") if code else _KINDS.get(name, "runtime")


def _frames(block: str) -> tuple[Frame, ...]:
    pattern = _VITEST_FRAME if _VITEST_FRAME.search(block) else _FRAME
    found = [Frame(f["file"], int(f["line"]), (f["function"] or "").strip()) for f in pattern.finditer(block)]
    own = [frame for frame in found if not frame.file.startswith("node:") and "node_modules/" not in frame.file]
    return tuple(reversed(own[:20]))


def _place(block: str, message: str, frames: tuple[Frame, ...]) -> Frame:
    if exact := _CODE_PLACE.search(message):
        return Frame(exact["file"], int(exact["line"]))
    if unparsed := _UNPARSED_PLACE.search(block):
        return Frame(unparsed["file"], int(unparsed["line"]))
    frames_first = frames and not message.startswith("SyntaxError: Unexpected")
    not_parsed = message.startswith("SyntaxError") and not frames_first
    if (not_parsed or "does not provide an export" in message) and (top := _TOP.search(block)):
        return Frame(top["file"], int(top["line"]))
    if frames:
        return frames[-1]
    if named := _NAMED_FILE.search(message):
        return Frame(named["file"], 0)
    imported = re.search(r"imported from (\S+)|^- (/\S+\.\w+)$", block, re.MULTILINE)
    return Frame(imported[1] or imported[2], 0) if imported else Frame("", 0)


def _values(block: str) -> tuple[str, str]:
    expected, actual = _EXPECTED.search(block), _ACTUAL.search(block)
    if expected and actual:
        return expected["value"].strip(), actual["value"].strip()
    differs = _DIFFERS.search(block)
    return (differs["expected"].strip(), differs["actual"].strip()) if differs else ("", "")


def _name(test: re.Match[str] | None, block: str) -> str:
    if test is None or "Test suite failed to run" in test["test"]:
        return ""
    last = test.groupdict().get("last")
    middle = " ".join((test.groupdict().get("rest") or "").split())
    return " ".join(filter(None, (test["test"].strip(), middle, last)))
