"""Cases of names: what a sentence names, and in which case it is written."""

from __future__ import annotations

import re

from loopwright.core.expression import expression
from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement

CASES = {
    "lowercase": r"lower[- ]?case",
    "snake_case": r"snake[_ -]case|lower_snake(?!_case)|lower_with_under|lower_snake_case|蛇形",
    "camelCase": r"(?:lower[ _-]?)?camel[_ -]?case|小驼峰",
    "PascalCase": r"pascal[_ -]?case|(?:cap(?:ital)?words)|upper[ _-]?camel(?:[ _-]?case)?|大驼峰",
    "kebab-case": r"kebab[_ -]?case|dash-case|hyphen-case",
    "UPPER_SNAKE_CASE": r"upper_(?:snake_)?case|screaming_snake(?:_case)?|all[_ -]caps|UPPERCASE|upper snake case|"
    r"(?<=constants are )(?:in )?upper[- ]case|(?<=members are )upper[- ]case|(?<=values are )upper[- ]case|"
    r"upper[- ]case (?=constants)|upper_case_with_underscores|CONSTANT_CASE",
}


_CASE = {name: Pattern(rf"(?<![A-Za-z])(?:{pattern})(?![a-z])", re.IGNORECASE) for name, pattern in CASES.items()}


#: What is named, as rules say it.
SUBJECTS = (
    ("private variable", r"(?:private|protected|internal|instance|unused) (?:\w+ )?"
                         r"(?:variables?|fields?|members?|methods?|functions?|attributes?|propert(?:y|ies)|"
                         r"parameters?)"),
    ("boolean", r"booleans?\b"),
    ("macro", r"macros?\b"),
    ("composable", r"composables?\b"),
    ("type parameter", r"(?:template|type|generic) param(?:eter)?s?\b"),
    ("async function", r"async(?:hronous)? (?:functions?|methods?)"),
    ("test function", r"test (?:functions?|methods?|names?|cases?)|tests? (?:are |be )?(?:named|called)|"
                      r"name (?:the )?tests?"),
    ("test file", r"test (?:files?|modules?|classes)|spec files"),
    ("package", r"crates?\b(?: names?)?|(?:npm |published )packages? names?\b"),
    ("component file", r"component files?(?: ?names?)?"),
    ("directory", r"director(?:y|ies)|folders?|packages?(?= names?|/)|目录"),
    ("file", r"file(?:s|names?| names?)?\b|modules?\b|文件名?"),
    ("component", r"components?\b|组件"),
    ("hook", r"hooks?\b"),
    ("constant", r"const(?:ant)?s?\b(?! enum)|env(?:ironment)? (?:vars?|variables)|常量"),
    ("class", r"class(?:es)?\b|structs?\b|exceptions?\b|models?\b|类名?(?!型)"),
    ("interface", r"interfaces?\b|接口"),
    ("type", r"types?\b(?! hints?)|type aliases|类型"),
    ("enum", r"enums?\b"),
    ("method", r"methods?\b|[gs]etters?\b|accessors?\b|方法"),
    ("function", r"functions?\b|funcs?\b|函数"),
    ("variable", r"variables?\b|vars?\b|locals\b|parameters?\b|args\b|变量"),
    ("field", r"fields?\b|enumerators?\b|enum (?:values?|members?|cases?)\b|propert(?:y|ies)\b|attributes?\b|"
              r"columns?\b|keys?\b|props\b"),
    ("route", r"routes?\b|endpoints?\b|urls?\b|paths?\b"),
    ("branch", r"branch(?:es)?\b"),
    ("table", r"tables?\b"),
    ("event", r"events?\b"),
)  # fmt: skip


NAMED_THINGS = tuple(
    (name, Pattern(rf"\b(?:{pattern})" if pattern[0].isascii() else pattern, re.IGNORECASE))
    for name, pattern in SUBJECTS
)


def cases_of(plain: str, statement: Statement) -> list[JsonValue]:
    """Pairs of what is named and its case: "PascalCase for components", "classes: `PascalCase`"."""
    marks = sorted((m.start(), m.end(), name) for name, pattern in _CASE.items() for m in pattern.finditer(plain))
    if not marks:
        return []
    marks = [m for i, m in enumerate(marks) if not i or m[0] >= marks[i - 1][1]]
    marks = [m for m, after in zip(marks, [*marks[1:], None], strict=True) if not _qualifies(m, after)]
    found = sorted(
        ((m.start(), m.end(), name) for name, pattern in NAMED_THINGS for m in pattern.finditer(plain)),
        key=lambda s: (s[0], -s[1]),
    )
    subjects = [s for i, s in enumerate(found) if not any(o[0] <= s[0] and s[1] <= o[1] and o != s for o in found[:i])]
    pairs: list[JsonValue] = []
    for index, (start, end, case) in enumerate(marks):
        left = marks[index - 1][1] if index else 0
        right = marks[index + 1][0] if index + 1 < len(marks) else len(plain)
        after = (
            _near([s for s in subjects if end <= s[0] < right], plain, end)
            if (start < 3 and regex.match(r"`?: ", plain[end:]))
            or regex.match(r"[`)\"' ]*(?:for\b|in\b|on\b|naming for\b|names? for\b|\()", plain[end:])
            else _beside(subjects, plain, end, right)
        )
        before = [] if after else [s for s in subjects if left <= s[0] < start]
        if plain[end : end + 2] in ("-s", "-S") or (start and plain[start - 1] in "-_"):
            continue
        extension = _EXTENSION.match(plain, end)
        capital = case == "camelCase" and plain[start] == "C"
        for name in dict.fromkeys(s[2] for s in (after or before)):
            as_types = capital and name in ("class", "type", "interface", "enum", "component")
            pair: dict[str, JsonValue] = {"kind": name, "case": "PascalCase" if as_types else case}
            if extension and name not in ("file", "directory", "test file"):
                pair = {"kind": "file", "case": case, "of": name}
            if pair not in pairs:
                pairs.append(pair)
    if not pairs and marks and len(marks) == 1:
        around = subject_of(
            f"{statement.label} {statement.headings[-1] if statement.headings else ''} {statement.lead}", statement
        )
        if around:
            pairs.append({"kind": around, "case": marks[0][2]})
    return pairs


def _beside(subjects: list[tuple[int, int, str]], plain: str, end: int, right: int) -> list[tuple[int, int, str]]:
    """What stands right after a case in a list of such pairs: "snake_case files/methods, PascalCase classes"."""
    found: list[tuple[int, int, str]] = []
    for subject in subjects:
        if end <= subject[0] < right and re.fullmatch(
            r"`? |/|, | and | or " if found else r"`? |/", plain[found[-1][1] if found else end : subject[0]]
        ):
            found.append(subject)
    return found


def _qualifies(mark: tuple[int, int, str], after: tuple[int, int, str] | None) -> bool:
    """True for a word that only describes the case after it: "lowercase kebab-case"."""
    return mark[2] == "lowercase" and after is not None and after[0] - mark[1] <= 2


_EXTENSION = expression(r"`?\.\{?[a-z]{1,5}\b")


def _near(subjects: list[tuple[int, int, str]], plain: str, end: int) -> list[tuple[int, int, str]]:
    """Subjects up to the end of their clause."""
    stop = regex.search(r"[.;]|, (?=`?\w+[_-]?[Cc]ase)|(?<=\w) \(", plain[end:])
    limit = end + stop.start() if stop else len(plain)
    return [s for s in subjects if s[0] < limit]


def subject_of(text: str, statement: Statement) -> str:
    outside = regex.sub(r"`[^`]*`", "", text)
    return next((name for name, pattern in NAMED_THINGS if pattern.search(outside)), "")
