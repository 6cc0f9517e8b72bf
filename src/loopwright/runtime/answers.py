"""Asks the person at the terminal for what rules leave open, and keeps the answers in the project."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import tomlkit

from loopwright.core.errors import UsageError
from loopwright.core.rules import Directive
from loopwright.guard.directives.questions import PATH, TABLE, makes_rule, missing, read_answers

#: Asks one question and returns the answer, "" for none.
Ask = Callable[[str], str]

_HEAD = "What the rules of AGENTS.md leave open. An empty answer leaves it so and is not asked for again."


def ask_what_is_open(root: Path, rules: Sequence[Directive], ask: Ask, say: Callable[[str], None]) -> bool:
    """Ask each open question once and keep the answers. Returns True where anything was kept. Raises UsageError."""
    path = root / PATH
    given: dict[str, str] = {}
    for question, rule in missing(rules, read_answers(_read(path))):
        answer = ask(f"{rule.source} says: {' '.join(rule.text.split())[:100]}\n{question.asks}").strip()
        if answer and makes_rule(question, answer) is None:
            say(f"{answer[:40]!r} is no answer to that; it is left open until the next time")
            continue
        given[question.name] = answer
    if given:
        _keep(path, given)
    return bool(given)


def somebody_is_there() -> bool:
    """True where a person can read a question and type an answer."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None


def _keep(path: Path, given: dict[str, str]) -> None:
    """Add the answers to the file, what stands there kept with its comments."""
    there = _read(path)
    try:
        document = tomlkit.parse(there.decode("utf-8")) if there else tomlkit.document()
    except (ValueError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}") from None
    if not there:
        document.add(tomlkit.comment(_HEAD))
    table = document.setdefault(TABLE, tomlkit.table())
    if not isinstance(table, dict):
        raise UsageError(f"{path}: {TABLE} is no table")
    for name, answer in given.items():
        table[name] = answer
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(tomlkit.dumps(document), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
