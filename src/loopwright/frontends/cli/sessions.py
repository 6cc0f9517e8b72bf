"""`sessions`, `fork`, `undo`, `diff` and `apply`: what was done before, and taking it back."""

from __future__ import annotations

import sys

import anyio
import click
import msgspec

from loopwright.frontends.cli.options import Common, common
from loopwright.frontends.cli.output import print_json, print_records, print_table
from loopwright.frontends.show.visible import visible
from loopwright.runtime import held
from loopwright.runtime.diff import unified
from loopwright.runtime.host import Host


@click.command()
@click.option("--all", "every", is_flag=True, help="Those of every directory, not only of this one.")
@common
def sessions(every: bool, common: Common) -> int:
    """List the sessions of this directory, the latest first."""
    found = Host.here(common.overrides).sessions(None if every else common.directory)
    if common.json:
        print_records(msgspec.to_builtins(s) for s in found)
        return 0
    rows = [(s.id, s.outcome or "open", s.events, f"{s.updated:%Y-%m-%d %H:%M}", _short(s.prompt)) for s in found]
    print_table("sessions", ("id", "outcome", "events", "updated (UTC)", "request"), rows)
    return 0


def _short(prompt: str) -> str:
    """The first line of a request, cut to what a list can hold."""
    first = visible(next((line.strip() for line in prompt.splitlines() if line.strip()), ""))
    return first if len(first) <= 120 else f"{first[:119]}…"


@click.command()
@click.argument("session")
@click.option("--at", type=click.IntRange(min=1), metavar="SEQ", help="The event to branch after; default: the last.")
@common
def fork(session: str, at: int | None, common: Common) -> int:
    """Branch a session: a new one that begins with the history of SESSION. Go on with `resume`."""
    host = Host.here(common.overrides)
    made = anyio.run(host.fork, host.find(session), at)
    print_json({"session": made}) if common.json else click.echo(made)
    return 0


@click.command()
@click.argument("session", required=False)
@click.option("--last", is_flag=True, help="The latest session of this directory (the default).")
@click.option("--to", type=click.IntRange(min=0), metavar="SEQ", help="Back to how things stood after this event.")
@common
def undo(session: str | None, last: bool, to: int | None, common: Common) -> int:
    """Restore your files and the conversation as they were before the latest request of a session."""
    host = Host.here(common.overrides)
    found = host.find(session) if session else host.find_standing(common.directory)
    restored = anyio.run(held.undo, host, found, to)
    if common.json:
        print_json({"session": found, "restored": list(restored.applied), "tree": restored.ref.tree})
    elif not common.quiet:
        click.echo(visible(f"restored {len(restored.applied)} file(s): {', '.join(restored.applied[:10])}"))
    return 0


@click.command()
@click.argument("session", required=False)
@common
def diff(session: str | None, common: Common) -> int:
    """Show what a session changes, as a unified diff."""
    host = Host.here(common.overrides)
    change, contents = anyio.run(held.change, host, host.find(session, None if session else common.directory))
    text = unified(change, contents)
    if common.json:
        print_json({"base": change.base, "tree": change.tree, "files": list(change.paths), "diff": text})
    elif sys.stdout.isatty():
        click.echo(visible(text), nl=False)
    else:
        click.echo(text.encode("utf-8", "surrogateescape"), nl=False)
    return 0


@click.command()
@click.argument("session")
@common
def apply(session: str, common: Common) -> int:
    """Promote by hand what a session made, proven or not. It can be undone."""
    host = Host.here(common.overrides)
    found = host.find(session)
    landed = anyio.run(held.apply, host, found)
    if common.json:
        print_json({"session": found, "applied": list(landed.applied), "tree": landed.ref.tree})
    elif not common.quiet and not landed.applied:
        click.echo("nothing to apply: your files hold all of it")
    elif not common.quiet:
        click.echo(f"applied {len(landed.applied)} file(s); undo: loopwright undo {found}")
    return 0
