"""Dockerfiles as hadolint reads them: copies alone, without a configuration, and with no pragma obeyed."""

from __future__ import annotations

import subprocess

import msgspec

from loopwright.core.expression import expression
from loopwright.guard.checks.rules.tools import ToolMissing, program

_SECONDS = 60.0
_DOCKERFILE = expression(r"(?:^|/)(?:[\w-]+\.)?(?:Dockerfile|Containerfile)(?:\.[\w.-]+)?$|\.dockerfile$")


class Hint(msgspec.Struct, frozen=True):
    """One thing hadolint says of a Dockerfile; a level of error, warning, info or style."""

    line: int
    code: str
    message: str
    level: str


def is_dockerfile(path: str) -> bool:
    """Return whether a path is that of a Dockerfile, by any of the names that builders take."""
    return bool(_DOCKERFILE.search(path))


def hints(text: str) -> tuple[Hint, ...]:
    """Return what hadolint says of a Dockerfile, in the order of its lines. Raises ToolMissing."""
    argv = [program("hadolint"), "--format", "json", "--no-fail", "--disable-ignore-pragma", "-"]
    bare = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8"}  # no configuration of a person
    try:
        ran = subprocess.run(
            argv, input=text.encode(), capture_output=True, cwd="/", env=bare, timeout=_SECONDS, check=False
        )
        return tuple(sorted(msgspec.json.decode(ran.stdout, type=list[Hint]), key=lambda hint: hint.line))
    except subprocess.TimeoutExpired:
        raise ToolMissing(f"hadolint gave no result in {_SECONDS:.0f} s") from None
    except msgspec.DecodeError:
        raise ToolMissing(f"hadolint gave no result: {ran.stderr.decode('utf-8', 'replace').strip()[:160]}") from None
