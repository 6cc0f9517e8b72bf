"""Attributes that each block of a kind must have: variables of Terraform and their descriptions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwright.core.checks import Finding
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules_delta import Delta, finding
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


def _block(lines: list[str], start: int) -> list[str]:
    """The lines of the block that begins at a line, by its brackets."""
    depth, out = 0, []
    for line in lines[start - 1 : start - 1 + _LONGEST]:
        out.append(line)
        depth += line.count("{") - line.count("}")
        if depth <= 0:
            break
    return out
