"""Fills the templates that come with the package.

`<<name>>` stands for a value. A line that holds nothing else stands for as many lines as the value has, indented
like it; none for an empty value.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from loopwright.core.expression import expression

_HOLE = expression(r"<<(\w+)>>")
_ALONE = expression(r"^([ \t]*)<<(\w+)>>$")


def fill(name: str, values: Mapping[str, str]) -> str:
    """Return the template `name` with its holes filled. Raises KeyError for a hole that no value fills."""
    template = (Path(__file__).parent / "templates" / name).read_text("utf-8")
    return "".join(_line(line, values) for line in template.splitlines())


def _line(line: str, values: Mapping[str, str]) -> str:
    if alone := _ALONE.match(line):
        text = values[alone[2]]
        return "".join(f"{alone[1]}{part}".rstrip() + "\n" for part in text.split("\n")) if text else ""
    return _HOLE.sub(lambda hole: values[hole[1]], line) + "\n"
