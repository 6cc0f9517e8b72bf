"""The language and the spelling of comments, documents and names that a change adds."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from loopwright.core.checks import Finding
from loopwright.core.expression import expression
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules.delta import Delta, File, finding
from loopwright.guard.checks.rules.mask import comments, mask
from loopwright.guard.checks.rules.parse import parse
from loopwright.guard.letters import is_foreign
from loopwright.guard.policy_directives import strings

_DOCUMENT = expression(r"\.(?:md|mdx|rst|txt|adoc)$")
#: Files of other languages by intent.
_TRANSLATED = expression(
    r"(?:^|/)(?:i18n|l10n|locales?|translations?|lang|languages|messages|po)/|[._-](?:zh|cn|ja|jp|ko|kr|ru|uk|de|fr|es|pt)"
    r"(?:[-_][A-Za-z]{2,4})?\.\w+$|\.(?:po|pot|arb|strings|resx)$"
)
_BRITISH = (
    r"behaviours?|colou?red|colours?|favou?rites?|favours?|flavours?|honours?|labours?|neighbours?|humour|rumours?|harbours?|"
    r"centres?|metres?|litres?|fibres?|theatres?|defences?|offences?|licences?|catalogues?|dialogues?|analogues?|"
    r"greys?|artefacts?|judgements?|programmes?|modelling|modelled|labelling|labelled|travell(?:ing|ed)|fulfil(?:ment)?|"
    r"(?:initial|serial|normal|optim|custom|synchron|recogn|organ|local|author|categor|central|final|general|global|"
    r"harmon|minim|maxim|material|memor|modern|parallel|prior|random|special|standard|summar|token|util|visual|virtual|"
    r"sanit|parameter|analy|paraly|cataly)(?:is|ys)(?:e|es|ed|ing|ation|ations|er|ers)"
)
_AMERICAN = (
    r"behaviors?|colors?|colored|favorites?|favors?|flavors?|honors?|labors?|neighbors?|humor|rumors?|harbors?|"
    r"centers?|meters?|liters?|fibers?|theaters?|defenses?|offenses?|catalogs?|analogs?|grays?|artifacts?|modeling|modeled|"
    r"labeling|labeled|traveling|traveled|"
    r"(?:initial|serial|normal|optim|custom|synchron|recogn|organ|local|author|categor|central|final|general|global|"
    r"harmon|minim|maxim|material|memor|modern|parallel|prior|random|special|standard|summar|token|util|visual|virtual|"
    r"sanit|parameter|analy|paraly|cataly)(?:iz|yz)(?:e|es|ed|ing|ation|ations|er|ers)"
)
#: Spelled alike on both sides.
_ALIKE = frozenset({"colored", "favorite", "favorites", "analysis", "analyses", "finalist", "finalists"})


def text_language(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Comments, documents and names in another language, or words in another spelling, in added lines."""
    if spelling := rule.params.get("spelling"):
        yield from _spelled(rule, str(spelling), delta)
        return
    wanted, what = str(rule.params.get("language", "")), strings(rule, "what")
    for file in delta.written(rule):
        if _TRANSLATED.search(file.path):
            continue
        for number, text in _read(file, what):
            if number in file.added and is_foreign(text, wanted):
                yield finding(rule, file.path, number, f"`{text.strip()[:60]}` is not {wanted.capitalize()}")


def _read(file: File, what: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """What people read in a file, line by line."""
    if _DOCUMENT.search(file.path):
        if "docs" in what:
            yield from file.added_lines
        return
    if not file.language:
        return
    if "comments" in what:
        yield from comments(file.after, file.language)
        yield from _docstrings(file)
    if "names" in what:
        yield from enumerate(mask(file.after, file.language).split("\n"), 1)


def _docstrings(file: File) -> Iterator[tuple[int, str]]:
    tree = parse(file.after) if file.language == "python" else None
    lines = file.after.split("\n")
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                yield from ((n, lines[n - 1]) for n in range(first.lineno, (first.end_lineno or first.lineno) + 1))


def _spelled(rule: Directive, spelling: str, delta: Delta) -> Iterator[Finding]:
    pattern = re.compile(rf"\b(?:{_BRITISH if spelling == 'american' else _AMERICAN})\b", re.IGNORECASE)
    for file in delta.written(rule):
        if not (file.language or _DOCUMENT.search(file.path)) or _TRANSLATED.search(file.path):
            continue
        for number, line in file.added_lines:
            found = next((m[0] for m in pattern.finditer(line) if m[0].lower() not in _ALIKE), "")
            if found:
                yield finding(rule, file.path, number, f"`{found}` is not {spelling.capitalize()} spelling")
