"""Printing for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import click

from loopwright.frontends.show.visible import visible

_line = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode


def print_json(value: Any) -> None:
    """Print one JSON value on one line."""
    print_records([value])


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under their columns, folded to the terminal's width; the first column, their name, stays whole."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=number == 0)
    for row in rows:
        table.add_row(*(escape(visible(str(cell))) for cell in row))
    Console().print(table)


def print_records(records: Iterable[Any]) -> None:
    """Print JSON Lines, all at once."""
    text = "".join(f"{_line(record)}\n" for record in records)
    click.echo(text.encode("utf-8", "backslashreplace"), nl=False)
