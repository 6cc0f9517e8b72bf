"""`config`: read and set the user's configuration."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
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
    """Show one setting, or all of them, with the defaults of those that are not set."""
    value: Any = _whole(Host.here(common.overrides).config)
    for part in key.split(".") if key else ():
        if not isinstance(value, dict) or part not in value:
            raise ConfigError(f"there is no setting {key!r}: `loopwright config get` lists them")
        value = value[part]
    if common.json or not isinstance(value, dict):
        print_json(value)
        return 0
    for name, setting in _flat(value, f"{key}." if key else ""):
        click.echo(f"{name} = {json.dumps(setting, ensure_ascii=False)}")
    return 0


def _whole(value: Any) -> Any:
    """Settings as plain values, defaults too."""
    if isinstance(value, msgspec.Struct):
        return {name: _whole(getattr(value, name)) for name in value.__struct_fields__}
    return msgspec.to_builtins(value)


def _flat(table: dict[str, Any], above: str) -> Iterator[tuple[str, Any]]:
    """Each setting under the name that `config set` and -c take."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


@config.command(name="set")
@click.argument("key")
@click.argument("value")
@common
def set_(key: str, value: str, common: Common) -> int:
    """Set one setting in the user's file; a wrong one is refused and the file left as it was."""
    host = Host.here(())
    if key in ("engine", "backend"):
        _check_name(value, host.hub.engines if key == "engine" else host.hub.sandboxes, key)
    path = host.home.config
    set_value(path, key, value)
    load_config(path)
    return 0


def _check_name(value: str, known: Iterable[str], what: str) -> None:
    if value.strip("\"'").partition(":")[0] not in known:
        raise ConfigError(f"there is no {what} named {value!r}; there are: {', '.join(sorted(known))}")


@config.command()
@common
def path(common: Common) -> int:
    """Print where the user's configuration file is."""
    click.echo(str(Host.here(()).home.config))
    return 0
