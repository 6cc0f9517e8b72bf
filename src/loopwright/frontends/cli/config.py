"""`config`: read and set the user's configuration."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from loopwright.core.errors import ConfigError
from loopwright.frontends.cli.options import Common, common
from loopwright.frontends.cli.output import print_json
from loopwright.runtime.config import load_config, set_value
from loopwright.runtime.host import Host


@click.group(invoke_without_command=True)
@click.pass_context
def config(ctx: click.Context) -> None:
    """Show or set the user's configuration."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(get)


@config.command()
@click.argument("key", required=False)
@common
def get(key: str | None, common: Common) -> int:
    """Show one setting, or all of them."""
    value: Any = msgspec.to_builtins(Host.here(common.overrides).config)
    for part in key.split(".") if key else ():
        if not isinstance(value, dict) or part not in value:
            raise ConfigError(f"there is no setting {key!r}: see `loopwright config get`")
        value = value[part]
    if common.json or not isinstance(value, dict):
        print_json(value)
        return 0
    for name, setting in value.items():
        click.echo(f"{name} = {setting}")
    return 0


@config.command(name="set")
@click.argument("key")
@click.argument("value")
@common
def set_(key: str, value: str, common: Common) -> int:
    """Set one setting in the user's file; a wrong one is refused and the file left as it was."""
    path = Host.here(()).home.config
    set_value(path, key, value)
    load_config(path)
    return 0


@config.command()
@common
def path(common: Common) -> int:
    """Print where the user's configuration file is."""
    click.echo(str(Host.here(()).home.config))
    return 0
