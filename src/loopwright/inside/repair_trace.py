"""Which lines of the project a piece of work executes: sys.monitoring where there is one, else sys.settrace."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

Lines = dict[str, set[int]]
TOOL = 4  # a tool id that neither debuggers, coverage, profilers nor optimisers claim by convention


def seen(lines: Lines) -> Lines:
    """A copy of what was executed: threads that are still running may add to it."""
    return {file: set(found) for file, found in dict(lines).items() if found}


class SetTrace:
    """Line coverage by sys.settrace: only frames of wanted files are followed line by line."""

    def __init__(self, wanted: Callable[[str], bool]) -> None:
        self._wanted = wanted
        self._local: dict[CodeType, Any] = {}
        self._lines: Lines = {}

    def start(self) -> None:
        self._local, self._lines = {}, {}
        threading.settrace(self._call)
        sys.settrace(self._call)

    def stop(self) -> Lines:
        sys.settrace(None)
        threading.settrace(None)
        return seen(self._lines)

    def _call(self, frame: FrameType, event: str, arg: object) -> Any:
        code = frame.f_code
        if code in self._local:
            return self._local[code]
        follow = self._follow(code) if self._wanted(code.co_filename) else None
        self._local[code] = follow
        return follow

    def _follow(self, code: CodeType) -> Any:
        add = self._lines.setdefault(code.co_filename, set()).add

        def line(frame: FrameType, event: str, arg: object) -> Any:
            if event == "line":
                add(frame.f_lineno)
            return line

        return line


class Monitoring:
    """Line coverage by sys.monitoring (Python 3.12): every line reports once, then costs nothing."""

    def __init__(self, wanted: Callable[[str], bool]) -> None:
        self._wanted = wanted
        self._lines: Lines = {}
        self._mon: Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]  # 3.12 and later
        self._on = False

    def start(self) -> None:
        self._lines = {}
        mon = self._mon
        if not self._on:
            mon.use_tool_id(TOOL, "loopwright-repair")
            mon.register_callback(TOOL, mon.events.PY_START, self._start)
            mon.register_callback(TOOL, mon.events.LINE, self._line)
            self._on = True
        mon.set_events(TOOL, mon.events.PY_START)
        mon.restart_events()

    def stop(self) -> Lines:
        self._mon.set_events(TOOL, 0)
        return seen(self._lines)

    def _start(self, code: CodeType, offset: int) -> Any:
        if self._wanted(code.co_filename):
            self._mon.set_local_events(TOOL, code, self._mon.events.LINE)
        return self._mon.DISABLE

    def _line(self, code: CodeType, line: int) -> Any:
        self._lines.setdefault(code.co_filename, set()).add(line)
        return self._mon.DISABLE


def tracer(wanted: Callable[[str], bool]) -> SetTrace | Monitoring:
    """The cheapest line tracer this Python has; files for which `wanted` is false are not followed."""
    monitoring = getattr(sys, "monitoring", None)
    if monitoring is not None and monitoring.get_tool(TOOL) is None:
        return Monitoring(wanted)
    return SetTrace(wanted)


def mask(lines: set[int]) -> str:
    """Line numbers as the bits of one hexadecimal number."""
    bits = 0
    for line in lines:
        bits |= 1 << line
    return f"{bits:x}"
