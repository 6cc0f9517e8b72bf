"""Lengths, sizes, indentation and quotes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from loopwright.core.checks import Finding
from loopwright.core.expression import expression
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules.delta import Delta, File, finding
from loopwright.guard.checks.rules.mask import mask
from loopwright.guard.checks.rules.parse import parse
from loopwright.guard.policy_call import path_matches
from loopwright.guard.policy_directives import strings

_BRACED = expression(r"\b(?:function\b[^{;]*|(?:async\s+)?\([^()]*\)\s*(?::[^={]+)?=>\s*|func\b[^{;]*|fn\b[^{;]*)\{")


def _number(rule: Directive) -> int:
    value = rule.params.get("n")
    return value if isinstance(value, int) else 0


def line_length(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Added lines longer than allowed; a line that is one long word (an address) is let be."""
    most = _number(rule)
    for file in delta.written(rule):
        if not file.language:
            continue
        for number, line in file.added_lines:
            if len(line) > most and len(line.split()) > 1 and "://" not in line:
                yield finding(rule, file.path, number, f"the line has {len(line)} characters, {most} are allowed")


def file_lines(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Files, or functions, that the change made longer than allowed."""
    most, globs = _number(rule), strings(rule, "globs")
    for file in delta.written(rule):
        if (globs and not any(path_matches(file.path, g) for g in globs)) or (not globs and not file.language):
            continue
        if rule.params.get("of") == "function":
            yield from _functions(rule, file, most)
            continue
        now, then = len(file.after.splitlines()), len(file.before.splitlines())
        if now > most and now > then:
            yield finding(rule, file.path, most + 1, f"the file has {now} lines, {most} are allowed")


def _functions(rule: Directive, file: File, most: int) -> Iterator[Finding]:
    for line, end in _spans(file):
        if end - line + 1 > most and any(line <= n <= end for n in file.added):
            yield finding(rule, file.path, line, f"the function has {end - line + 1} lines, {most} are allowed")


def _spans(file: File) -> Iterator[tuple[int, int]]:
    if file.language == "python":
        tree = parse(file.after)
        if tree is None:
            return
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node.lineno, node.end_lineno or node.lineno
        return
    text = mask(file.after, file.language)
    for found in _BRACED.finditer(text):
        depth = 1
        for offset in range(found.end(), len(text)):
            depth += (text[offset] == "{") - (text[offset] == "}")
            if not depth:
                yield text.count("\n", 0, found.start()) + 1, text.count("\n", 0, offset) + 1
                break


def diff_size(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Lines or files the change touches."""
    most = _number(rule)
    if rule.params.get("unit") == "files":
        count = len([f for f in delta.of(rule) if f.language])
        if count > most:
            yield finding(rule, "", 0, f"the change touches {count} files, {most} are allowed")
        return
    count = sum(len(f.added) + f.removed for f in delta.of(rule))
    if count > most:
        yield finding(rule, "", 0, f"the change has {count} lines, {most} are allowed")


#: Files that are indented and are in no programming language.
_MARKED_UP = (".html", ".css", ".scss", ".less", ".xml", ".json", ".yaml", ".yml", ".twig", ".hbs", ".erb", ".heex")


def indentation(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Tabs for spaces or spaces for tabs, and steps of another width, in added lines."""
    tabs, width = rule.params.get("style") == "tab", _number(rule)
    languages = strings(rule, "languages")
    for file in delta.written(rule):
        if (
            not (file.language or file.path.endswith(_MARKED_UP))
            or (languages and file.language not in languages)
            or (tabs and file.language == "python" and "python" not in languages)
        ):
            continue
        for number, line in file.added_lines:
            lead = line[: len(line) - len(line.lstrip())]
            if not line.strip() or not lead or line.lstrip().startswith("*"):
                continue
            if tabs and lead.startswith("  "):
                yield finding(rule, file.path, number, "the line is indented with spaces, tabs are asked for")
            elif not tabs and "\t" in lead:
                yield finding(rule, file.path, number, "the line is indented with a tab, spaces are asked for")
        if not tabs and width and file.language:
            yield from _steps(rule, file, width)


def _steps(rule: Directive, file: File, width: int) -> Iterator[Finding]:
    """The first line of a block that is indented by another step than allowed."""
    lines = mask(file.after, file.language).split("\n")
    for number in sorted(file.added):
        line = lines[number - 1] if number <= len(lines) else ""
        above = next((x for x in reversed(lines[: number - 1]) if x.strip()), "")
        if line.strip() and above.rstrip().endswith((":", "{")) and "(" not in above[-1:]:
            step = len(line) - len(line.lstrip(" ")) - (len(above) - len(above.lstrip(" ")))
            if step > 0 and step != width and not line.startswith("\t"):
                yield finding(rule, file.path, number, f"the block is indented by {step} spaces, {width} are asked for")


_STRING = expression(
    r"""(?<!["'\w\\])(?:[rbfRBF]{0,2})(?:"(?!"")((?:[^"\\\n]|\\.)*)"|'(?!'')((?:[^'\\\n]|\\.)*)')(?!["'])"""
)


def quotes(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Strings in the other quotes, unless they hold the wanted one."""
    single, languages = rule.params.get("style") == "single", strings(rule, "languages")
    for file in delta.written(rule):
        if file.language not in ("python", "javascript", "typescript", "ruby") or (
            languages and file.language not in languages
        ):
            continue
        for number, line in file.added_lines:
            code = line.split(" #" if file.language in ("python", "ruby") else " //")[0]
            if (
                code.lstrip().startswith(("*", "//", "#", "<", '"""', "'''"))
                or '"""' in code
                or re.search(r"=\"[^\"]*\"[\s/>]", code)
            ):
                continue
            for found in _STRING.finditer(code):
                wrong = found[1] if single else found[2]
                if wrong is not None and ("'" if single else '"') not in wrong:
                    yield finding(
                        rule, file.path, number, f"the string is in {'double' if single else 'single'} quotes"
                    )
                    break


def line_ends(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Blanks at the end of added lines, or a last line without its newline."""
    for file in delta.written(rule):
        if not file.language and not rule.params.get("within"):
            continue
        if rule.params.get("rule") == "final-newline":
            if file.after and not file.after.endswith("\n") and (file.new or file.before.endswith("\n")):
                yield finding(rule, file.path, file.after.count("\n") + 1, "the file does not end in a newline")
            continue
        for number, line in file.added_lines:
            if line != line.rstrip():
                yield finding(rule, file.path, number, "the line ends in blanks")
