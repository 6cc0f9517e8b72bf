"""Failures as Python prints them: tracebacks, syntax errors, unittest."""

from __future__ import annotations

import re

import msgspec

from loopwright.core.expression import expression
from loopwright.core.knowledge import Diagnosis, FailureKind, Frame

_KINDS: dict[FailureKind, str] = {
    "syntax": "SyntaxError IndentationError TabError",
    "import": "ImportError ModuleNotFoundError",
    "type": "TypeError",
    "name": "NameError UnboundLocalError AttributeError",
    "logic": "AssertionError Failed",
    "timeout": "TimeoutError Timeout TimeoutExpired timeout",
    "resource": "MemoryError RecursionError",
    "environment": "OSError FileNotFoundError PermissionError ConnectionError ConnectionRefusedError gaierror "
    "ConnectionResetError BlockingIOError NotADirectoryError IsADirectoryError BrokenPipeError",
}
_KIND_OF = {name: kind for kind, names in _KINDS.items() for name in names.split()}

_FRAME = expression(r'^[ \t]*File "(?P<file>[^"]+)", line (?P<line>\d+)(?:, in (?P<function>.+))?$', re.MULTILINE)
#: A line that an exception is told in; some of C modules have small names (socket.gaierror, zlib.error).
EXCEPTION = expression(
    r"^(?P<name>(?:[A-Za-z_]\w*\.)*[A-Z]\w*|(?:[A-Za-z_]\w*\.)+(?:\w*error|timeout))(?:: (?P<message>.*))?$",
    re.MULTILINE,
)
_SYNTAX = expression(r"^[ \t]*(?P<name>SyntaxError|IndentationError|TabError): (?P<message>.*)$", re.MULTILINE)
_TRACEBACK = "Traceback (most recent call last):"
_UNITTEST = expression(r"^(?:ERROR|FAIL): (?P<test>\S+) \((?P<where>[\w.]+)\)", re.MULTILINE)
_UNITTEST_END = expression(r"^FAILED \((?P<counts>[^)]*)\)", re.MULTILINE)
_NO_FILE = expression(r"can't open file '(?P<file>[^']+)'|No module named (?P<module>[\w.]+)$", re.MULTILINE)
_DIFFERS = expression(r"^(?P<actual>.{1,200}?) != (?P<expected>.{1,200}?)(?: : .*)?$")
#: Frames kept of one traceback, the innermost ones.
FRAMES = 20


def kind_of(exception: str, message: str = "") -> FailureKind:
    """Return the kind of failure an exception stands for; any that is not known is a runtime failure."""
    name = exception.rpartition(".")[2]
    if name == "Failed" and "Timeout" in message:
        return "timeout"
    return _KIND_OF.get(name, "runtime")


def is_own(file: str) -> bool:
    """False for the interpreter's and installed packages' files."""
    foreign = ("site-packages/", "dist-packages/", "<frozen", "<string>", "/importlib/", "/unittest/")
    return not any(part in file for part in foreign) and not re.search(r"/lib/python\d[\d.]*/", file)


def place_of(frames: tuple[Frame, ...]) -> Frame:
    """Return the innermost frame in the user's own code, else the innermost."""
    own = [frame for frame in frames if is_own(frame.file)]
    return (own or list(frames) or [Frame("", 0)])[-1]


def read_unittest(text: str) -> Diagnosis | None:
    """Return the first failure of a unittest run."""
    header = _UNITTEST.search(text)
    ending = _UNITTEST_END.search(text)
    if header is None or ending is None:
        return None
    block = text[header.end() :].partition("\n====")[0]
    found = read_traceback(block)
    if found is None:
        return None
    counts = [int(number) for number in re.findall(r"(?:failures|errors)=(\d+)", ending["counts"])]
    where = header["where"]
    test = where if where.endswith(header["test"]) else f"{where}.{header['test']}"
    return msgspec.structs.replace(found, tool="unittest", test=test, count=sum(counts) or 1)


def read_traceback(text: str) -> Diagnosis | None:
    """Return the exception that ended the program: the last traceback is the one that was not handled."""
    text = re.sub(r"^ *[|+] ?", "", text, flags=re.MULTILINE) if "Exception Group" in text else text
    start = text.rfind(_TRACEBACK)
    if start < 0:
        return read_syntax_error(text)
    part = text[start + len(_TRACEBACK) :]
    error = next((e for e in EXCEPTION.finditer(part) if not part[: e.start()].endswith((" ", "\t"))), None)
    if error is None:
        return None
    name, message = error["name"].rpartition(".")[2], (error["message"] or "").strip()
    if kind_of(name) == "syntax":
        return read_syntax_error(part[: error.end()])
    frames = tuple(
        Frame(f["file"], int(f["line"]), f["function"] or "") for f in _FRAME.finditer(part[: error.start()])
    )[-FRAMES:]
    return describe("python", name, message, frames)


_SORRY = expression(
    r"^Sorry: (?P<message>(?:Tab|Indentation|Syntax)Error: .+) \((?P<file>[^(),]+), line (?P<line>\d+)\)$", re.MULTILINE
)
_COMPILING = expression(r"^\*\*\* Error compiling '(?P<file>[^']+)'", re.MULTILINE)


def read_syntax_error(text: str) -> Diagnosis | None:
    """Return a syntax error, which Python prints with its place but without a frame of its own."""
    if sorry := _SORRY.search(text):
        whole = _COMPILING.search(text)
        return Diagnosis(
            "syntax", sorry["message"], "", "python", whole["file"] if whole else sorry["file"], int(sorry["line"])
        )
    error = _SYNTAX.search(text)
    if error is None:
        return None
    place = list(_FRAME.finditer(text[: error.start()]))
    file, line = (place[-1]["file"], int(place[-1]["line"])) if place else ("", 0)
    return Diagnosis("syntax", f"{error['name']}: {error['message']}", "", "python", file, line)


def read_startup(text: str) -> Diagnosis | None:
    """Return that Python was given a script or module which is not there."""
    found = _NO_FILE.search(text)
    if found is None:
        return None
    kind: FailureKind = "environment" if found["file"] else "import"
    return Diagnosis(kind, found[0].strip(), "", "python", found["file"] or "")


def describe(tool: str, name: str, message: str, frames: tuple[Frame, ...]) -> Diagnosis:
    """Return the diagnosis of one exception."""
    place = place_of(frames)
    said = f"{name}: {message}" if message else name
    differs = _DIFFERS.match(message) if name == "AssertionError" else None
    return Diagnosis(
        kind_of(name, message),
        said,
        "",
        tool,
        place.file,
        place.line,
        differs["expected"] if differs else "",
        differs["actual"] if differs else "",
        frames,
    )
