"""Turns the output of a failed command into a diagnosis."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from loopwright.core.expression import expression
from loopwright.core.knowledge import Diagnosis, FailureKind
from loopwright.core.running import Ran, Reason
from loopwright.knowledge import (
    build_failures,
    compiler_failures,
    go_failures,
    java_failures,
    javascript_failures,
    lint_failures,
    native_failures,
    pytest_failures,
    python_failures,
    shell_failures,
)
from loopwright.knowledge.fingerprint import fingerprint, plain

#: Characters of very long output that are looked at: its beginning and its end.
HEAD, TAIL = 64 << 10, 192 << 10
LONGEST_MESSAGE = 500
#: Characters of one line that are looked at: what has longer ones is data, and searching it takes time.
LONGEST_LINE = 16 << 10

#: In this order: what is most particular first. Each returns None for a text that is not its own.
READERS: tuple[Callable[[str], Diagnosis | None], ...] = (
    pytest_failures.read_pytest,
    python_failures.read_unittest,
    compiler_failures.read_rust,
    compiler_failures.read_tsc,
    lint_failures.read_eslint,
    lint_failures.read_mypy_json,
    javascript_failures.read_javascript,
    java_failures.read_java,
    go_failures.read_go,
    native_failures.read_native,
    python_failures.read_traceback,
    lint_failures.read_ruff,
    compiler_failures.read_arrow,
    compiler_failures.read_placed,
    build_failures.read_installer,
    python_failures.read_startup,
    shell_failures.read_script,
    build_failures.read_make,
)
_LIMITS: dict[Reason, FailureKind] = {
    "timeout": "timeout",
    "cpu": "timeout",
    "memory": "resource",
    "pids": "resource",
    "disk": "resource",
    "inodes": "resource",
    "output": "resource",
    "anomaly": "resource",
    "sandbox": "environment",
}
_NOT_FOUND = expression(
    r"(?:^|: )(?P<name>[^\s:]+): (?:command )?not found$|^execvp (?P<other>\S+): No such file", re.MULTILINE
)
_NOT_ALLOWED = expression(r"(?<![^\s:])(?P<name>[^\s:]+): Permission denied$", re.MULTILINE)
_SHELL_SYNTAX = expression(r"^(?:\S*sh): (?:-c: )?(?:line )?\d+: (?P<message>[Ss]yntax error.*)$", re.MULTILINE)


class Analyser:
    """Implements the Analyser port. Pure: the same output always gives the same diagnosis."""

    def diagnose(self, ran: Ran, call: str = "") -> Diagnosis | None:
        """Return what is known of a failure, None where the command passed or a person stopped it."""
        if ran.ok or ran.exit.reason == "stopped":
            return None
        found = _by_limit(ran) or _by_output(ran)
        found = msgspec.structs.replace(found, call=call, message=found.message[:LONGEST_MESSAGE])
        return msgspec.structs.replace(found, fingerprint=fingerprint(found))


def _by_limit(ran: Ran) -> Diagnosis | None:
    kind = _LIMITS.get(ran.exit.reason)
    if kind is None:
        return None
    detail = f": {ran.exit.detail}" if ran.exit.detail else ""
    return Diagnosis(kind, f"ended by the {ran.exit.reason} limit{detail}", "", "sandbox")


def _by_output(ran: Ran) -> Diagnosis:
    text = plain((ran.merged or ran.out + ran.err).decode("utf-8", "replace"))
    if len(text) > HEAD + TAIL:
        text = text[:HEAD] + "\n" + text[-TAIL:]
    text = "\n".join(line[:LONGEST_LINE] for line in text.split("\n"))
    docker, inner = build_failures.read_docker(text)
    found = _by_words(inner or text, ran.exit.status) if inner or docker is None else None
    if found is None:
        found = docker
    elif docker is not None and not found.file:
        found = msgspec.structs.replace(found, file=docker.file, line=docker.line)
    if found is not None:
        return found
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return Diagnosis("unknown", lines[-1] if lines else f"exit status {ran.exit.status} and no output", "")


def _by_words(text: str, status: int) -> Diagnosis | None:
    """The first reader that knows the text for its own; then what a small program said last."""
    if found := _by_shell(text, status):
        return found
    for read in READERS:
        if found := read(text):
            return found
    return native_failures.read_signal(text, status) or shell_failures.read_last_words(text)


def _by_shell(text: str, status: int) -> Diagnosis | None:
    """A command that the shell could not start at all."""
    if status == 127 and (found := _NOT_FOUND.search(text)):
        return Diagnosis("environment", f"command not found: {found['name'] or found['other']}", "", "shell")
    if status == 126 and (found := _NOT_ALLOWED.search(text)):
        return Diagnosis("environment", f"not executable: {found['name']}", "", "shell")
    if status == 2 and (found := _SHELL_SYNTAX.search(text)):
        return Diagnosis("syntax", found["message"], "", "shell")
    return None
