"""`check`: whether the rules, the safety checks and the scanners hold."""

from __future__ import annotations

from pathlib import Path

import click

from loopwright.frontends.cli.options import Common, common, writable_file
from loopwright.frontends.cli.output import print_json, print_records
from loopwright.frontends.show.visible import visible

_THERE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--base", metavar="REV", help="Judge only what changed since this revision, or since this branch left it."
)
@click.option("--only", metavar="ID", help="Run one check alone.")
@click.option(
    "--skip",
    multiple=True,
    type=click.Choice(["command", "rule", "safety", "scanner"]),
    help="Leave a family of checks out; command is all that runs the project.",
)
@click.option("--results", multiple=True, type=_THERE, metavar="SARIF", help="Judge what another scanner found, too.")
@click.option("--sarif", type=_FILE, callback=writable_file, metavar="FILE", help="Write SARIF as well.")
@click.option("--baseline", type=_FILE, metavar="FILE", help="Known findings; default .loopwright/baseline.json.")
@click.option("--write-baseline", is_flag=True, help="Write what is found now as known: it blocks no more.")
@common
def check(
    paths: tuple[Path, ...],
    base: str | None,
    only: str | None,
    skip: tuple[str, ...],
    results: tuple[Path, ...],
    sarif: Path | None,
    baseline: Path | None,
    write_baseline: bool,
    common: Common,
) -> int:
    """Run the enforced rules without a model; exit status 1 where one that blocks is broken.

    Files alone (Python, shell, JavaScript, TypeScript) are judged by the five safety checks, without a repository.
    """
    import anyio

    from loopwright.runtime.checking import Order, are_lone, check_files, check_tree
    from loopwright.runtime.host import Host

    if write_baseline and (base is not None or only is not None or paths):
        raise click.UsageError("--write-baseline takes in the whole tree: leave --base, --only and files out")
    paths = tuple(_placed(path, common.directory) for path in paths)
    host = Host.here(common.overrides)
    if not any((base, only, skip, results, baseline, write_baseline)) and are_lone(paths):
        report = check_files(paths)
    else:
        order = Order(common.directory, paths, base, only, skip, results, baseline, write_baseline)
        report = anyio.run(check_tree, host, order)
    if sarif is not None:
        sarif.write_text(report.sarif(), encoding="utf-8")
    if common.json:
        print_records(report.records())
        print_json({"type": "verdicts", "verdicts": report.verdict_records()})
        for note in report.notes:
            click.echo(visible(note), err=True)
    else:
        for line in report.lines(common.quiet):
            click.echo(visible(line))
    return 1 if report.blocked else 0


def _placed(path: Path, directory: Path) -> Path:
    """The path as seen from -C DIR, else from here."""
    for found in (directory / path, path):
        if found.exists():
            return found
    raise click.BadParameter(f"Path {str(path)!r} does not exist.", param_hint="'[PATHS]...'")
