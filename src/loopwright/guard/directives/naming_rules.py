"""Rules about names: cases, prefixes, suffixes and shapes."""

from __future__ import annotations

import re

from loopwright.core.expression import expression
from loopwright.core.fact import JsonValue
from loopwright.guard.directives import language, literals
from loopwright.guard.directives.patterns import Pattern
from loopwright.guard.directives.places import PARTS, globs_of_part, place
from loopwright.guard.directives.rule import Rule
from loopwright.guard.directives.statement import Statement

CASES = {
    "lowercase": r"lower-?case",
    "snake_case": r"snake[_ -]case|lower_with_under|lower_snake_case|蛇形",
    "camelCase": r"(?:lower[ _-]?)?camel[_ -]?case|小驼峰",
    "PascalCase": r"pascal[_ -]?case|(?:cap(?:ital)?words)|upper[ _-]?camel[ _-]?case|大驼峰",
    "kebab-case": r"kebab[_ -]?case|dash-case|hyphen-case",
    "UPPER_SNAKE_CASE": r"upper_(?:snake_)?case|screaming_snake(?:_case)?|all[_ -]caps|UPPERCASE|upper snake case|"
    r"upper_case_with_underscores|CONSTANT_CASE",
}


_CASE = {name: Pattern(rf"(?<![A-Za-z])(?:{pattern})(?![a-z])", re.IGNORECASE) for name, pattern in CASES.items()}


#: What is named, as rules say it.
SUBJECTS = (
    ("private variable", r"(?:private|protected|internal|instance|unused) (?:\w+ )?"
                         r"(?:variables?|fields?|members?|methods?|functions?|attributes?|propert(?:y|ies)|parameters?)"),
    ("boolean", r"booleans?\b"),
    ("async function", r"async(?:hronous)? (?:functions?|methods?)"),
    ("test function", r"test (?:functions?|methods?|names?|cases?)|tests? (?:are |be )?named|name (?:the )?tests?"),
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
    ("method", r"methods?\b|方法"),
    ("function", r"functions?\b|funcs?\b|函数"),
    ("variable", r"variables?\b|vars?\b|locals\b|parameters?\b|args\b|变量"),
    ("field", r"fields?\b|enumerators?\b|enum (?:values?|members?|cases?)\b|propert(?:y|ies)\b|attributes?\b|"
              r"columns?\b|keys?\b|props\b"),
    ("route", r"routes?\b|endpoints?\b|urls?\b|paths?\b"),
    ("branch", r"branch(?:es)?\b"),
    ("table", r"tables?\b"),
    ("event", r"events?\b"),
)  # fmt: skip


_SUBJECT = tuple(
    (name, Pattern(rf"\b(?:{pattern})" if pattern[0].isascii() else pattern, re.IGNORECASE))
    for name, pattern in SUBJECTS
)


_PREFIX = Pattern(
    r"\b(?:prefix(?:ed|es)?|start(?:s|ing)?|begin(?:s|ning)?)\b[^.;`]{0,40}`([\w.@{}<>-]+?)`|"
    r"\bnames? (?:must |should |always )*(?:start|begin)s? with \"(\w+)\"",
    re.IGNORECASE,
)


_SUFFIX = Pattern(
    r"\b(?:suffix(?:ed|es)?|end(?:s|ing)? (?:in|with)|postfix(?:ed)?)\b[^.;`]{0,40}`([\w.@{}<>-]+?)`|"
    r"`[-_.]?([A-Z]\w+|\.\w+)` suffix",
    re.IGNORECASE,
)


_PREFIX_AFTER = Pattern(r"`([\w.@{}<>-]+?)[*]?` prefix\b", re.IGNORECASE)


_NAMED = Pattern(
    r"\b(?:nam(?:e|ed|ing)|called|pattern|matching|convention|follow(?:s|ing)? the)\b[^.;`]{0,50}$|:\s*$|^$|命名",
    re.IGNORECASE,
)


_SHAPE = Pattern(r"^[\w.@/-]*(?:[*]|<[\w -]+>|\{[\w -]+\})[\w.@/*<>{} -]*$|^use[A-Z]\w*$|^Test[A-Z]?\w*$")


#: What a build does to names, told.
_TELLS = Pattern(r"\b(?:is|are|gets?) (?:automatically )?renamed\b|\brenamed? (?:at|during|by)\b", re.IGNORECASE)
#: Headings under which titles and texts are spoken of, no names of code.
_OF_MESSAGES = Pattern(r"\b(?:commits?|prs?|pull[- ]requests?|changelogs?)\b", re.IGNORECASE)


def naming(statement: Statement) -> Rule | None:
    """Cases, prefixes, suffixes and shapes of names."""
    plain = statement.plain
    if _TELLS.search(plain) or (statement.headings and _OF_MESSAGES.search(statement.headings[-1])):
        return None
    pairs = _cases(_VALUE.sub(_blanked, _AT_TOP.sub(_blanked, plain)), statement)
    why = "names that the change brings are judged"
    if pairs:
        judged = any(p["kind"] in CHECKED for p in pairs if isinstance(p, dict))
        params: dict[str, JsonValue] = {"names": pairs, **place(statement)}
        if "within" not in params and (extensions := _extensions(plain)):
            params["within"] = extensions
        return Rule("naming", params, "enforced" if judged else "partly", why)
    for pattern, position in ((_PREFIX, "prefix"), (_PREFIX_AFTER, "prefix"), (_SUFFIX, "suffix")):
        found = pattern.search(plain)
        subject = _subject_before(plain, found.start(), statement) if found else ""
        if found and subject and not re.search(r"\b(?:commit|pr title|pull request|message)\b", plain, re.IGNORECASE):
            text = next(g for g in found.groups() if g)
            if re.search(r"\w\.(?:py|ts|tsx|js|go|rs|rb|java|cs|md|json|ya?ml|toml)$", text):
                continue
            bare = re.sub(r"\{[^}]*\}|<[^>]*>", "*", text)
            pair: dict[str, JsonValue] = {"kind": subject, position: bare}
            kind_of = _OF_A_KIND.search(plain[: found.start()])
            where = _where(kind_of[1].lower(), statement) if kind_of else place(statement)
            ok = subject in CHECKED and "*" not in bare and where is not None
            return Rule("naming", {"names": [pair], **(where or {})}, "enforced" if ok else "partly", why)
    return _underscored(plain, statement) or _of_part(statement) or _shaped(statement)


#: "Services: PascalCase with `Service` suffix".
_PART = Pattern(rf"^\W*({PARTS})\W{{1,4}}[^`]{{0,30}}(?:`-?([A-Z]\w+)` suffix|suffix `-?([A-Z]\w+)`)", re.IGNORECASE)


def _of_part(statement: Statement) -> Rule | None:
    """The end of the names of classes of one part of the code, which lie in the folder of that name."""
    if not (found := _PART.match(statement.plain)):
        return None
    pair: dict[str, JsonValue] = {"kind": "class", "suffix": found[2] or found[3]}
    params: dict[str, JsonValue] = {"names": [pair], "within": [*globs_of_part(found[1].lower())]}
    return Rule("naming", params, "enforced", "names that the change brings in the folder of that name are judged")


_UNDERSCORE = Pattern(
    r"\b(?:leading underscores?|(?:start|begin|prefix)\w* (?:with )?(?:an? )?(?:leading )?underscores?)\b",
    re.IGNORECASE,
)


def _underscored(plain: str, statement: Statement) -> Rule | None:
    """ "No class name may start with an underscore", "private methods start with an underscore"."""
    found = _UNDERSCORE.search(plain)
    subject = _subject_before(plain, found.start(), statement) if found else ""
    if not found or subject not in CHECKED:
        return None
    pair: dict[str, JsonValue] = {"kind": subject, ("forbid" if language.forbids(statement) else "prefix"): "_*"}
    if "prefix" in pair:
        return None
    return Rule("naming", {"names": [pair], **place(statement)}, "enforced", "names that the change brings are judged")


#: "Service classes", "helper classes": the word before says which ones are meant.
_OF_A_KIND = Pattern(
    r"\b(?!(?:all|new|every|each|the|any|our|your|public|private|and|or|of|in|for|react|typescript|java|"
    r"python)\b)(\w+) classes\b",
    re.IGNORECASE,
)


def _where(kind: str, statement: Statement) -> dict[str, JsonValue] | None:
    """Where the classes of a kind lie; None where no path shows it."""
    if kind in ("test", "tests"):
        return {"where": "tests"}
    return {"within": [*globs_of_part(kind)]} if re.fullmatch(PARTS, kind) else None


def _subject_before(plain: str, end: int, statement: Statement) -> str:
    """What is named last before a word of its own clause, else what the sentence speaks of first."""
    clause = re.split(r"[,;.]\s", re.sub(r"`[^`]*`", " ", plain[:end]))[-1]
    found = ((m.end(), -m.start(), name) for name, pattern in _SUBJECT for m in pattern.finditer(clause))
    last = max(found, default=None)
    return last[2] if last else _subject(plain, statement)


#: Back-ticked examples of names (`NodeKind::Func`, `password-input.tsx`), which say nothing of what is named.
_VALUE = expression(r"`[^`]*(?:::|\.[a-z]|[a-z][A-Z]|[A-Z][a-z]|[a-z][-_][a-z])[^`]*`")


#: Where names stand, not what is named.
_AT_TOP = expression(
    r"\b(?:module|file|package|class|top|function)-level\b|\bat (?:the )?top of (?:the |each |every )?(?:files?|"
    r"modules?)\b",
    re.IGNORECASE,
)


_ANY_CASE = expression("|".join(CASES.values()), re.IGNORECASE)


def _blanked(found: re.Match[str]) -> str:
    text = found[0]
    return text if _ANY_CASE.search(text) else " " * len(text)


#: Kinds of names whose declarations the checks find.
CHECKED = frozenset(
    {
        "function",
        "async function",
        "package",
        "variable",
        "class",
        "constant",
        "method",
        "file",
        "directory",
        "component",
        "component file",
        "hook",
        "test function",
        "test file",
        "interface",
        "type",
        "enum",
    }
)


def _cases(plain: str, statement: Statement) -> list[JsonValue]:
    """Pairs of what is named and its case: "PascalCase for components", "classes: `PascalCase`"."""
    marks = sorted((m.start(), m.end(), name) for name, pattern in _CASE.items() for m in pattern.finditer(plain))
    if not marks:
        return []
    marks = [m for i, m in enumerate(marks) if not i or m[0] >= marks[i - 1][1]]
    marks = [m for m, after in zip(marks, [*marks[1:], None], strict=True) if not _qualifies(m, after)]
    found = sorted(
        ((m.start(), m.end(), name) for name, pattern in _SUBJECT for m in pattern.finditer(plain)),
        key=lambda s: (s[0], -s[1]),
    )
    subjects = [s for i, s in enumerate(found) if not any(o[0] <= s[0] and s[1] <= o[1] and o != s for o in found[:i])]
    pairs: list[JsonValue] = []
    for index, (start, end, case) in enumerate(marks):
        left = marks[index - 1][1] if index else 0
        right = marks[index + 1][0] if index + 1 < len(marks) else len(plain)
        after = (
            _near([s for s in subjects if end <= s[0] < right], plain, end)
            if (start < 3 and re.match(r"`?: ", plain[end:]))
            or re.match(r"[`)\"' ]*(?:for\b|in\b|on\b|naming for\b|names? for\b|\()", plain[end:])
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
        around = _subject(
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
            r"`? |/|, | and | or ", plain[found[-1][1] if found else end : subject[0]]
        ):
            found.append(subject)
    return found


def _qualifies(mark: tuple[int, int, str], after: tuple[int, int, str] | None) -> bool:
    """True for a word that only describes the case after it: "lowercase kebab-case"."""
    return mark[2] == "lowercase" and after is not None and after[0] - mark[1] <= 2


_EXTENSION = expression(r"`?\.\{?[a-z]{1,5}\b")
_CASE_AND_EXTENSION = Pattern(r"case(?:`)?\.((?:[a-z][\w-]*\.)*)\{?([a-z]{1,5}(?:,[a-z]{1,5})*)\}?", re.IGNORECASE)


def _extensions(plain: str) -> list[JsonValue]:
    """Globs of the files that a case with an extension speaks of: `kebab-case.tsx`."""
    found = _CASE_AND_EXTENSION.search(plain)
    return [f"*.{found[1]}{one}" for one in found[2].split(",")] if found else []


def _near(subjects: list[tuple[int, int, str]], plain: str, end: int) -> list[tuple[int, int, str]]:
    """Subjects up to the end of their clause."""
    stop = re.search(r"[.;]|, (?=`?\w+[_-]?[Cc]ase)|(?<=\w) \(", plain[end:])
    limit = end + stop.start() if stop else len(plain)
    return [s for s in subjects if s[0] < limit]


def _subject(text: str, statement: Statement) -> str:
    outside = re.sub(r"`[^`]*`", "", text)
    return next((name for name, pattern in _SUBJECT if pattern.search(outside)), "")


#: Under a heading of names: "Use `*_test.go` for test files".
_USE_FOR = Pattern(
    r"^\W*use `[^`]+` for (?:[\w-]+ ){0,2}(?:files?|modules?|hooks?|components?|tests?|classes)\b", re.IGNORECASE
)


def _shaped(statement: Statement) -> Rule | None:
    """A shape of names: "Test files: `test_*.py`", "Name hooks `useThing`", "Never name tests `TestIssue1234`"."""
    plain = statement.plain
    titled = bool(statement.headings) and "naming" in statement.headings[-1].lower() and _USE_FOR.match(plain)
    if (
        not titled
        and not re.search(r"\bnam(?:e|es|ed|ing)\b|\bpattern:|命名", plain, re.IGNORECASE)
        and not re.match(
            r"^(?:\w+ ){0,2}(?:files?|modules?|functions?|hooks?|components?|classes|tests?|types?|"
            r"methods?)\s*(?:\(.{0,20}\))?:\s*`",
            plain,
            re.IGNORECASE,
        )
    ):
        return None
    subject = _subject(plain, statement)
    for word in literals.words(statement):
        if (
            not _SHAPE.match(word.text)
            or "/" in word.text.strip("/")
            or not (titled or _NAMED.search(plain[: word.start].rstrip(" -–—")))
        ):
            continue
        kind = subject or _subject(
            f"{statement.label} {statement.headings[-1] if statement.headings else ''}", statement
        )
        if not kind:
            continue
        if re.search(r"\.\w+$", word.text) and "file" not in kind:
            kind = "test file" if re.search(r"test|spec", word.text) else "file"
        others = [
            o.text
            for o in literals.words(statement)
            if o.start > word.end
            and _SHAPE.match(o.text)
            and o.against == word.against
            and re.fullmatch(r"(?:, |,? or |/|,? and |`[^`]*`)+", plain[word.end : o.start])
        ]
        ok = kind in CHECKED and bool(re.search(r"[*<{]", word.text) or word.against)
        shape: dict[str, JsonValue] = {
            "kind": kind,
            "forbid" if word.against else "shape": re.sub(r"<[^>]*>|\{[^}]*\}", "*", "|".join([word.text, *others])),
        }
        return Rule(
            "naming",
            {"names": [shape], **place(statement)},
            "enforced" if ok else "partly",
            "names that the change brings are judged",
        )
    return None
