"""How compiled programs end: failed assertions, sanitizers, uncaught exceptions, signals."""

from __future__ import annotations

import re

from loopwright.core.expression import expression
from loopwright.core.knowledge import Diagnosis, FailureKind, Frame

_ASSERT = expression(
    r"^(?:\S+: )?(?P<file>[^\s:]+\.\w+):(?P<line>\d+): .*Assertion `(?P<said>.*)' failed\.$|"
    r"^Assertion failed: \((?P<said2>.*)\), function \S+, file (?P<file2>\S+), line (?P<line2>\d+)\.$",
    re.MULTILINE,
)
_SANITIZER = expression(r"^=*\d*=*(?:ERROR|WARNING): (?P<tool>\w+Sanitizer): (?P<message>.+)$", re.MULTILINE)
_SANITIZER_FRAME = expression(
    r"^ +#\d+ (?:0x[0-9a-f]+ in )?(?P<function>.+?) (?P<file>/?[^\s():]+\.\w+):(?P<line>\d+)(?::\d+)?(?: \(.*\))?$",
    re.MULTILINE,
)
_UNDEFINED = expression(r"^(?P<file>[^\s:]+):(?P<line>\d+):\d+: runtime error: (?P<message>.+)$", re.MULTILINE)
_TERMINATE = expression(
    r"^terminate called (?:after throwing an instance of '(?P<name>[^']+)'(?:\n\s+what\(\): +(?P<what>.*))?|.*)$",
    re.MULTILINE,
)
_SIGNALS: tuple[tuple[str, FailureKind], ...] = (
    ("Segmentation fault", "runtime"), ("Floating point exception", "runtime"), ("Illegal instruction", "runtime"),
    ("Bus error", "runtime"), ("Aborted", "runtime"), ("Trace/breakpoint trap", "runtime"), ("Killed", "resource"),
)  # fmt: skip
_FATAL = expression(r"^Fatal Python error: (?P<message>.+)$", re.MULTILINE)
_FATAL_FRAME = expression(r'^  File "(?P<file>[^"]+)", line (?P<line>\d+) in (?P<function>.+)$', re.MULTILINE)


def read_native(text: str) -> Diagnosis | None:
    """Return how a compiled program ended itself; None where it did not say."""
    if fatal := _FATAL.search(text):
        frames = tuple(Frame(f["file"], int(f["line"]), f["function"]) for f in _FATAL_FRAME.finditer(text))
        place = frames[0] if frames else Frame("", 0)
        kind: FailureKind = "resource" if "overflow" in fatal["message"] else "runtime"
        return Diagnosis(
            kind, fatal["message"], "", "python", place.file, place.line, frames=tuple(reversed(frames[:20]))
        )
    if failed := _ASSERT.search(text):
        said = failed["said"] or failed["said2"]
        file, line = failed["file"] or failed["file2"], int(failed["line"] or failed["line2"])
        return Diagnosis("logic", f"assertion failed: {said}", "", "cc", file, line)
    if sanitizer := _SANITIZER.search(text):
        frames = tuple(Frame(f["file"], int(f["line"]), f["function"]) for f in _SANITIZER_FRAME.finditer(text))
        place = next((f for f in frames if not re.search(r"sanitizer|/gcc/|^/usr/|/build/", f.file)), Frame("", 0))
        kind = "resource" if "memory leaks" in sanitizer["message"] or "out of memory" in text else "runtime"
        message = re.sub(r" (?:on address|\(pc) .*", "", sanitizer["message"])
        return Diagnosis(kind, f"{sanitizer['tool']}: {message}", "", "cc", place.file, place.line, frames=frames[:20])
    if undefined := _UNDEFINED.search(text):
        return Diagnosis("runtime", undefined["message"], "", "cc", undefined["file"], int(undefined["line"]))
    if ended := _TERMINATE.search(text):
        said = ": ".join(filter(None, (ended["name"], ended["what"]))) or ended[0]
        return Diagnosis("runtime", said, "", "cc")
    return None


def read_signal(text: str, status: int) -> Diagnosis | None:
    """Return the signal that ended a program which said nothing else, by the shell's word or the exit status."""
    lines = [line for line in text.splitlines() if line.strip()][-3:]
    for words, kind in _SIGNALS:
        if any(re.search(rf"(?:^|[\s:]){re.escape(words)}(?:$| \(core dumped\)|\s+\S)", line) for line in lines):
            return Diagnosis(kind, words, "", "shell")
    if status == 139:
        return Diagnosis("runtime", "Segmentation fault", "", "shell")
    return Diagnosis("resource", "Killed", "", "shell") if status == 137 and not lines else None
