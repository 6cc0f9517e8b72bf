"""`doctor` and `models`: what works on this machine, and what is in the way."""

from __future__ import annotations

from typing import Any

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
    ready = all(item.works for item in found if item.name == "sandbox")
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
@click.argument("provider", required=False)
@common
def models(provider: str | None, common: Common) -> int:
    """List the model providers and the variable that holds each one's key, or all models of one PROVIDER."""
    from loopwright.runtime.models import list_providers

    found = list_providers(Host.here(common.overrides).env, provider or "")
    if common.json:
        print_json(found)
        return 0
    if provider is None:
        rows = [(p["name"], ", ".join(p["variables"]), _ready(p), ", ".join(_names(p)[:3])) for p in found]
        print_table("model providers", ("provider", "key variables", "ready", "examples"), rows)
        return 0
    shown = [m for p in found for m in p.get("models", ())]
    prices = [(m["ref"], *(m.get(k) or "?" for k in ("context", "input", "cached", "output"))) for m in shown]
    print_table(provider, ("model", "context", "$ in /M", "$ cached /M", "$ out /M"), prices)
    return 0


def _ready(provider: dict[str, Any]) -> str:
    return "no" if not provider["ready"] else provider["configured"] or "yes"


def _names(provider: dict[str, Any]) -> list[str]:
    return [model["ref"] for model in provider.get("models", ())]
