"""`lessons`: what was learned from failures, where it came from, and how often it helped."""

from __future__ import annotations

from pathlib import Path

import click
from click.core import ParameterSource

from loopwright.frontends.cli.options import Common, common, writable_file
from loopwright.frontends.cli.output import print_json, print_records, print_table
from loopwright.frontends.show.visible import visible
from loopwright.runtime import lessons as known
from loopwright.runtime.host import Host

_TERMINAL = Path("-")
_EVERY = click.option("--all", "every", is_flag=True, help="Those of every directory, not only of this one.")


@click.group(invoke_without_command=True)
@_EVERY
@common
def lessons(every: bool, common: Common) -> int:
    """What was learned from failures that were cured here. It stays on this machine, and it grants nothing.

    Without a command, lists the lessons that hold for this directory.
    """
    ctx = click.get_current_context()
    if ctx.invoked_subcommand is None:
        return _list(every, common)
    if any(ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE for name in ctx.params):
        raise click.UsageError(f"give options behind the command: lessons {ctx.invoked_subcommand} …")
    return 0


@lessons.command("list")
@_EVERY
@common
def list_(every: bool, common: Common) -> int:
    """List lessons, the last used first: how often each was tried and helped, and what it weighs today."""
    return _list(every, common)


def _list(every: bool, common: Common) -> int:
    host = Host.here(common.overrides)
    found = known.list_lessons(host.home, host.env, None if every else common.directory)
    if common.json:
        print_records(x.record() for x in found)
        return 0
    rows = [(x.lesson.id, x.kind, _helped(x), _weight(x), x.lesson.used[:10], _short(x.lesson.text)) for x in found]
    print_table("lessons", ("id", "kind", "helped", "weight", "last used", "lesson"), rows)
    return 0


@lessons.command()
@click.argument("lesson")
@common
def show(lesson: str, common: Common) -> int:
    """Show one lesson whole, with the session and the event it came from. LESSON is an id or its beginning."""
    host = Host.here(common.overrides)
    found = known.find_lesson(host.home, host.env, lesson)
    if common.json:
        print_json(found.record())
        return 0
    kept = found.lesson
    click.echo(visible(f"{kept.id}  ({found.kind})"))
    click.echo(visible(f"  {kept.text}"))
    click.echo(visible(f"  for:      {kept.scope or 'every directory'}"))
    click.echo(visible(f"  from:     session {kept.session}, event {kept.seq}"))
    click.echo(f"  helped:   {kept.helped} of {kept.tried} times, last used {kept.used[:10] or 'never'}")
    click.echo(f"  weight:   {_weight(found)}")
    return 0


@lessons.command()
@click.argument("lesson", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Forget everything, of every directory.")
@common
def forget(lesson: tuple[str, ...], every: bool, common: Common) -> int:
    """Forget lessons for good. LESSON is an id or its beginning."""
    if every == bool(lesson):
        raise click.UsageError("name the lessons to forget, or give --all")
    host = Host.here(common.overrides)
    ids = [x.lesson.id for x in known.list_lessons(host.home, host.env, None)] if every else lesson
    count = known.forget_lessons(host.home, host.env, ids)
    if common.json:
        print_json({"forgotten": count})
    elif not common.quiet:
        click.echo(f"forgot {count} lesson{'s' * (count != 1)}")
    return 0


@lessons.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path), callback=writable_file)
@_EVERY
@common
def export(file: Path | None, every: bool, common: Common) -> int:
    """Write lessons to FILE (or -, the terminal) as JSON Lines, for `import` on another machine."""
    host = Host.here(common.overrides)
    text = known.export_lessons(host.home, host.env, None if every else common.directory)
    if file in (None, _TERMINAL):
        click.echo(text.encode(), nl=False)
        return 0
    assert file is not None
    file.write_text(text, encoding="utf-8")
    count = text.count("\n") - 1
    if common.json:
        print_json({"exported": count, "file": str(file)})
    elif not common.quiet:
        click.echo(visible(f"exported {count} lesson{'s' * (count != 1)} to {file}"))
    return 0


@lessons.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@common
def import_(file: Path, common: Common) -> int:
    """Keep the lessons of FILE, all of them or none. They begin as never tried: each must prove itself here."""
    host = Host.here(common.overrides)
    new, old = known.import_lessons(host.home, host.env, file)
    if common.json:
        print_json({"imported": new, "known": old})
    elif not common.quiet:
        click.echo(f"imported {new} lesson{'s' * (new != 1)}; {old} known before")
    return 0


def _helped(found: known.Weighed) -> str:
    return f"{found.lesson.helped}/{found.lesson.tried}"


def _weight(found: known.Weighed) -> str:
    return f"{found.weight:.2f}{' (expired)' if found.expired else ''}"


def _short(text: str) -> str:
    line = visible(" ".join(text.split()))
    return line if len(line) <= 160 else f"{line[:159]}…"
