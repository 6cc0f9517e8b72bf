"""What each block or call of a kind must hold: descriptions of Terraform variables, an argument of a function."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwright.core.checks import Finding
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules.delta import Delta, finding
from loopwright.guard.checks.rules.mask import mask
from loopwright.guard.policy_directives import strings

#: Lines of one block that are read.
_LONGEST = 200


def attributes(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Blocks that the change touches and that lack an attribute."""
    kinds = "|".join(map(re.escape, strings(rule, "block")))
    begins = re.compile(rf"^\s*(?:{kinds})\s+\"([^\"]+)\".*\{{")
    for file in delta.written(rule):
        if file.language != "hcl":
            continue
        lines = file.after.split("\n")
        for number, line in enumerate(lines, 1):
            if not (found := begins.match(line)):
                continue
            block = _block(lines, number)
            if not file.added.intersection(range(number, number + len(block))):
                continue
            held = "\n".join(block)
            missing = [
                a for a in strings(rule, "attributes") if not re.search(rf"(?:^|[{{\s]){re.escape(a)}\s*=", held)
            ]
            if missing:
                yield finding(rule, file.path, number, f"`{found[1]}` has no {' and no '.join(missing)}")


def arguments(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Added calls without an argument that they must have."""
    name, wanted = str(rule.params.get("call", "")), str(rule.params.get("text", ""))
    call = re.compile(rf"(?<![\w.]){re.escape(name)}\s*\(")
    argument = re.compile(r"\s*".join(map(re.escape, re.split(r"\s*([=:])\s*", wanted))))
    for file in delta.written(rule):
        if not file.language:
            continue
        lines, masked = file.after.split("\n"), mask(file.after, file.language).split("\n")
        for number in sorted(file.added):
            if number > len(masked) or not (found := call.search(masked[number - 1])):
                continue
            if not argument.search(_to_the_end(lines, masked, number, found.end() - 1)):
                yield finding(rule, file.path, number, f"`{name}` is called without `{wanted}`")


def _to_the_end(lines: list[str], masked: list[str], start: int, column: int) -> str:
    """The text of a call from its bracket to the one that closes it."""
    depth = 0
    out: list[str] = []
    for index, line in enumerate(masked[start - 1 : start - 1 + _LONGEST]):
        for place, letter in enumerate(line[column:] if not index else line):
            depth += (letter in "([{") - (letter in ")]}")
            if depth <= 0 and letter in ")]}":
                return "\n".join((*out, lines[start - 1 + index][(column if not index else 0) :][: place + 1]))
        out.append(lines[start - 1 + index][column:] if not index else lines[start - 1 + index])
    return "\n".join(out)


def _block(lines: list[str], start: int) -> list[str]:
    """The lines of the block that begins at a line, by its brackets."""
    depth, out = 0, []
    for line in lines[start - 1 : start - 1 + _LONGEST]:
        out.append(line)
        depth += line.count("{") - line.count("}")
        if depth <= 0:
            break
    return out
