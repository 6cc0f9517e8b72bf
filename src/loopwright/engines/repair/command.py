"""What a test command starts: pytest, unittest or a script that can be looked into, or something opaque."""

from __future__ import annotations

import os.path
import re
import shlex
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Literal

from loopwright.core.expression import expression

Kind = Literal["pytest", "unittest", "script", "module", "opaque"]
_ASSIGNMENT = expression(r"[A-Za-z_]\w*=")
_PYTHON = expression(r"python(\d(\.\d+)?)?$|pypy3?$")
_RUNNERS = {"uv": ("run",), "poetry": ("run",), "pipenv": ("run",), "hatch": ("run",), "pdm": ("run",), "rye": ("run",)}
#: Programs that only start another, and how many words of their own they take. The search has its own limits of time.
_AROUND = {"env": 0, "time": 0, "nice": 0, "nohup": 0, "command": 0, "exec": 0, "timeout": 1}
_TAKES_VALUE = ("-W", "-X", "--check-hash-based-pycs")


@dataclass(frozen=True)
class Command:
    """A test command taken apart. `python` starts the interpreter; `shell` is the command as it was given."""

    shell: str
    kind: Kind = "opaque"
    python: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    script: str = ""
    env: tuple[tuple[str, str], ...] = ()
    cwd: str = ""
    path: tuple[str, ...] = ()  # what the command puts ahead on sys.path
    shebang: str = ""  # the program whose first line names the interpreter


def parse(shell: str) -> Command:
    """Take the command apart; whatever is not one plain Python test program stays opaque."""
    opaque = Command(shell)
    cwd, rest = "", shell.strip()
    moved = re.match(r"cd\s+([\w./-]+)\s*&&\s*(.*)$", rest, re.DOTALL)
    if moved:
        cwd, rest = os.path.normpath(moved[1]), moved[2]
    if re.search(r"[|;&<>`$(){}\n*?]", re.sub(r"'[^']*'|\"[^\"$`]*\"", "", rest)):
        return opaque
    try:
        words = shlex.split(rest)
    except ValueError:
        return opaque
    env: list[tuple[str, str]] = []
    while words and (words[0] in _AROUND or _ASSIGNMENT.match(words[0])):
        name, equals, value = words.pop(0).partition("=")
        env += [(name, value)] if equals else []
        words = words[_AROUND.get(name, 0) :]
    found = _program(words)
    return replace(found, shell=shell, env=tuple(env), cwd="" if cwd == "." else cwd) if found else opaque


def _program(words: list[str]) -> Command | None:
    before: list[str] = []
    while words and words[0] in _RUNNERS and words[1:2] == ["run"]:
        before += words[:2]
        words = words[2:]
    if not words:
        return None
    name = PurePosixPath(words[0]).name
    if name in ("pytest", "py.test"):
        return Command("", "pytest", (*before, "python"), tuple(words[1:]), shebang="" if before else words[0])
    if not _PYTHON.match(name):
        return None
    python, at = [*before, words[0]], 1
    while at < len(words) and words[at].startswith("-") and words[at] not in ("-m", "-c", "-"):
        python.append(words[at])
        if words[at] in _TAKES_VALUE and at + 1 < len(words):
            at += 1
            python.append(words[at])
        at += 1
    return _module_or_script(tuple(python), words[at:])


def _module_or_script(python: tuple[str, ...], words: list[str]) -> Command | None:
    if words[:2] == ["-m", "coverage"] and words[2:3] == ["run"]:
        words = [w for w in words[3:] if not w.startswith("--")]
    if len(words) >= 2 and words[0] == "-m":
        module, args = words[1], tuple(words[2:])
        if module in ("pytest", "py.test"):
            return Command("", "pytest", python, args, path=(".",))
        if module == "unittest":
            return Command("", "unittest", python, args, path=(".",))
        return Command("", "module", python, args, script=module, path=(".",))
    if words and words[0].endswith(".py"):
        folder = str(PurePosixPath(words[0]).parent)
        return Command("", "script", python, tuple(words[1:]), script=words[0], path=(folder,))
    return None
