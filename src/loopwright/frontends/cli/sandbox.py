"""`sandbox`: one command in the sandbox, with its limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import click
import msgspec

from loopwright.core.ports import Profile
from loopwright.core.running import Limits
from loopwright.frontends.cli.options import ABOVE_0, Common, common, finite
from loopwright.frontends.cli.output import print_json
from loopwright.runtime.config import parse_size
from loopwright.runtime.host import Host

if TYPE_CHECKING:
    from loopwright.runtime.sandboxing import Outcome


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--backend", metavar="NAME", help="bubblewrap, or another installed sandbox.")
@click.option(
    "--profile",
    type=click.Choice(["read-only", "workspace-write"]),
    default="workspace-write",
    help="workspace-write keeps the command's writes in the directory.",
)
@click.option("--memory", metavar="SIZE", help="Memory of the whole tree, for example 512M.")
@click.option("--cpus", type=ABOVE_0, metavar="N", callback=finite, help="Processors it may use.")
@click.option("--pids", type=click.IntRange(min=1), metavar="N", help="Processes and threads of the whole tree.")
@click.option("--disk", metavar="SIZE", help="Bytes written.")
@click.option("--inodes", type=click.IntRange(min=1), metavar="N", help="Files created.")
@click.option("--timeout", type=ABOVE_0, metavar="SECONDS", callback=finite, help="Seconds it may take.")
@click.option("--output", metavar="SIZE", help="Bytes printed.")
@click.option(
    "--network", default="none", metavar="none|ask|allow:HOST[,HOST]", help="HOST, HOST:PORT, or .HOST for all below."
)
@click.option(
    "--writable",
    multiple=True,
    type=click.Path(exists=True, file_okay=False),
    metavar="DIR",
    help="A directory that it may write, too.",
)
@click.option(
    "--readable",
    multiple=True,
    type=click.Path(exists=True),
    metavar="DIR",
    help="A directory or file that it may read, too.",
)
@click.option(
    "--trace", is_flag=True, help="Write every call on files, processes and network down (slow: 2 to 25 times)."
)
@click.option("--env", "names", multiple=True, metavar="NAME", help="Keep this variable of yours.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@common
def sandbox(
    backend: str | None,
    profile: Profile,
    memory: str | None,
    cpus: float | None,
    pids: int | None,
    disk: str | None,
    inodes: int | None,
    timeout: float | None,
    output: str | None,
    network: str,
    writable: tuple[str, ...],
    readable: tuple[str, ...],
    trace: bool,
    names: tuple[str, ...],
    command: tuple[str, ...],
    common: Common,
) -> int:
    """Run one command in the sandbox. Exit status: the command's; 124 timeout, 125 refused, 137 killed for a limit."""
    from loopwright.runtime.sandboxing import Order, run_once, trace_file

    limits = Limits(
        memory=parse_size(memory) if memory else None,
        cpus=cpus,
        pids=pids,
        disk=parse_size(disk) if disk else None,
        inodes=inodes,
        timeout=timeout,
        output=parse_size(output) if output else None,
        network=network,
    )
    host = Host.here(common.overrides)
    file = trace_file(host) if trace else ""
    if file and not common.quiet:
        click.echo(f"loopwright: traced to {file}; system calls take 2 to 25 times as long", err=True)
    order = Order(command, limits, profile, backend, writable, readable, names, file)
    outcome = anyio.run(run_once, host, common.directory, order, common.json)
    ended = outcome.exit
    for request in outcome.requests:
        if request.verdict != "allowed":
            click.echo(f"loopwright: network: {request.verdict}: {request.reason}", err=True)
    for path, reason in outcome.left_out:
        click.echo(f"loopwright: not kept: {printable(path)}: {reason}", err=True)
    if ended.reason:
        click.echo(f"loopwright: {ended.reason}: {ended.detail}".removesuffix(": "), err=True)
    if common.json:
        print_json(_shown(outcome))
    return ended.status


def _shown(outcome: Outcome) -> dict[str, Any]:
    ended = outcome.exit
    return {
        "exit": ended.status,
        "reason": ended.reason,
        "detail": ended.detail,
        "seconds": ended.usage.wall,
        "cpu": ended.usage.cpu,
        "memory": ended.usage.memory,
        "pids": ended.usage.pids,
        "kept": outcome.kept,
        "network": [msgspec.structs.asdict(request) for request in outcome.requests],
        "calls": [msgspec.structs.asdict(call) for call in outcome.calls],
        "not_kept": [{"path": path, "reason": reason} for path, reason in outcome.left_out],
    }


def printable(name: str) -> str:
    """A name on one line, whatever characters are in it."""
    return name if name.isprintable() else ascii(name)
