"""The gate: files and changes judged by the five safety checks, as findings and verdicts."""

from __future__ import annotations

import gc
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio.to_thread

from loopwright.core.checks import Change, FileChange, Finding, Verdict
from loopwright.core.errors import StoreError, ToolFailure
from loopwright.core.ports import CheckContext
from loopwright.guard.checks.rules.manifest import is_manifest
from loopwright.guard.checks.safety import source
from loopwright.guard.checks.safety.finding import NAMES, Found, Name, SafetyConfig
from loopwright.guard.checks.safety.manifest import judge_manifest
from loopwright.guard.checks.safety.project import project_around, read_project
from loopwright.guard.checks.safety.rules import configured
from loopwright.guard.checks.safety.text import judge_text, judge_unread

_SUFFIXES = {
    ".py": "python", ".pyi": "python", ".pyw": "python", ".sh": "shell", ".bash": "shell", ".zsh": "shell",
    ".ksh": "shell", ".js": "javascript", ".jsx": "javascript", ".mjs": "javascript",
    ".cjs": "javascript", ".ts": "typescript", ".tsx": "typescript", ".mts": "typescript", ".cts": "typescript",
}  # fmt: skip
#: Characters of the longest text that is followed; a longer one is only searched.
LARGEST = 1 << 20
_MOST_CALLS, _MOST_COMMANDS = 60_000, 25_000
_LARGE = 50_000
#: What to do instead, where the reason itself does not say it.
_INSTEAD: dict[Name, str] = {
    "syntax": "write what it does plainly, with code of the project",
    "imports": "install it as a dependency by name and version",
    "resources": "give it a limit, or do less at a time",
    "time": "give it a condition, a `break` or a deadline",
    "privilege": "do without, or ask a person to do it",
}
#: Characters of a line that a finding shows.
_SHOWN = 90


def language_of(path: str, text: str = "") -> str:
    """Return the language of a file by its name, else by its first line; "" where it is none of ours."""
    suffix = re.search(r"\.\w+$", path)
    known = _SUFFIXES.get(suffix[0].lower(), "") if suffix else ""
    if known or (suffix and not text.startswith("#!")):
        return known
    first = text[:100].split("\n", 1)[0]
    if first.startswith("#!"):
        found = re.search(r"\b(?:(python)[\d.]*|((?:ba|z|da|k|a)?sh)|(node|deno|bun))\b", first)
        return ("python" if found[1] else "shell" if found[2] else "javascript") if found else ""
    return ""


def judge_source(
    path: str, text: str, language: str | None = None, config: SafetyConfig = SafetyConfig()
) -> tuple[Finding, ...]:
    """Return what the five checks find in one source text, by line. Never raises; linear in the length of the text."""
    language = language or language_of(path, text)
    if not language:
        return ()
    with _uncollected(len(text) > _LARGE):
        excess = _excess(text, language)
        found = _searched(text, language, excess) if excess else source.judge(text, language, config)
    lines = text.split("\n")
    return tuple(_finding(path, each, config, lines) for each in sorted(found, key=lambda f: (f.line, f.name)))


def _excess(text: str, language: str) -> str:
    """Return what a text has more of than can be followed in about a second, "" where it has not."""
    if len(text) > LARGEST:
        return f"{len(text):,} characters, of which up to {LARGEST:,}"
    if language == "shell":
        commands = text.count("\n") + text.count(";") + text.count("|")
        return f"{commands:,} commands, of which up to {_MOST_COMMANDS:,}" if commands > _MOST_COMMANDS else ""
    calls = text.count("(")
    return f"{calls:,} calls, of which up to {_MOST_CALLS:,}" if calls > _MOST_CALLS else ""


def _searched(text: str, language: str, excess: str) -> list[Found]:
    """What is plain to see in a text that is too long to be followed; the cut is said."""
    why = f"the text has {excess} are followed; it is searched for what is plain to see only: read it, or split it"
    return [Found("resources", "ask", 1, why), *judge_unread(text), *judge_text(text, language[-6:] == "script")]


@contextmanager
def _uncollected(large: bool) -> Iterator[None]:
    """Pause the collector of cycles, which would look at each node of a large tree again and again."""
    pause = large and gc.isenabled()
    if pause:
        gc.disable()
    try:
        yield
    finally:
        if pause:
            gc.enable()


def _finding(path: str, found: Found, config: SafetyConfig, lines: list[str]) -> Finding:
    level = config.capped(found.name, found.level)
    advised = ";" in found.reason or "fine" in found.reason
    reason = f"{found.reason}{'' if advised else '; ' + _INSTEAD[found.name]}{_piece(found, lines)}"
    return Finding(f"safety.{found.name}", found.name, reason, level, path, found.line)


def _piece(found: Found, lines: list[str]) -> str:
    """The line itself, where the text has others and the reason does not show it."""
    code = " ".join(_line(lines, found.line).split())
    if len([x for x in lines if x.strip()]) < 2 or not code or code[:30] in found.reason or not code.isprintable():
        return ""
    return f" — `{code if len(code) <= _SHOWN else code[: _SHOWN - 1] + '…'}`"


def judge_files(paths: Iterable[str | Path], config: SafetyConfig = SafetyConfig()) -> tuple[Finding, ...]:
    """Return the findings of lone files. Raises OSError where one cannot be read."""
    found: list[Finding] = []
    around: dict[Path, SafetyConfig] = {}
    for each in paths:
        path = Path(each)
        if path.parent not in around:
            around[path.parent] = project_around(path).configure(config)
        text = path.read_bytes().decode("utf-8", "replace")
        found.extend(judge_source(str(each), text, language_of(str(each), text) or None, around[path.parent]))
    return tuple(found)


def judges(path: str | Path) -> bool:
    """True for a file in a language that the safety checks read."""
    found = Path(path)
    if language_of(found.name):
        return True
    if found.suffix or not found.is_file():
        return False
    with found.open("rb") as file:
        return bool(language_of(found.name, file.read(100).decode("utf-8", "replace")))


def verdicts(findings: Iterable[Finding], judged: int) -> tuple[Verdict, ...]:
    """Return one verdict for each of the five checks; one that blocks is failed."""
    found = tuple(findings)
    made = []
    for name in NAMES:
        own = tuple(f for f in found if f.name == name)
        blocks = any(f.level == "block" for f in own)
        evidence = "; ".join(f"{f.file}:{f.line}: {f.reason}" for f in own[:5]) or f"files judged: {judged}"
        made.append(
            Verdict(
                check=f"safety.{name}",
                kind="safety",
                name=name,
                verdict="failed" if blocks else "passed",
                level="block" if blocks or not own else "warn",
                evidence=evidence,
                findings=own,
            )
        )
    return tuple(made)


class SafetyCheck:
    """Judges the added and changed files of a change. What the base already held does not block."""

    id = "safety"
    cost = 5

    def __init__(self, config: SafetyConfig = SafetyConfig()) -> None:
        self._config = config

    async def run(self, change: Change, ctx: CheckContext) -> tuple[Verdict, ...]:
        return await anyio.to_thread.run_sync(self._judge, change, ctx)

    def _judge(self, change: Change, ctx: CheckContext) -> tuple[Verdict, ...]:
        config = _in_project(configured(self._config, ctx.directives), change, ctx)
        found: list[Finding] = [f for file in change.files for f in _new_dependencies(file, ctx, config)]
        judged = 0
        for file in change.files:
            if file.after is None or file.link or file.before == file.after:
                continue
            new = _text(ctx, file.after)
            language = language_of(file.path, new)
            if not language:
                continue
            judged += 1
            old = _text(ctx, file.before)
            found.extend(
                fresh(
                    judge_source(file.path, old, language, config) if old else (),
                    judge_source(file.path, new, language, config),
                    old,
                    new,
                )
            )
        return verdicts(found, judged)


def _in_project(config: SafetyConfig, change: Change, ctx: CheckContext) -> SafetyConfig:
    """Return the configuration with the modules and dependencies of the changed tree known."""
    changed = {f.path: f.after for f in change.files}
    files = ctx.workspace.files if ctx.workspace is not None else None
    paths = {e.path for e in files.walk() if e.kind == "file"} if files is not None else set()
    paths = (paths | set(changed)) - {p for p, after in changed.items() if after is None}

    def read(path: str) -> str:
        if path in changed:
            return _text(ctx, changed[path])
        try:
            return files.read(path).decode("utf-8", "replace") if files is not None else ""
        except ToolFailure:
            return ""

    return read_project(sorted(paths), read).configure(config)


def _new_dependencies(file: FileChange, ctx: CheckContext, config: SafetyConfig) -> list[Finding]:
    """What a changed manifest newly asks for, and the commands that it newly runs when it is installed."""
    if not is_manifest(file.path) or file.after is None or file.link:
        return []
    old, new = _text(ctx, file.before), _text(ctx, file.after)
    found = judge_manifest(file.path, new, old, config)
    return [_finding(file.path, each, config, new.split("\n")) for each in found]


def fresh(before: Iterable[Finding], after: Iterable[Finding], old: str, new: str) -> list[Finding]:
    """Return the findings that the old text did not have; one is told by its reason and the text of its line."""
    old_lines, new_lines = old.split("\n"), new.split("\n")
    known = Counter((f.name, f.reason, _line(old_lines, f.line)) for f in before)
    found = []
    for each in after:
        key = (each.name, each.reason, _line(new_lines, each.line))
        if known[key]:
            known[key] -= 1
        else:
            found.append(each)
    return found


def _line(lines: list[str], number: int) -> str:
    return lines[number - 1].strip() if 0 < number <= len(lines) else ""


def _text(ctx: CheckContext, address: str | None) -> str:
    if address is None:
        return ""
    try:
        data = ctx.blobs.get(address)
    except StoreError:
        return ""
    return "" if b"\0" in data[:8192] else data.decode("utf-8", "replace")
