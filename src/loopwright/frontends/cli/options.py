"""Options that several commands share."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

F = TypeVar("F", bound=Callable[..., Any])


_FILE = click.Path(dir_okay=False, path_type=Path)
ABOVE_0 = click.FloatRange(min=0, min_open=True)
AT_LEAST_1 = click.IntRange(min=1)


class Common(msgspec.Struct, frozen=True):
    """What every command takes."""

    directory: Path
    json: bool
    quiet: bool
    overrides: tuple[str, ...]


def finite(ctx: click.Context, option: click.Parameter, value: float | None) -> float | None:
    """Refuse `nan` and `inf`, which a range lets through."""
    if value is not None and not math.isfinite(value):
        raise click.BadParameter(f"{value} is not a number to count with; leave the option out for no limit")
    return value


def writable_file(ctx: click.Context, option: click.Parameter, value: Path | None) -> Path | None:
    """Refuse a file that cannot be written before the work that would be lost with it."""
    if value is not None and str(value) != "-":
        there = value if value.exists() else value.absolute().parent
        if not (there.exists() and os.access(there, os.W_OK)):
            raise click.BadParameter(f"{value} cannot be written")
    return value


def common(function: F) -> F:
    """Add -C/--cd, --json, -q and -c; the command is given one `common` argument."""

    def gather(*args: Any, cd: Path, json: bool, quiet: bool, override: tuple[str, ...], **rest: Any) -> Any:
        return function(*args, common=Common(cd.absolute(), json, quiet, override), **rest)

    gather.__name__ = function.__name__
    gather.__doc__ = function.__doc__
    wrapped: Any = gather
    wrapped.__click_params__ = getattr(function, "__click_params__", [])
    for option in (
        click.option("-c", "override", multiple=True, metavar="KEY=VALUE", help="Override a setting (TOML value)."),
        click.option("-q", "--quiet", is_flag=True, help="Say only what is needed."),
        click.option("--json", is_flag=True, help="Machine output on stdout, progress on stderr."),
        click.option(
            "-C",
            "--cd",
            type=click.Path(path_type=Path, file_okay=False, exists=True),
            default=".",
            help="Work in this directory.",
        ),
    ):
        wrapped = option(wrapped)
    return wrapped  # type: ignore[no-any-return]


_RUNNING = (
    click.option("--engine", metavar="NAME", help="auto, repair, llm or scripted:FILE."),
    click.option("-m", "--model", metavar="PROVIDER:NAME", help="The model, for example openai:gpt-5."),
    click.option("--budget-seconds", type=ABOVE_0, metavar="N", callback=finite, help="Seconds it may take."),
    click.option("--budget-usd", type=ABOVE_0, metavar="N", callback=finite, help="Dollars a model may cost."),
    click.option("--budget-tokens", type=AT_LEAST_1, metavar="N", help="Tokens that it may use."),
    click.option("--max-turns", type=AT_LEAST_1, metavar="N", help="Turns that the engine may take."),
    click.option(
        "-s",
        "--sandbox",
        type=click.Choice(["read-only", "workspace-write", "danger-full-access"]),
        help="What commands may write.",
    ),
    click.option("--backend", metavar="NAME", help="bubblewrap, or another installed sandbox."),
    click.option(
        "-a",
        "--approval",
        type=click.Choice(["on-request", "never", "always"]),
        help="When a person is asked.",
    ),
    click.option(
        "--network",
        metavar="none|ask|allow:HOST[,HOST]",
        help="What commands may reach: HOST, HOST:PORT, or .HOST for all below. Checks reach nothing.",
    ),
    click.option(
        "--add-dir",
        multiple=True,
        type=click.Path(exists=True, file_okay=False),
        metavar="DIR",
        help="A directory that commands may write, too.",
    ),
    click.option("--live", is_flag=True, help="Promote each turn's change as it happens; undoable."),
    click.option("--ephemeral", is_flag=True, help="Keep no session afterwards."),
    click.option(
        "-o",
        "last_message",
        type=_FILE,
        metavar="FILE",
        callback=writable_file,
        help="Write the engine's last message to FILE.",
    ),
    click.option(
        "--output-schema",
        type=click.Path(exists=True, dir_okay=False),
        metavar="FILE",
        help="JSON schema that the last message must keep to.",
    ),
    click.option("--full-auto", is_flag=True, help="Alias: -s workspace-write -a never."),
    click.option("--yolo", is_flag=True, help="Alias: -s danger-full-access -a never."),
)


def running(function: F) -> F:
    """Add the options of the commands that run the loop."""
    wrapped: Any = function
    for option in reversed(_RUNNING):
        wrapped = option(wrapped)
    return wrapped  # type: ignore[no-any-return]
