"""`rules`: what AGENTS.md asks for, and how it is enforced."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from loopwright.frontends.cli.options import Common, common
from loopwright.frontends.cli.output import print_records
from loopwright.frontends.show.visible import visible

if TYPE_CHECKING:
    from loopwright.core.events import DirectivesLoaded
    from loopwright.core.rules import InstructionFile

_COLOUR = {"enforced": "green", "partly": "yellow", "advised": None, "not_understood": "red"}


@click.command()
@click.argument("path", required=False, type=click.Path(exists=True, path_type=Path))
@common
def rules(path: Path | None, common: Common) -> int:
    """Show each rule of AGENTS.md: how it is enforced, or why not. PATH: another directory, or one file."""
    from loopwright.runtime.rules import read_file, record, unread

    said: tuple[str, ...] = ()
    if path is not None and path.is_file():
        lone, directives = read_file(path)
        files: tuple[InstructionFile, ...] = (lone,)
    else:
        found = _of_directory(path or common.directory, common)
        if not (common.json or common.quiet) and _ask(path or common.directory, found):
            found = _of_directory(path or common.directory, common)
        files, directives = found.files, found.directives
        said = unread(path or common.directory, found)
    if common.json:
        print_records(record(rule) for rule in directives)
        return 0
    for line in said or (() if files else ("no instruction file holds here: `loopwright init` writes one",)):
        if not common.quiet:
            click.echo(visible(line), err=True)
    for file in files:
        click.echo(visible(f"{file.path}: {file.bytes} bytes, {file.shown} shown to the engine{_note(file.note)}"))
    for rule in directives:
        status = click.style(f"{rule.status:14}", fg=_COLOUR[rule.status])
        text = " ".join(rule.text.split())[:100]
        click.echo(f"{status} {visible(f'{rule.source:18} {text}')}")
        if rule.why and not common.quiet:
            click.echo(visible(f"{'':33} {rule.kind}: {rule.why}"))
    return 0


def _of_directory(directory: Path, common: Common) -> DirectivesLoaded:
    from loopwright.runtime.host import Host
    from loopwright.runtime.rules import read_rules

    host = Host.here(common.overrides)
    return read_rules(directory, host.config, host.home)


def _ask(directory: Path, found: DirectivesLoaded) -> bool:
    """Ask what the rules leave open, where a person is there. True where something was answered."""
    from loopwright.runtime.answers import ask_what_is_open, somebody_is_there

    def ask(question: str) -> str:
        return str(click.prompt(visible(question), default="", show_default=False, prompt_suffix=" "))

    return somebody_is_there() and ask_what_is_open(directory.resolve(), found.directives, ask, click.echo)


def _note(note: str) -> str:
    return f" ({note})" if note else ""
