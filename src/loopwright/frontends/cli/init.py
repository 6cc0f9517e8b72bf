"""`init`: an AGENTS.md whose every command has been run, rules learned since, and the hook that holds them."""

from __future__ import annotations

import anyio
import click

from loopwright.core.errors import UsageError
from loopwright.frontends.cli.options import Common, common
from loopwright.frontends.cli.output import print_json
from loopwright.frontends.show.visible import visible
from loopwright.runtime.host import Host


@click.command()
@click.option("--print", "only_print", is_flag=True, help="Print the text, write no file.")
@click.option("--update", is_flag=True, help="Propose rules learned since AGENTS.md was last changed; write nothing.")
@click.option("--hook", is_flag=True, help="Write a pre-commit hook that runs `loopwright check --base HEAD`.")
@common
def init(only_print: bool, update: bool, hook: bool, common: Common) -> int:
    """Read the repository, run its commands in the sandbox, and write an AGENTS.md of those that pass.

    With --update, read the history and the sessions since, and propose rules with their evidence. With --hook, write
    the hook only.
    """
    if update + hook + only_print > 1:
        raise UsageError("--print, --update and --hook exclude each other")
    if hook:
        return _hook(common)
    return _update(common) if update else _write(only_print, common)


def _write(only_print: bool, common: Common) -> int:
    from loopwright.runtime.initial import write_agents_file

    def tell(line: str) -> None:
        if not common.quiet:
            click.echo(visible(line), err=True)

    made = anyio.run(write_agents_file, Host.here(common.overrides), common.directory, only_print, tell)
    if common.json:
        print_json(made.record())
        return 0
    if only_print:
        click.echo(made.text, nl=False)
    else:
        passed = sum(not t.why for t in made.tried)
        click.echo(f"wrote {visible(made.path)}: {passed} of {len(made.tried)} commands pass")
    if not common.quiet:
        for tried in made.tried:
            if tried.why:
                click.echo(f"red, left out: {visible(tried.command.line)} ({visible(tried.why)})", err=only_print)
    return 0


def _update(common: Common) -> int:
    from loopwright.runtime.learning import propose_rules

    learned = propose_rules(Host.here(common.overrides), common.directory)
    if common.json:
        print_json(learned.record())
        return 0
    for line in learned.lines():
        click.echo(visible(line))
    return 0


def _hook(common: Common) -> int:
    from loopwright.runtime.hooks import write_hook

    path = write_hook(common.directory)
    if common.json:
        print_json({"path": str(path), "written": True})
    elif not common.quiet:
        click.echo(f"wrote {visible(str(path))}: every commit is checked first")
    return 0
