"""`fix`, `exec` and `resume`: one request, driven to its outcome."""

from __future__ import annotations

import json
import shlex
import shutil
import signal
from pathlib import Path
from typing import Any

import anyio
import click
from anyio.abc import TaskStatus

from loopwright.core.budget import Budget
from loopwright.core.checks import EXIT_STATUS, Outcome
from loopwright.core.commands import Approve, Command, Prompt
from loopwright.core.errors import UsageError
from loopwright.frontends.cli.options import Common, common, running
from loopwright.frontends.cli.request import read_request
from loopwright.frontends.show.observe import Show, show
from loopwright.runtime.asking import ask_at_terminal
from loopwright.runtime.session import Session
from loopwright.runtime.standing import standing_promotions

_NO = frozenset({"n", "no", "nein", "deny", "refuse"})
_FIX = "Make the failing check pass without touching the tests: {tests}"


@click.command()
@click.argument("directory", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--test", "tests", multiple=True, required=True, metavar="CMD", help="What must pass.")
@click.option("--dry-run", is_flag=True, help="Find and prove a patch and show it, but leave your files alone.")
@running
@common
def fix(directory: Path | None, tests: tuple[str, ...], dry_run: bool, common: Common, **chosen: Any) -> int:
    """Make a failing test command pass without touching the tests; your files change only when it is proven.

    Works without a model and without a key: an embedded engine searches for the repair.
    """
    root = directory.absolute() if directory else common.directory
    for test in tests:
        _check_command(test, root)
    prompt = _FIX.format(tests=", ".join(f"`{test}`" for test in tests))
    return _start(root, prompt, common, chosen, tests=tests, fix=True, dry_run=dry_run)


@click.command(name="exec")
@click.argument("prompt", required=False)
@click.option("--test", "tests", multiple=True, metavar="CMD", help="What must pass; may be given several times.")
@click.option("--attempts", type=click.IntRange(min=1), default=1, metavar="N", help="Fresh attempts until proven.")
@click.option("--assume", is_flag=True, help="Go on with stated assumptions where a question is open.")
@running
@common
def execute(
    prompt: str | None, tests: tuple[str, ...], attempts: int, assume: bool, common: Common, **chosen: Any
) -> int:
    """Carry out one request without a person: PROMPT, or - for standard input."""
    for test in tests:
        _check_words(test)
    text = read_request(prompt)
    if assume:
        chosen["approval"] = chosen.get("approval") or "never"
        text += "\n\nWhere something is open, choose the most usual reading, say which, and go on without asking."
    status = 1
    for _ in range(attempts):
        status = _start(common.directory, text, common, dict(chosen), tests=tests)
        if status != EXIT_STATUS["unsolved"]:
            break
    return status


@click.command()
@click.argument("session", required=False)
@click.argument("prompt", required=False)
@click.option("--last", is_flag=True, help="The latest session of this directory.")
@running
@common
def resume(session: str | None, prompt: str | None, last: bool, common: Common, **chosen: Any) -> int:
    """Go on with a session: after an interrupt, a crash, a spent budget, or with a new PROMPT or answer."""
    from loopwright.runtime.host import Host

    if last and session and prompt is None:
        session, prompt = None, session
    host = Host.here(common.overrides)
    found = host.find(session, common.directory if last or not session else None)
    settings = _chosen(chosen)

    async def drive(view: Show) -> Outcome:
        async with host.resume(found, observer=view, person=ask_at_terminal, **settings) as opened:
            if not prompt and not opened.journal.state.prompt_seq:
                raise UsageError(f"session {found} has no request yet: loopwright resume {found} 'REQUEST'")
            if not prompt and standing_promotions(host.events(found), opened.journal.state.prompt_seq):
                view.stands()
            command: Command | None = Prompt(prompt) if prompt else None
            if prompt and opened.awaited:
                granted = prompt.strip().lower() not in _NO
                command = Approve(opened.awaited, granted, prompt)
            return await _drive(opened, view, command)

    return _finish(common, chosen, drive)


def _start(
    root: Path,
    prompt: str,
    common: Common,
    chosen: dict[str, Any],
    *,
    tests: tuple[str, ...] = (),
    fix: bool = False,
    dry_run: bool = False,
) -> int:
    from loopwright.runtime.host import Host

    host = Host.here(common.overrides)
    ephemeral = bool(chosen.get("ephemeral"))
    live = bool(chosen.get("live"))
    if live and dry_run:
        raise UsageError("--live and --dry-run contradict each other: give only one of them")
    settings = _chosen(chosen)

    async def drive(view: Show) -> Outcome:
        opened = host.start(
            root,
            observer=view,
            tests=tests,
            fix=fix,
            live=live,
            dry_run=dry_run,
            ephemeral=ephemeral,
            person=ask_at_terminal,
            **settings,
        )
        async with opened as session:
            return await _drive(session, view, Prompt(prompt))

    return _finish(common, chosen, drive)


async def _drive(session: Session, view: Show, command: Command | None) -> Outcome:
    async with anyio.create_task_group() as group:
        await group.start(_stop_on_signal, session)
        if command is not None:
            await session.submit(command)
        view.session = session.id
        proof = view.proof = await session.run()
        group.cancel_scope.cancel()
    return proof.outcome


async def _stop_on_signal(session: Session, *, task_status: TaskStatus[None]) -> None:
    heeded = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        heeded.remove(signal.SIGHUP)  # started with nohup: a closed terminal ends nothing
    with anyio.open_signal_receiver(*heeded) as signals:
        task_status.started()
        asked = False
        async for number in signals:
            if asked and number == signal.SIGINT:  # a closed terminal is told by the kernel and by the shell
                raise KeyboardInterrupt
            asked = True
            session.interrupt()


def _finish(common: Common, chosen: dict[str, Any], drive: Any) -> int:
    with show(common.json, common.quiet) as view:
        outcome: Outcome = anyio.run(drive, view)
    view.summary()
    if chosen.get("last_message"):
        chosen["last_message"].write_text(view.last_message + "\n", encoding="utf-8")
    return EXIT_STATUS[outcome]


def _chosen(chosen: dict[str, Any]) -> dict[str, Any]:
    if chosen.get("yolo"):
        click.echo("loopwright: --yolo means -s danger-full-access -a never: no sandbox, nothing is asked", err=True)
        chosen["sandbox"], chosen["approval"] = "danger-full-access", "never"
    elif chosen.get("full_auto"):
        click.echo("loopwright: --full-auto means -s workspace-write -a never: sandboxed, nothing is asked", err=True)
        chosen["sandbox"], chosen["approval"] = "workspace-write", "never"
    schema = chosen.get("output_schema")
    return {
        "engine": chosen.get("engine"),
        "model": chosen.get("model"),
        "sandbox": chosen.get("sandbox"),
        "backend": chosen.get("backend"),
        "approval": chosen.get("approval"),
        "network": chosen.get("network"),
        "writable": chosen.get("add_dir") or None,
        "schema": _schema(Path(schema)) if schema else None,
        "budget": _budget(chosen),
    }


def _budget(chosen: dict[str, Any]) -> dict[str, Any] | None:
    names = {"turns": "max_turns", "seconds": "budget_seconds", "usd": "budget_usd", "tokens": "budget_tokens"}
    given = {field: chosen[name] for field, name in names.items() if chosen.get(name) is not None}
    return {key: value for key, value in given.items() if key in Budget.__struct_fields__} or None


def _schema(path: Path) -> str:
    try:
        schema = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} is not a JSON schema: {error}") from None
    if not isinstance(schema, dict):
        raise UsageError(f'{path} is not a JSON schema: it must be an object, for example {{"type": "object"}}')
    return json.dumps(schema)


def _check_command(command: str, root: Path) -> None:
    """Raise UsageError where the command's program plainly is not there: nothing could ever be proven with it."""
    words = _check_words(command)
    program = words[0]
    plain = not any(mark in command for mark in ";&|$`(){}<>=") and "=" not in program
    if plain and shutil.which(program, path=None) is None and not (root / program).exists():
        builtin = {"cd", "test", "[", "true", "false", ".", "source", "exit", "if", "for", "while", "!", "set"}
        if program not in builtin:
            raise UsageError(f"the test command {program!r} was not found: install it or correct --test")


def _check_words(command: str) -> list[str]:
    """Return the words of a test command. Raises UsageError where there are none or they cannot be told apart."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UsageError(f"--test {command!r} cannot be read as a command: {error}") from None
    if not words:
        raise UsageError("--test needs a command, for example --test 'python -m pytest -q'")
    return words
