"""`init`: an AGENTS.md whose every command has been run."""

from __future__ import annotations

import anyio
import click

from loopwright.frontends.cli.options import Common, common
from loopwright.frontends.cli.output import print_json
from loopwright.runtime.host import Host


@click.command()
@click.option("--print", "only_print", is_flag=True, help="Print the text, write no file.")
@common
def init(only_print: bool, common: Common) -> int:
    """Read the repository, run its commands in the sandbox, and write an AGENTS.md of those that pass."""
    from loopwright.runtime.initial import write_agents_file

    made = anyio.run(write_agents_file, Host.here(common.overrides), common.directory, only_print)
    if common.json:
        print_json({"path": made.path, "written": made.written, "commands": made.commands, "text": made.text})
    elif only_print:
        click.echo(made.text, nl=False)
    else:
        click.echo(f"wrote {made.path}: {sum(made.commands.values())} of {len(made.commands)} commands pass")
    return 0
