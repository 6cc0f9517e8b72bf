"""What the project's own `.editorconfig` says of blanks, judged on the lines that a change adds.

The part that every editor reads: indentation, blanks at line ends, the last newline, the longest line. Rules for one
compiler that such a file may hold besides are that compiler's to judge.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from loopwright.core.checks import Finding
from loopwright.core.expression import expression
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules.delta import Delta, File, finding

_SECTION = expression(r"^\s*\[(.+)\]\s*$")
_PROPERTY = expression(r"^\s*([\w-]+)\s*=\s*([^#;]*?)\s*(?:[#;].*)?$")
#: Alternatives of one pattern that are looked at: `*.{ts,tsx}`.
_MOST = 64


def judge(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Added lines that the file's settings forbid; nothing where the project has no such file."""
    text = delta.read(posixpath.join(rule.scope, ".editorconfig")) or delta.read(".editorconfig")
    sections = _sections(text) if text else []
    for file in delta.written(rule):
        settings = _settings(sections, file.path)
        if settings:
            yield from (finding(rule, file.path, line, reason) for line, reason in _broken(settings, file))


def _sections(text: str) -> list[tuple[re.Pattern[str], dict[str, str]]]:
    found: list[tuple[re.Pattern[str], dict[str, str]]] = []
    for line in text.split("\n"):
        if section := _SECTION.match(line):
            found.append((_pattern(section[1]), {}))
        elif found and (setting := _PROPERTY.match(line)):
            found[-1][1][setting[1].lower()] = setting[2].lower()
    return found


def _pattern(glob: str) -> re.Pattern[str]:
    alternatives = [glob]
    while (
        index := next((i for i, g in enumerate(alternatives) if re.search(r"\{[^{}]*,[^{}]*\}", g)), None)
    ) is not None:
        group = re.search(r"\{([^{}]*)\}", alternatives[index])
        if group is None or len(alternatives) > _MOST:
            break
        whole = alternatives.pop(index)
        alternatives += [whole[: group.start()] + part + whole[group.end() :] for part in group[1].split(",")]
    body = "|".join(_one(each) for each in alternatives)
    return re.compile(f"^(?:{body})$")


def _one(glob: str) -> str:
    anywhere = "" if "/" in glob.strip("/") else r"(?:.*/)?"
    parts = re.split(r"(\*\*|\*|\?)", glob.lstrip("/"))
    return anywhere + "".join({"**": ".*", "*": "[^/]*", "?": "[^/]"}.get(p, re.escape(p)) for p in parts)


def _settings(sections: list[tuple[re.Pattern[str], dict[str, str]]], path: str) -> dict[str, str]:
    """What holds for a path: later sections over earlier ones."""
    return {name: value for pattern, values in sections if pattern.match(path) for name, value in values.items()}


def _broken(settings: dict[str, str], file: File) -> Iterator[tuple[int, str]]:
    style, longest = settings.get("indent_style"), settings.get("max_line_length", "")
    trim = settings.get("trim_trailing_whitespace") == "true"
    for number, line in file.added_lines:
        if style == "space" and re.match(r"^ *\t", line) and line.strip():
            yield number, "the line is indented with a tab, .editorconfig asks for spaces"
        elif style == "tab" and re.match(r"^\t* {2,}\S", line) and not re.match(r"^\s*\*", line):
            yield number, "the line is indented with spaces, .editorconfig asks for tabs"
        elif trim and line != line.rstrip():
            yield number, "the line ends in blanks, which .editorconfig trims"
        elif longest.isdigit() and len(line) > int(longest):
            yield number, f"the line has {len(line)} characters, .editorconfig allows {longest}"
    if settings.get("insert_final_newline") == "true" and file.after and not file.after.endswith("\n") and file.added:
        yield file.after.count("\n") + 1, "the file does not end in a newline, which .editorconfig asks for"
