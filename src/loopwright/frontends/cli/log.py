"""`log` and `audit`: the record of a session, its proof, and the check that nobody changed it."""

from __future__ import annotations

from pathlib import Path

import anyio
import click
import msgspec
from rich.console import Console

from loopwright.core import events as e
from loopwright.core.errors import UsageError
from loopwright.frontends.cli.options import Common, common, writable_file
from loopwright.frontends.cli.output import print_json
from loopwright.frontends.show.jsonl import proof_line
from loopwright.frontends.show.plain import PlainView, proof_table
from loopwright.frontends.show.visible import visible
from loopwright.runtime.host import Host

#: Faults that `audit verify` prints one by one.
FAULTS_SHOWN = 20


@click.command()
@click.argument("session", required=False)
@click.option("--follow", is_flag=True, help="Go on until the session ends.")
@click.option("--proof", is_flag=True, help="Only the latest proof.")
@click.option("--replay", is_flag=True, help="Fold the log again and say whether it gives the recorded proof.")
@common
def log(session: str | None, follow: bool, proof: bool, replay: bool, common: Common) -> int:
    """Show the event log of a session."""
    host = Host.here(common.overrides)
    found = host.find(session, None if session else common.directory)
    if proof:
        return _proof(host, found, common.json)
    if replay:
        return _replay(host, found, common.json)
    view = PlainView(Console(), common.quiet)
    if follow:
        anyio.run(_follow, host, found, view, common.json)
        return 0
    for event in host.events(found):
        _show(event, view, common.json)
    return 0


def _show(event: e.Event, view: PlainView, json: bool) -> None:
    if json:
        click.echo(msgspec.json.encode(event))
    else:
        click.echo(f"{event.seq:5} {event.at:%H:%M:%S} {event.actor:10} {type(event.body).__name__}")
        view(event)


async def _follow(host: Host, session: str, view: PlainView, json: bool) -> None:
    async for event in host.follow(session):
        _show(event, view, json)


def _proof(host: Host, session: str, json: bool) -> int:
    finished = [x for x in host.events(session) if isinstance(x.body, e.Finished)]
    if not finished:
        raise UsageError(f"session {session} has not ended, so it has no proof yet")
    body = finished[-1].body
    if not isinstance(body, e.Finished):
        raise AssertionError("only finished events were kept")
    if json:
        print_json(proof_line(body.proof, body.reason))
    else:
        Console().print(proof_table(body.proof))
        click.echo(f"tree {body.proof.tree}\nlog head {body.proof.log_head}")
    return 0


def _replay(host: Host, session: str, json: bool) -> int:
    report = host.replay(session)
    if json:
        print_json(report)
    else:
        click.echo(f"{report['events']} events folded; {'the same end' if report['same'] else 'a DIFFERENT end'}")
    return 0 if report["same"] else 1


@click.group()
def audit() -> None:
    """Check, export and report on the record."""


@audit.command()
@click.argument("what", required=False, metavar="[ID|FILE]")
@click.option("--head", metavar="DIGEST", default="", help="A log head known from a proof: it must be in the chain.")
@common
def verify(what: str | None, head: str, common: Common) -> int:
    """Find any changed, removed, reordered or inserted event; exit status 1 where there is one."""
    host = Host.here(common.overrides)
    if what and Path(what).is_file():
        found = host.verify_file(Path(what), head)
    else:
        found = host.verify(host.find(what, None if what else common.directory), head)
    if common.json:
        print_json(msgspec.to_builtins(found) | {"ok": found.ok})
    elif found.ok:
        click.echo(f"{found.session}: {found.events} events, unbroken, head {found.head}")
    else:
        name = found.session or what or ""
        for fault in found.faults[:FAULTS_SHOWN]:
            at = f"event {fault.seq}: " if fault.seq else ""
            click.echo(visible(f"{name}: {at}{fault.kind}: {fault.text}"))
        if (more := len(found.faults) - FAULTS_SHOWN) > 0:
            click.echo(f"{name}: and {more} more faults; --json lists them all")
    return 0 if found.ok else 1


@audit.command()
@click.argument("session", required=False)
@click.option("-o", "file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", callback=writable_file)
@common
def export(session: str | None, file: Path | None, common: Common) -> int:
    """Write a session as JSON Lines that `audit verify FILE` checks anywhere."""
    host = Host.here(common.overrides)
    lines = host.export(host.find(session, None if session else common.directory))
    if file is None:
        for line in lines:
            click.echo(line.encode())
    else:
        file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return 0


@audit.command()
@click.argument("session", required=False)
@common
def report(session: str | None, common: Common) -> int:
    """Write the security report of a session: commands, files, network, denials, anomalies, limits hit."""
    from loopwright.runtime.report import as_markdown, security_report

    host = Host.here(common.overrides)
    found = host.find(session, None if session else common.directory)
    made = security_report(host.events(found))
    print_json(made) if common.json else click.echo(visible(as_markdown(made)), nl=False)
    return 0
