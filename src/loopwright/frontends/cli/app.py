"""The `loopwright` command: each subcommand is imported only when it is called."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from types import FrameType

import click

from loopwright import __version__
from loopwright.core.errors import LoopwrightError, SandboxError, StoreError, UsageError
from loopwright.frontends.show.visible import visible

#: Command -> module of this package that defines it, in the order of `--help`.
COMMANDS = {
    "fix": "run",
    "exec": "run",
    "resume": "run",
    "fork": "sessions",
    "sessions": "sessions",
    "undo": "sessions",
    "diff": "sessions",
    "apply": "sessions",
    "log": "log",
    "audit": "log",
    "sandbox": "sandbox",
    "rules": "rules",
    "check": "check",
    "init": "init",
    "scaffold": "scaffold",
    "config": "config",
    "doctor": "doctor",
    "models": "doctor",
    "lessons": "lessons",
    "completion": "completion",
}
_NAMES = {"exec": "execute"}
#: Commands that are over at once. They make no temporary file (a directory for them takes 8 ms CPU with its imports),
#: and are not searched for garbage (4 ms).
_BRIEF = frozenset({"rules", "completion"})


class LazyGroup(click.Group):
    """A group whose commands are named in COMMANDS and imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        found = getattr(import_module(f"loopwright.frontends.cli.{module}"), _NAMES.get(cmd_name, cmd_name))
        return found if isinstance(found, click.Command) else None


@click.command(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(__version__, "-V", "--version", prog_name="loopwright", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """A coding agent loop whose "done" is proven: sandboxed, held to AGENTS.md, recorded in a log that shows tampering.

    Start with:  loopwright fix . --test 'python -m pytest -q'
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
    elif ctx.invoked_subcommand not in _BRIEF:
        from loopwright.runtime.temporary import own_temporary

        gc.enable()
        ctx.with_resource(own_temporary())


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; every error is one line on standard error."""
    _accept_any_text()
    try:
        status = cli.main(
            args=None if arguments is None else list(arguments), prog_name="loopwright", standalone_mode=False
        )
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (Exception, KeyboardInterrupt) as error:
        return _failed(_innermost(error))
    return status if isinstance(status, int) else 0


def end_as_interrupted() -> None:
    """From now on SIGTERM and a closed terminal end a command as Ctrl-C does: what it has opened is closed."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # under nohup a closed terminal ends nothing
            signal.signal(number, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    handler = signal.getsignal(signal.SIGINT)
    if not callable(handler):  # a shell's background job ignores Ctrl-C
        raise KeyboardInterrupt
    handler(signal.SIGINT, frame)


def _accept_any_text() -> None:
    """A locale that lacks a character shows it as a code instead of ending the run."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _innermost(error: BaseException) -> BaseException:
    """Concurrent tasks wrap what went wrong in groups: a person needs the first thing that did."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _failed(error: BaseException) -> int:
    match error:
        case click.Abort() | KeyboardInterrupt():
            return _say("interrupted", 130)
        case BrokenPipeError():  # whoever reads has seen enough, as `head` has
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter complains at its end
            return 128 + signal.SIGPIPE
        case click.exceptions.NoArgsIsHelpError():
            click.echo(error.format_message(), err=True)
            return 2
        case click.ClickException():
            return _say(error.format_message(), 2)
        case UsageError():
            return _say(str(error), 2)
        case SandboxError() | StoreError():  # what cannot be confined or recorded does not happen
            return _say(str(error), 5)
        case LoopwrightError():
            return _say(str(error), 1)
        case OSError():
            where = f"{error.filename}: " if error.filename else ""
            return _say(f"{where}{error.strerror or error}", 1)
        case _:
            raise error


def _say(message: str, status: int) -> int:
    click.echo(f"loopwright: {visible(' '.join(message.split()))}", err=True)
    return status
