"""Constructs that a change must not bring in, found on the syntax tree of its files."""

from __future__ import annotations

from collections.abc import Iterator

from loopwright.core.checks import Finding
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules import syntax_grammar, syntax_python, syntax_script, syntax_text
from loopwright.guard.checks.rules.delta import Delta, File, finding, fresh

Places = list[tuple[int, str]]
#: Files of markup, whose constructs are looked for though they are no code.
_MARKUP = (".html", ".htm", ".erb", ".hbs", ".j2", ".jinja", ".jinja2", ".twig", ".ejs", ".liquid", ".cshtml")


def forbidden_syntax(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Every new place where the construct stands."""
    what = str(rule.params.get("what", ""))
    for file in delta.written(rule):
        if not file.language and not (what == "inline_style" and file.path.endswith(_MARKUP)):
            continue
        before, after = _places(what, file.before, file), _places(what, file.after, file)
        for line, reason in fresh(before, after, file.before, file.after):
            yield finding(rule, file.path, line, reason)


def _places(what: str, text: str, file: File) -> Places:
    if not text.strip():
        return []
    if file.language == "python":
        return syntax_python.find(what, text, file.path)
    if file.language in ("javascript", "typescript"):
        return syntax_script.find(what, text, file.path)
    found = syntax_grammar.find(what, text, file.language)
    return syntax_text.find(what, text, file.language) if found is None else found
