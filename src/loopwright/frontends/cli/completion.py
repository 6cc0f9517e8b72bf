"""`completion`: the shell's tab completion."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from loopwright.core.errors import UsageError


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> int:
    """Print the completion script: eval "$(loopwright completion bash)"."""
    from loopwright.frontends.cli.app import cli

    made = get_completion_class(shell)
    if made is None:
        raise UsageError(f"there is no completion for {shell}")
    click.echo(made(cli, {}, "loopwright", "_LOOPWRIGHT_COMPLETE").source())
    return 0
