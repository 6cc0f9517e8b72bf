"""`scaffold`: the files that the rules of AGENTS.md ask for and the project lacks."""

from __future__ import annotations

import click

from loopwright.frontends.cli.options import Common, common
from loopwright.frontends.cli.output import print_json
from loopwright.frontends.show.visible import visible
from loopwright.runtime.host import Host


@click.command()
@click.option("--dry-run", is_flag=True, help="Show what would be written, write nothing.")
@click.option("--start", default="", metavar="COMMAND", help="What starts the program, where the sources do not say.")
@click.option("--port", type=click.IntRange(1, 65535), metavar="N", help="The port that it serves.")
@common
def scaffold(dry_run: bool, start: str, port: int | None, common: Common) -> int:
    """Write what the rules of AGENTS.md ask for and the project lacks; never overwrite, ask no model.

    Container image, compose file, CI workflow, test configuration with its coverage threshold, metrics, rolling and
    blue-green manifests, example of the environment: for Python and Node projects.
    """
    from loopwright.runtime.scaffolding import scaffold as write

    host = Host.here(common.overrides)
    made = write(common.directory, host, start=start, port=port or 0, dry_run=dry_run)
    if common.json:
        print_json(made.record())
        return 0
    for line in made.lines(common.quiet):
        click.echo(visible(line))
    if not made.plan.files:
        click.echo("nothing to write")
    elif dry_run and not common.quiet:
        click.echo("nothing was written: leave out --dry-run to write it, or see the texts with --json")
    return 0
