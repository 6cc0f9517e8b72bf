"""Writes an AGENTS.md for a repository that has none: only commands that were run and passed are put in."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from loopwright.core.errors import UsageError
from loopwright.core.running import DEFAULT_LIMITS, Limits, Ran, run
from loopwright.guard.directives import compile_text
from loopwright.knowledge.analyser import Analyser
from loopwright.runtime.host import Host
from loopwright.runtime.scaffolding import git, read_tree
from loopwright.runtime.settings import make_settings
from loopwright.runtime.wire import open_view
from loopwright.scaffold import read_project
from loopwright.scaffold.history import LOG_FORMAT, Commit, Style, parse_log, read_style
from loopwright.scaffold.instructions import gate, write_instructions
from loopwright.scaffold.project import Command
from loopwright.store.sql import Store

NAME = "AGENTS.md"
#: Commits that are read for their style.
_COMMITS = 200
#: Seconds that a command has to show that it passes: a suite that needs more is no gate for every commit.
_PATIENCE = 600.0


@dataclass(frozen=True, slots=True)
class Tried:
    """A command, what it is for, and why it was left out; "" = it was run and passed."""

    command: Command
    why: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """The file, whether it was written, each command that was tried, and the style that commits have."""

    path: str
    text: str
    written: bool
    tried: tuple[Tried, ...]
    style: Style

    def record(self) -> dict[str, Any]:
        """Return it as `init --json` prints it."""
        return {
            "path": self.path,
            "written": self.written,
            "commands": {t.command.line: not t.why for t in self.tried},
            "red": [{"command": t.command.line, "why": t.why} for t in self.tried if t.why],
            "style": msgspec.to_builtins(self.style),
            "text": self.text,
        }


async def write_agents_file(
    host: Host, directory: Path, only_print: bool, tell: Callable[[str], None] = lambda line: None
) -> Made:
    """Return the AGENTS.md made for the directory; `tell` hears what is being tried, since that may take minutes.

    Raises UsageError where there is one already, SandboxError.
    """
    root = directory.resolve()
    path = root / NAME
    if path.exists() and not only_print:
        raise UsageError(f"{path} exists already: `init --print` shows what would be written, `init --update` proposes")
    tree = read_tree(root)
    project = read_project(tree, root.name)
    tried = await try_commands(host, root, project.commands, tell)
    style = read_style(read_commits(root, f"-{_COMMITS}"))
    text = write_instructions(tree, project, style, [t.command for t in tried if not t.why], root.name)
    if not only_print:
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror}") from None
    return Made(str(path), text, not only_print, tried, style)


async def try_commands(
    host: Host, root: Path, commands: Sequence[Command], tell: Callable[[str], None] = lambda line: None
) -> tuple[Tried, ...]:
    """Run each command in the sandbox on the tree as it is, and return how it went. Raises SandboxError."""
    found: list[Tried] = []
    limits = host.config.limits
    if limits.timeout == DEFAULT_LIMITS.timeout:  # nobody has said how long
        limits = msgspec.structs.replace(limits, timeout=_PATIENCE)
    with tempfile.TemporaryDirectory(prefix="loopwright-") as scratch:
        store = Store.open(scratch, environ=host.env)
        log = store.create("init")
        view = await open_view(root, make_settings(host.config), host.hub, log.blobs, host.env)
        try:
            clean = await view.checkpoint()
            for command in dict.fromkeys(commands):
                if not _is_gate(command):
                    found.append(Tried(command, "`loopwright rules` would not take it for a gate"))
                    continue
                tell(f"trying: {command.line} ({limits.timeout:g} seconds at most, `-c limits.timeout=…` sets it)")
                ran = await run(view.executor, ["sh", "-c", command.line], limits)
                found.append(Tried(command, "" if ran.ok else _why(ran, limits, root)))
                await view.restore(clean)
        finally:
            await view.aclose()
            store.close()
    return tuple(found)


def _is_gate(command: Command) -> bool:
    """True where the line that would be written compiles to exactly this command."""
    rules = compile_text(f"## Commands\n\n{gate(command)}\n", file=NAME)
    return any(r.kind == "command" and r.params.get("commands") == [command.line] for r in rules)


def _why(ran: Ran, limits: Limits, root: Path) -> str:
    """How a command failed: at a limit with the last line it printed, else with what its output means."""
    lines = [line.strip() for line in ran.text().splitlines() if line.strip()]
    if ran.exit.reason:
        if ran.exit.reason != "timeout":
            return ran.exit.said
        said = f": {lines[-1][:160]}" if lines else ""
        return f"not done in {limits.timeout:g} seconds{said}"
    found = Analyser().diagnose(ran)
    if found is None or not lines:
        return f"exit {ran.exit.status}"
    where = f" at {found.file.removeprefix(f'{root}/')}:{found.line}" if found.file else ""
    return f"exit {ran.exit.status}: {found.message[:160].rstrip(':')}{where}"


def read_commits(root: Path, *selection: str) -> tuple[Commit, ...]:
    """Return the selected commits of the repository, the latest first; none where there is no history."""
    try:
        return parse_log(git(root, "log", "--no-merges", "--name-only", f"--format={LOG_FORMAT}", *selection, "--"))
    except UsageError:
        return ()
