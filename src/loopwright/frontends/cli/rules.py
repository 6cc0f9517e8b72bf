"""`rules` and `check`: what AGENTS.md asks for, how it is enforced, and whether it holds."""

from __future__ import annotations

from pathlib import Path

import click

from loopwright.core.events import DirectivesLoaded
from loopwright.frontends.cli.options import Common, common, writable_file
from loopwright.frontends.cli.output import print_json, print_records
from loopwright.frontends.show.visible import visible

_COLOUR = {"enforced": "green", "partly": "yellow", "advised": None, "not_understood": "red"}


@click.command()
@click.argument("path", required=False, type=click.Path(exists=True, path_type=Path))
@common
def rules(path: Path | None, common: Common) -> int:
    """Show each rule of AGENTS.md: how it is enforced, or why not. FILE may be a lone file."""
    from loopwright.runtime.rules import read_file, record

    found = read_file(path) if path is not None and path.is_file() else _of_directory(path or common.directory, common)
    if common.json:
        print_records(record(rule) for rule in found.directives)
        return 0
    for file in found.files:
        click.echo(visible(f"{file.path}: {file.bytes} bytes, {file.shown} shown to the engine{_note(file.note)}"))
    for rule in found.directives:
        status = click.style(f"{rule.status:14}", fg=_COLOUR[rule.status])
        text = " ".join(rule.text.split())[:100]
        click.echo(f"{status} {visible(f'{rule.source:18} {text}')}")
        if rule.why and not common.quiet:
            click.echo(visible(f"{'':33} {rule.kind}: {rule.why}"))
    return 0


def _of_directory(directory: Path, common: Common) -> DirectivesLoaded:
    from loopwright.runtime.host import Host
    from loopwright.runtime.rules import read_rules

    host = Host.here(common.overrides)
    return read_rules(directory, host.config, host.home)


def _note(note: str) -> str:
    return f" ({note})" if note else ""


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--base", metavar="REV", help="Judge only what changed since this revision.")
@click.option("--only", metavar="ID", help="Run one check alone.")
@click.option(
    "--sarif",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=writable_file,
    metavar="FILE",
    help="Write SARIF as well.",
)
@common
def check(paths: tuple[Path, ...], base: str | None, only: str | None, sarif: Path | None, common: Common) -> int:
    """Run the enforced rules without a model; exit status 1 where one that blocks is broken.

    Files alone (Python, shell, JavaScript, TypeScript) are judged by the five safety checks, without a repository.
    """
    import anyio

    from loopwright.runtime.checking import are_lone, check_files, check_tree
    from loopwright.runtime.host import Host

    host = Host.here(common.overrides)
    if base is None and only is None and are_lone(paths):
        report = check_files(paths)
    else:
        report = anyio.run(check_tree, host, paths, common.directory, base, only)
    if sarif is not None:
        sarif.write_text(report.sarif(), encoding="utf-8")
    if common.json:
        print_records(report.records())
        print_json({"type": "verdicts", "verdicts": report.verdict_records()})
    else:
        for line in report.lines(common.quiet):
            click.echo(visible(line))
    return 1 if report.blocked else 0
