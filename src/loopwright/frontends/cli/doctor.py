"""`doctor` and `models`: what works on this machine, and what is in the way."""

from __future__ import annotations

import click
import msgspec

from loopwright.frontends.cli.options import Common, common
from loopwright.frontends.cli.output import print_json, print_table
from loopwright.runtime.host import Host


@click.command()
@common
def doctor(common: Common) -> int:
    """Say which sandbox mechanisms, programs and keys work here, and what to do where one does not."""
    from loopwright.runtime.doctor import examine

    found = examine(Host.here(common.overrides))
    ready = all(item.works for item in found if item.name in ("bubblewrap", "sandbox"))
    if common.json:
        print_json({"ready": ready, "capabilities": [msgspec.to_builtins(item) for item in found]})
        return 0 if ready else 1
    for item in found:
        mark = click.style("ok  ", fg="green") if item.works else click.style("no  ", fg="red")
        click.echo(f"{mark}{item.name:22} {item.detail}")
        if item.fix and not item.works:
            click.echo(f"    {'':22} -> {item.fix}")
    return 0 if ready else 1


@click.command()
@common
def models(common: Common) -> int:
    """List the model providers, the variable that holds each one's key, and prices."""
    from loopwright.runtime.models import list_models

    found = list_models(Host.here(common.overrides).env)
    if common.json:
        print_json(found)
        return 0
    rows = [
        (p["provider"], ", ".join(p["variables"]), "yes" if p["ready"] else "no", ", ".join(p["examples"]))
        for p in found
    ]
    print_table("model providers", ("provider", "key variables", "ready", "examples"), rows)
    return 0
