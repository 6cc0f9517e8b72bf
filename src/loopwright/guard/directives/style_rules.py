"""Rules about names, layout, types and documentation of code."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives import language, literals
from loopwright.guard.directives.markdown import Statement
from loopwright.guard.directives.places import place
from loopwright.guard.directives.rule import Rule

CASES = {
    "snake_case": r"snake[_ -]case|lower_with_under|lower_snake_case|蛇形",
    "camelCase": r"(?:lower )?camel[_ -]?case|小驼峰",
    "PascalCase": r"pascal[_ -]?case|(?:cap(?:ital)?words)|upper camel ?case|大驼峰",
    "kebab-case": r"kebab[_ -]?case|dash-case|hyphen-case",
    "UPPER_SNAKE_CASE": r"upper_(?:snake_)?case|screaming_snake(?:_case)?|all[_ -]caps|UPPERCASE|upper snake case|"
    r"upper_case_with_underscores|CONSTANT_CASE",
}
CASES["lowercase"] = r"lower-?case"
_CASE = {name: re.compile(rf"(?<![A-Za-z])(?:{pattern})(?![a-z])", re.IGNORECASE) for name, pattern in CASES.items()}
#: What is named, as rules say it.
SUBJECTS = (
    ("test function", r"test (?:functions?|methods?|names?|cases?)|tests? (?:are |be )?named|name (?:the )?tests?"),
    ("test file", r"test (?:files?|modules?|classes)|spec files"),
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
    ("field", r"fields?\b|propert(?:y|ies)\b|attributes?\b|columns?\b|keys?\b|props\b"),
    ("route", r"routes?\b|endpoints?\b|urls?\b|paths?\b"),
    ("branch", r"branch(?:es)?\b"),
    ("table", r"tables?\b"),
    ("event", r"events?\b"),
)  # fmt: skip
_SUBJECT = tuple(
    (name, re.compile(rf"\b(?:{pattern})" if pattern[0].isascii() else pattern, re.IGNORECASE))
    for name, pattern in SUBJECTS
)
_PREFIX = re.compile(
    r"\b(?:prefix(?:ed|es)?|start(?:s|ing)?|begin(?:s|ning)?)\b[^.;`]{0,40}`([\w.@{}<>-]+?)`", re.IGNORECASE
)
_SUFFIX = re.compile(
    r"\b(?:suffix(?:ed|es)?|end(?:s|ing)? (?:in|with)|postfix(?:ed)?)\b[^.;`]{0,40}`([\w.@{}<>-]+?)`|"
    r"`[-_.]?([A-Z]\w+|\.\w+)` suffix",
    re.IGNORECASE,
)
_PREFIX_AFTER = re.compile(r"`([\w.@{}<>-]+?)[*]?` prefix\b", re.IGNORECASE)
_NAMED = re.compile(
    r"\b(?:nam(?:e|ed|ing)|called|pattern|matching|convention|follow(?:s|ing)? the)\b[^.;`]{0,50}$|:\s*$|^$|命名",
    re.IGNORECASE,
)
_SHAPE = re.compile(r"^[\w.@/-]*(?:[*]|<[\w -]+>|\{[\w -]+\})[\w.@/*<>{} -]*$|^use[A-Z]\w*$|^Test[A-Z]?\w*$")
_NOT_NAMES = re.compile(
    r"\b(?:snapshot|stack|tech|install|run|execute|located|lives?|see|import(?:s|ed)?|dependenc|command|"
    r"runs?|template)\b",
    re.IGNORECASE,
)


def naming(statement: Statement) -> Rule | None:
    """Cases, prefixes, suffixes and shapes of names."""
    plain = statement.plain
    pairs = _cases(plain, statement)
    why = "names that the change brings are judged"
    if pairs:
        judged = any(p["kind"] in CHECKED for p in pairs if isinstance(p, dict))
        return Rule("naming", {"names": pairs, **place(statement)}, "enforced" if judged else "partly", why)
    subject = _subject(plain, statement)
    for pattern, position in ((_PREFIX, "prefix"), (_PREFIX_AFTER, "prefix"), (_SUFFIX, "suffix")):
        found = pattern.search(plain)
        if found and subject and not re.search(r"\b(?:commit|pr title|pull request|message)\b", plain, re.IGNORECASE):
            text = next(g for g in found.groups() if g)
            bare = re.sub(r"\{[^}]*\}|<[^>]*>", "*", text)
            pair: dict[str, JsonValue] = {"kind": subject, position: bare}
            ok = subject in CHECKED and "*" not in bare
            return Rule("naming", {"names": [pair], **place(statement)}, "enforced" if ok else "partly", why)
    return _shaped(statement, subject)


#: Kinds of names whose declarations the checks find.
CHECKED = frozenset(
    {
        "function",
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
        "branch",
    }
)


def _cases(plain: str, statement: Statement) -> list[JsonValue]:
    """Pairs of what is named and its case: "PascalCase for components", "classes: `PascalCase`"."""
    marks = sorted((m.start(), m.end(), name) for name, pattern in _CASE.items() for m in pattern.finditer(plain))
    marks = [m for i, m in enumerate(marks) if not i or m[0] >= marks[i - 1][1]]
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
            if re.match(r"[`)\"' ]*(?:for\b|in\b|on\b|naming for\b|names? for\b|\()", plain[end:])
            else []
        )
        before = [] if after else [s for s in subjects if left <= s[0] < start]
        for name in dict.fromkeys(s[2] for s in (after or before)):
            pairs.append({"kind": name, "case": case})
    if not pairs and marks and len(marks) == 1:
        around = _subject(
            f"{statement.label} {statement.headings[-1] if statement.headings else ''} {statement.lead}", statement
        )
        if around:
            pairs.append({"kind": around, "case": marks[0][2]})
    return pairs


def _near(subjects: list[tuple[int, int, str]], plain: str, end: int) -> list[tuple[int, int, str]]:
    """Subjects up to the end of their clause."""
    stop = re.search(r"[.;]|, (?=`?\w+[_-]?[Cc]ase)", plain[end:])
    limit = end + stop.start() if stop else len(plain)
    return [s for s in subjects if s[0] < limit]


def _subject(text: str, statement: Statement) -> str:
    outside = re.sub(r"`[^`]*`", "", text)
    return next((name for name, pattern in _SUBJECT if pattern.search(outside)), "")


def _shaped(statement: Statement, subject: str) -> Rule | None:
    """A shape of names: "Test files: `test_*.py`", "Name hooks `useThing`", "Never name tests `TestIssue1234`"."""
    plain = statement.plain
    if not re.search(r"\bnam(?:e|es|ed|ing)\b|\bpattern:|命名", plain, re.IGNORECASE) and not re.match(
        r"^(?:\w+ ){0,2}(?:files?|modules?|functions?|hooks?|components?|classes|tests?|types?|"
        r"methods?)\s*(?:\(.{0,20}\))?:\s*`",
        plain,
        re.IGNORECASE,
    ):
        return None
    for word in literals.words(statement):
        if (
            not _SHAPE.match(word.text)
            or "/" in word.text.strip("/")
            or not _NAMED.search(plain[: word.start].rstrip(" -–—"))
        ):
            continue
        kind = subject or _subject(
            f"{statement.label} {statement.headings[-1] if statement.headings else ''}", statement
        )
        if not kind:
            continue
        ok = kind in CHECKED and bool(re.search(r"[*<{]", word.text) or word.against)
        shape: dict[str, JsonValue] = {
            "kind": kind,
            "forbid" if word.against else "shape": re.sub(r"<[^>]*>|\{[^}]*\}", "*", word.text),
        }
        return Rule(
            "naming",
            {"names": [shape], **place(statement)},
            "enforced" if ok else "partly",
            "names that the change brings are judged",
        )
    return None


_FORMATTERS = [
    "prettier",
    "black",
    "biome",
    "gofmt",
    "gofumpt",
    "rustfmt",
    "spotless",
    "google java format",
    "clang-format",
    "ktlint",
    "oxfmt",
    "ruff format",
    "ruff",
    "eslint + prettier",
    "isort",
    "yapf",
    "dprint",
    "swiftformat",
    "goimports",
    "cargo fmt",
    "csharpier",
    "laravel pint",
    "php-cs-fixer",
    "stylua",
    "mix format",
]
_FORMATTER = re.compile(
    r"\b(" + "|".join(re.escape(name) for name in sorted(_FORMATTERS, key=len, reverse=True)) + r")\b", re.IGNORECASE
)
_FORMATS = re.compile(
    r"\b(?:format(?:ted|ting|ter|s)?|style|enforce[sd]?|tabs|spaces|code style|follow|use|indent\w*)\b|格式",
    re.IGNORECASE,
)


def formatter(statement: Statement) -> Rule | None:
    """A formatter that the code must conform to."""
    plain = statement.plain
    found = _FORMATTER.search(plain)
    if not found or not _FORMATS.search(plain) or (language.forbids(statement) and not re.search(r"\bonly\b", plain)):
        return None
    if (
        re.search(r"\b(?:runs? automatically|on commit|pre-commit|hooks?|if you|when you)\b", plain, re.IGNORECASE)
        or len(plain) > 200
    ):
        return None
    name = found[1].lower()
    ok = name in ("black", "ruff", "ruff format", "isort", "prettier", "biome", "gofmt", "rustfmt", "cargo fmt")
    return Rule(
        "formatter",
        {"tool": name},
        "enforced" if ok else "partly",
        "the formatter is run in check mode on the changed files where it is installed",
    )


_LINE_LENGTH = re.compile(
    r"\b(?:line[- ]?length|max(?:imum)? line|lines?|column|columns|print ?width|"
    r"line width)\b[^.;\d]{0,40}?\b(?:is |of |at |to |under |below |= ?|: ?|<=? ?)?(\d{2,3})\b(?!\s*(?:%|"
    r"lines|files))|\b(\d{2,3})[- ](?:char(?:acter)?s?|columns?)\b(?:[^.;]{0,25}\b(?:line|limit|width|"
    r"max))?",
    re.IGNORECASE,
)
_FILE_LINES = re.compile(
    r"\b(?:files?|modules?|components?|class(?:es)?|source)\b[^.;]{0,60}?\b(?:under|below|less than|"
    r"fewer than|at most|max(?:imum)?(?: of)?|exceed(?:ing)?|no more than|within|over|up to|longer than|"
    r"larger than|more than|beyond|<=?|>|~|limit(?:ed)? to)\s*(?:of\s+)?~?(\d{2,5})\s*(?:lines|LOC|loc)\b|"
    r"\b(\d{2,5})[- ]lines?\b[^.;]{0,30}\b(?:files?|modules?|components?)\b|"
    r"\bmax(?:imum)? (\d{2,5}) lines per (?:file|module|component)",
    re.IGNORECASE,
)
_FUNCTION_LINES = re.compile(
    r"\b(?:functions?|methods?)\b[^.;]{0,60}?\b(?:under|below|less than|fewer than|at most|"
    r"max(?:imum)?(?: of)?|exceed(?:ing)?|no more than|within|over|longer than|<=?|>|"
    r"~)\s*~?(\d{1,4})\s*(?:lines|LOC)\b",
    re.IGNORECASE,
)
_DIFF_SIZE = re.compile(
    r"\b(?:prs?|pull requests?|diffs?|changes?|changesets?|patch(?:es)?|commits?)\b[^.;]{0,60}?\b(?:under|"
    r"below|less than|fewer than|at most|max(?:imum)?(?: of)?|exceed(?:ing)?|no more than|within|over|>|"
    r"<=?|~)\s*~?(\d{1,5})\s*(?:changed |modified )?(lines|loc|files)\b|[<≤]\s*(\d{2,5})\s+(lines|"
    r"files)\b[^.;]{0,30}\b(?:prs?|diffs?|changes?)",
    re.IGNORECASE,
)
_COVERAGE = re.compile(
    r"\bcoverage\b[^.;\d]{0,50}?(>=?|<=?|at least|above|over|minimum|min|below|exceed|"
    r"≥)?\s*(?:of\s+)?(\d{2,3})\s*%|(>=?|at least|minimum|above|"
    r"over)?\s*(\d{2,3})\s*%\+?\s*(?:\w+\s+){0,3}coverage",
    re.IGNORECASE,
)
_INDENT = re.compile(
    r"\b(?:indent\w*)\b[^.;]{0,40}?\b(?:(\d) ?-?spaces?|(tabs?))\b|\b(\d)[- ]spaces?\b[^.;]{0,20}\bindent|"
    r"\b(two|four)[- ]spaces?\b|\b(tabs) (?:for|not)\b|\buse (tabs)\b|^(?:use )?(\d)[- ]spaces?\b",
    re.IGNORECASE,
)
_QUOTES = re.compile(r"\b(single|double)[- ]quotes?\b|\b(single|double)[- ]quoted\b|单引号|双引号", re.IGNORECASE)


def limits_row(statement: Statement) -> Rule | None:
    """A row of a table of limits: a kind of file, and the lines it may have."""
    if not statement.cells or not re.match(r"^`?\*{0,2}/?\*?\.[a-z]{1,5}`?$", statement.cells[0]):
        return None
    columns = [(h.lower(), c) for h, c in zip(statement.header, statement.cells, strict=False)]
    lines = [
        (h, int(c.strip("` ")))
        for h, c in columns
        if c.strip("` ").isdigit() and not re.search(r"length|column|width|char", h)
    ]
    if not lines or not re.search(
        r"\b(?:lines?|max|limit|hard|soft|warn|size|loc)\b", " ".join(statement.header), re.IGNORECASE
    ):
        return None
    most = max(n for _, n in lines)
    return Rule(
        "max_file_lines",
        {"n": most, "globs": ["*" + statement.cells[0].strip("`*/ ")]},
        "enforced",
        "changed files that grew beyond it are named",
    )


def limits(statement: Statement) -> Rule | None:
    """Numbers: line length, file and diff size, coverage."""
    plain = statement.plain
    if not re.search(r"\d", plain):
        return None
    if found := _COVERAGE.search(plain):
        op = ">" if (found[1] or found[3] or "") in (">", "above", "over", "exceed") else ">="
        return Rule(
            "coverage_min",
            {"n": int(found[2] or found[4]), "op": op},
            "partly",
            "judged from the coverage report that the project's own test run leaves; without one nothing is claimed",
        )
    if found := _DIFF_SIZE.search(plain):
        return Rule(
            "diff_size",
            {
                "n": int(found[1] or found[3]),
                "unit": "files" if (found[2] or found[4] or "").lower() == "files" else "lines",
            },
            "enforced",
            "the change is counted",
        )
    if found := _FILE_LINES.search(plain):
        return Rule(
            "max_file_lines",
            {"n": int(next(g for g in found.groups() if g)), **place(statement)},
            "enforced",
            "changed files that grew beyond it are named",
        )
    if found := _FUNCTION_LINES.search(plain):
        return Rule(
            "max_file_lines",
            {"n": int(found[1]), "of": "function", **place(statement)},
            "enforced",
            "functions of changed files are measured",
        )
    found = _LINE_LENGTH.search(plain)
    if (
        found
        and re.search(r"\b(?:char|column|length|width|limit|max|wrap)", plain, re.IGNORECASE)
        and not re.search(r"\b(?:commit|subject|message|title)\b", plain, re.IGNORECASE)
    ):
        number = int(found[1] or found[2])
        if 40 <= number <= 400:
            return Rule("max_line_length", {"n": number, **place(statement)}, "enforced", "added lines are measured")
    return None


def layout(statement: Statement) -> Rule | None:
    """Indentation and quotes."""
    plain = statement.plain
    if len(plain) > 160:
        return None
    if found := _INDENT.search(plain):
        word = next((g for g in found.groups() if g), "")
        size = {"two": 2, "four": 4}.get(word.lower()) or (int(word) if word.isdigit() else 0)
        return Rule(
            "indentation",
            {"style": "spaces" if size else "tab", **({"n": size} if size else {}), **_languages(plain)},
            "enforced",
            "added lines are judged",
        )
    if (found := _QUOTES.search(plain)) and not re.search(r"\btriple\b", plain, re.IGNORECASE):
        style = (found[1] or found[2] or ("single" if "单" in plain else "double")).lower()
        return Rule("quotes", {"style": style, **_languages(plain)}, "enforced", "strings in added lines are judged")
    return None


def _languages(plain: str) -> dict[str, JsonValue]:
    found: list[JsonValue] = [
        name
        for name, pattern in (
            ("python", r"\bpython\b"),
            ("typescript", r"\btypescript|\bts\b|tsx"),
            ("javascript", r"\bjavascript|\bjs\b|jsx"),
            ("json", r"\bjson\b"),
            ("yaml", r"\byaml\b"),
        )
        if re.search(pattern, plain, re.IGNORECASE)
    ]
    return {"languages": found} if found else {}


_STYLE = re.compile(
    r"\b(google|numpy(?:doc)?|sphinx|restructuredtext|rest|epytext|"
    r"reST)(?:[- ]style)?\b[^.;]{0,30}\bdocstrings?\b|\bdocstrings?\b[^.;]{0,60}\b(google|numpy(?:doc)?|"
    r"sphinx|restructuredtext|reST)\b|\bnumpydoc\b",
    re.IGNORECASE,
)
_DOCUMENTED = re.compile(
    r"\b(?:docstrings?|jsdoc|tsdoc|godoc|javadoc|rustdoc|doc comments?|kdoc|phpdoc|yard|documentation comments?)\b",
    re.IGNORECASE,
)
_PUBLIC = re.compile(
    r"\b(?:public|exported|all|every|each|new)\b[^.;]{0,40}\b(?:functions?|methods?|classes|class|apis?|"
    r"symbols?|types?|interfaces?|modules?|members?|items?|components?)\b|公共|公开|导出",
    re.IGNORECASE,
)
_HINTS = re.compile(
    r"\b(?:type[- ](?:hints?|annotat\w*)|typed (?:function|signature)s?|annotate (?:all|every|types)|"
    r"fully typed|full typing|type-?annotated|explicit (?:return )?types?|return types?)\b|类型(?:注解|标注|提示)",
    re.IGNORECASE,
)


def documentation(statement: Statement) -> Rule | None:
    """Docstrings: there, and in one style."""
    plain = statement.plain
    if language.forbids(statement):
        return None
    if found := _STYLE.search(plain):
        style = (found[1] or found[2] or "numpy").lower().replace("numpydoc", "numpy")
        return Rule(
            "docstring_style",
            {"style": {"restructuredtext": "sphinx", "rest": "sphinx"}.get(style, style)},
            "partly",
            "ruff's docstring rules judge the changed Python files",
        )
    if _DOCUMENTED.search(plain) and (
        _PUBLIC.search(plain)
        or re.search(
            r"\b(?:required|must have|write docstrings|add docstrings|include docstrings)\b", plain, re.IGNORECASE
        )
    ):
        return Rule(
            "require_docstring",
            {"scope": "public", **place(statement)},
            "enforced",
            "new public functions and classes without one are named (Python, JavaScript, TypeScript)",
        )
    return None


def type_annotations(statement: Statement) -> Rule | None:
    """Type hints on what is defined."""
    plain = statement.plain
    if (
        not _HINTS.search(plain)
        or language.forbids(statement)
        or re.search(r"\b(?:infer|inference|check(?:er|ed|ing)?)\b", plain, re.IGNORECASE)
    ):
        return None
    if not (
        re.search(
            r"\b(?:use|add|include|require[sd]?|must|all|every|always|with|provide|write|need|new|strict|"
            r"mandatory|prefer|should)\b|使用|添加|必须",
            plain,
            re.IGNORECASE,
        )
        or len(plain) < 60
    ):
        return None
    scope = "public" if re.search(r"\bpublic|exported\b", plain, re.IGNORECASE) else "all"
    return Rule(
        "type_annotations",
        {"scope": scope, **place(statement)},
        "enforced",
        "new functions without annotations are named (Python, TypeScript)",
    )
