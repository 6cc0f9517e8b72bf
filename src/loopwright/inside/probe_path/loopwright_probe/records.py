"""What the probe is told, and where it writes what it sees."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

VARIABLE = "LOOPWRIGHT_PROBE"
_PATHS = [entry for entry in sys.path if (Path(entry) / "loopwright_probe").is_dir()]
_START = str(Path.cwd())
_NAMES = (VARIABLE, "PYTHONPATH", "PYTEST_PLUGINS")
_taken: dict[str, str] = {}


def relative(path: str) -> str:
    """Return a path as seen from the directory in which the process began."""
    return path[len(_START) + 1 :] if path.startswith(_START + os.sep) else path


def take() -> dict[str, Any] | None:
    """Return what this run is told to do and remove every trace of it, so that tests and their children see none."""
    _taken.update({name: os.environ[name] for name in _NAMES if name in os.environ})
    told = os.environ.pop(VARIABLE, "")
    for path in _PATHS:
        _strip("PYTHONPATH", os.pathsep, path)
    _strip("PYTEST_PLUGINS", ",", "loopwright_probe.pytest_plugin")
    sys.path[:] = [entry for entry in sys.path if entry not in _PATHS]
    return json.loads(told) if told else None


def give_back() -> None:
    """Let the next session that this process starts, or a child of it, be told the same again."""
    os.environ.update(_taken)
    sys.path[:0] = [path for path in _PATHS if path not in sys.path]


def _strip(name: str, separator: str, part: str) -> None:
    left = [p for p in os.environ.get(name, "").split(separator) if p and p != part]
    if left:
        os.environ[name] = separator.join(left)
    else:
        os.environ.pop(name, None)


class Records:
    """One file of JSON lines for one test session; each line is written at once, since the process may die."""

    def __init__(self, folder: str, kind: str) -> None:
        self.session = _claim(folder)
        name = Path(folder, f"{self.session:04d}.jsonl")
        self._fd = os.open(name, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._pid = os.getpid()
        self.write(event="start", kind=kind, session=self.session, at=time.time())

    def write(self, **record: Any) -> None:
        """Write one record; a forked child of the tests writes none."""
        if os.getpid() == self._pid:
            os.write(self._fd, (json.dumps(record) + "\n").encode("utf-8", "backslashreplace"))


def _claim(folder: str) -> int:
    """Return this session's number within the command, from 0, by making its directory."""
    Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    number = 0
    while True:
        try:
            Path(folder, f"{number:04d}").mkdir()
        except FileExistsError:
            number += 1
        else:
            return number
