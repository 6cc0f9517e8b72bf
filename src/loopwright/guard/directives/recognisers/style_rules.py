"""Rules about lengths, sizes, indentation and quotes."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers.places import place
from loopwright.guard.directives.rule import Rule

_LINE_LENGTH = Pattern(
    r"\b(?:line[- ]?length|max(?:imum)? line|lines?|column|columns|print ?width|"
    r"line width)\b[^.;\d]{0,40}?\b(?:is |of |at |to |under |below |= ?|: ?|<=? ?)?(\d{2,3})\b(?!\s*(?:%|"
    r"lines|files))|\b(\d{2,3})[- ](?:char(?:acter)?s?|columns?)\b(?:[^.;]{0,25}\b(?:line|limit|width|"
    r"max))?",
    re.IGNORECASE,
)


_FILE_LINES = Pattern(
    r"\b(?:files?|modules?|components?|class(?:es)?|source)\b[^.;]{0,60}?(?:\b(?:under|below|less than|"
    r"fewer than|at most|max(?:imum)?(?: of)?|exceed(?:ing)?|no more than|within|over|above|up to|longer than|"
    r"larger than|more than|beyond|crosses|crossing|past|reaches|grows? (?:to|beyond|past)|limit(?:ed)? to)|"
    r"[<>≤~]=?)\s*(?:of\s+)?~?(\d{2,5})\s*(?:lines|LOC|loc)\b|"
    r"\b(\d{2,5})[- ]lines?\b[^.;]{0,30}\b(?:files?|modules?|components?)\b|"
    r"\bmax(?:imum)? (\d{2,5}) lines per (?:file|module|component)|"
    r"^\W*(?:max(?:imum|\.)?|at most|no more than) (\d{2,5}) lines(?! (?:changed|of|per|a|each))\b",
    re.IGNORECASE,
)


_FUNCTION_LINES = Pattern(
    r"\b(?:functions?|methods?)\b[^.;]{0,60}?\b(?:under|below|less than|fewer than|at most|"
    r"max(?:imum)?(?: of)?|exceed(?:ing)?|no more than|within|over|longer than|<=?|>|"
    r"~)\s*~?(\d{1,4})\s*(?:lines|LOC)\b",
    re.IGNORECASE,
)


_DIFF_SIZE = Pattern(
    r"\b(?:prs?|pull requests?|diffs?|changes?|changesets?|patch(?:es)?|commits?)\b[^.;]{0,60}?(?:\b(?:under|"
    r"below|less than|fewer than|at most|max(?:imum)?(?: of)?|exceed(?:ing)?|no more than|within|over|up to|"
    r"limit(?:ed)? to)\b|[><≤~]=?)\s*~?(\d{1,5})\s*(?:changed |modified |code |source )?(lines|loc|files)\b|"
    r"[<≤]\s*(\d{2,5})\s+(lines|"
    r"files)\b[^.;]{0,30}\b(?:prs?|diffs?|changes?)",
    re.IGNORECASE,
)


_COVERAGE = Pattern(
    r"\bcoverage\b[^.;\d]{0,50}?(>=?|<=?|at least|above|over|minimum|min|below|exceed|"
    r"≥)?\s*(?:of\s+)?(\d{2,3})\s*(?:%|per ?cent)|(>=?|at least|minimum|above|"
    r"over)?\s*(\d{2,3})\s*%\+?\s*(?:[\w()/-]+\s+){0,3}coverage",
    re.IGNORECASE,
)


#: Of what is new, not of all that is there.
_OF_CHANGE = Pattern(
    r"\b(?:new|changed|modified|added|touched)(?:(?:/| or | and )(?:new|changed|modified|added))? "
    r"(?:code|lines?|functions?|methods?|features?|functionality|logic|modules?|files?|endpoints?)\b|"
    r"\b(?:diff|patch|incremental|differential)[ -]coverage\b|新增?代码",
    re.IGNORECASE,
)


_INDENT = Pattern(
    r"\b(?:indent\w*)\b[^.;]{0,40}?\b(?:(\d) ?-?spaces?|(tabs?))\b|\b(\d)[- ]spaces?\b[^.;]{0,20}\bindent|"
    r"\btab width\W{1,3}(\d)\b|\b(two|four)[- ]spaces?\b|\b(tabs) (?:for|not)\b|\buse (tabs)\b|"
    r"^(?:use )?(\d)[- ]spaces?\b",
    re.IGNORECASE,
)


_QUOTES = Pattern(r"\b(single|double)[- ]quotes?\b|\b(single|double)[- ]quoted\b|单引号|双引号", re.IGNORECASE)


def limits_row(statement: Statement) -> Rule | None:
    """A row of a table of limits: a kind of file, and the lines it may have."""
    if not statement.cells or not regex.match(r"^`?\*{0,2}/?\*?\.[a-z]{1,5}`?$", statement.cells[0]):
        return None
    columns = [(h.lower(), c) for h, c in zip(statement.header, statement.cells, strict=False)]
    lines = [
        (h, int(c.strip("` ")))
        for h, c in columns
        if c.strip("` ").isdigit() and not regex.search(r"length|column|width|char", h)
    ]
    if not lines or not regex.search(
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


def _covered(plain: str) -> Rule | None:
    found = _COVERAGE.search(plain)
    if not found:
        return None
    op = ">" if (found[1] or found[3] or "") in (">", "above", "over", "exceed") else ">="
    params: dict[str, JsonValue] = {"n": int(found[2] or found[4]), "op": op, "probe": "coverage"}
    if _OF_CHANGE.search(plain):
        why = "what the tests reach of the changed lines is measured where the tests can be run"
        return Rule("coverage_min", params | {"of": "change"}, "partly", why)
    why = "the configured threshold is compared, and the number reached is measured where the tests can be run"
    return Rule("coverage_min", params, "partly", why)


def coverage_of_changes(statement: Statement) -> Rule | None:
    """A share of the new code, or of the changed lines, that tests have to cover."""
    rule = _covered(statement.plain) if "%" in statement.plain else None
    return rule if rule and "of" in rule.params else None


def limits(statement: Statement) -> Rule | None:
    """Numbers: coverage, size of a change, of files and functions, length of lines."""
    plain = statement.plain
    if not regex.search(r"\d", plain):
        return None
    covered = _covered(plain)
    if not covered and _FLOOR.search(plain) and statement.headings and "coverage" in statement.headings[-1].lower():
        covered = _covered(f"coverage: {plain}")
    if covered:
        return covered
    if (small := _CHANGED_LINES.match(plain)) and _OF_CHANGES.search(
        " ".join((plain, statement.lead, *statement.headings[-1:]))
    ):
        count = int(next(g for g in small.groups() if g))
        return Rule("diff_size", {"n": count, "unit": "lines"}, "enforced", "the change is counted")
    if (found := _DIFF_SIZE.search(plain)) and not _OF_FILES.search(plain[: found.start()]):
        unit = "files" if (found[2] or found[4] or "").lower() == "files" else "lines"
        return Rule("diff_size", {"n": int(found[1] or found[3]), "unit": unit}, "enforced", "the change is counted")
    return _file_lines(statement) or _line_length(statement)


#: Under a heading of coverage: "Global floor: 80%".
_FLOOR = Pattern(
    r"\b(?:floor|minimum|threshold|gate|target|at least|overall|global)\b[^.;%]{0,40}\d{2,3} ?%", re.IGNORECASE
)
#: "Fewer than 400 changed lines", where changes are spoken of.
_CHANGED_LINES = Pattern(
    r"^\W*(?:keep (?:it|them) )?(?:fewer than|less than|under|below|at most|max(?:imum|\.)?|no more than|up to|"
    r"[<≤]) ?(\d{2,5}) "
    r"(?:changed |modified )?(?:lines|loc)(?: (?:changed|of (?:diff|change)))?(?: (?:per|a|each) (?:pr|pull request|"
    r"change|commit))?\W*$|"
    r"^\W*(?:keep )?(?:prs?|pull requests|diffs?|changes) (?:small|focused)\W{1,3}(?:fewer than|less than|under|"
    r"below|at most|[<≤~]) ?(\d{2,5}) ",
    re.IGNORECASE,
)
_OF_CHANGES = Pattern(
    r"\b(?:prs?|pull[- ]requests?|changed|diffs?|commits?|reviews?|merge requests?)\b",
    re.IGNORECASE,
)
#: Characters of a sentence on layout at most.
LONGEST = 160
#: What a number of lines is of, when a later word of the sentence speaks of changes.
_OF_FILES = Pattern(r"\b(?:files?(?! changed)|functions?|methods?|class(?:es)?|modules?|components?)\b", re.IGNORECASE)


#: A case rather than a limit: "use sections in files longer than 100 lines".
_GIVEN_SIZE = Pattern(
    r"^(?!.*\b(?:no|not|never|avoid|don't|cannot|split|break|refactor|max\w*|limit|under|keep|exceed\w*|stay)\b)"
    r".*\b(?:in|for|of|to|on) (?:\w+ )?(?:files?|modules?|components?|classes) (?:that are )?(?:longer|larger|"
    r"bigger|of more|over)\b",
    re.IGNORECASE,
)


def _file_lines(statement: Statement) -> Rule | None:
    if (found := _FILE_LINES.search(statement.plain)) and not _GIVEN_SIZE.search(statement.plain):
        params: dict[str, JsonValue] = {"n": int(next(g for g in found.groups() if g)), **place(statement)}
        return Rule("max_file_lines", params, "enforced", "changed files that grew beyond it are named")
    if found := _FUNCTION_LINES.search(statement.plain):
        params = {"n": int(found[1]), "of": "function", **place(statement)}
        return Rule("max_file_lines", params, "enforced", "functions of changed files are measured")
    return None


def _line_length(statement: Statement) -> Rule | None:
    plain = statement.plain
    found = _LINE_LENGTH.search(plain)
    if not found or not regex.search(r"\b(?:char|column|length|width|limit|max|wrap)", plain, re.IGNORECASE):
        return None
    if regex.search(r"\b(?:commit|subject|message|title)\b", plain, re.IGNORECASE):
        return None
    number = int(found[1] or found[2])
    if not 40 <= number <= 400:
        return None
    return Rule("max_line_length", {"n": number, **place(statement)}, "enforced", "added lines are measured")


def indentation(statement: Statement) -> Rule | None:
    """How lines are indented."""
    plain = statement.plain
    if len(plain) > LONGEST or not (found := _INDENT.search(plain)):
        return None
    word = next((g for g in found.groups() if g), "")
    size = {"two": 2, "four": 4}.get(word.lower()) or (int(word) if word.isdigit() else 0)
    style: dict[str, JsonValue] = {"style": "spaces", "n": size} if size else {"style": "tab"}
    around = regex.split(r"[,;(]", plain[: found.start()])[-1] + regex.split(r"[,;)]", plain[found.start() :])[0]
    several = len(regex.findall(r"\b(?:tabs?|spaces?)\b", plain, re.IGNORECASE)) > 1
    return Rule(
        "indentation", {**style, **_languages(around if several else plain)}, "enforced", "added lines are judged"
    )


#: Strings of one sort alone: "double quotes for strings shown to the user".
_SOME_STRINGS = Pattern(
    r"\bquotes?\W{0,2} (?:for|in|around|when) (?!(?:all|any|every|string literals|strings\W*$|strings in (?:python|"
    r"javascript|typescript|tests)|python|javascript|"
    r"typescript|code|"
    r"the code)\b)",
    re.IGNORECASE,
)


#: Quotes of a shell, or around one thing: not the ones that code is written with.
_NO_STRINGS = Pattern(
    r"\b(?:triple|shell|escap\w+|expansion|wrap|surround|paths?|commands?|arguments?|patterns?)\b", re.IGNORECASE
)


def quotes(statement: Statement) -> Rule | None:
    """Which quotes strings stand in."""
    plain = statement.plain
    both = "single" in plain.lower() and "double" in plain.lower()
    if len(plain) > LONGEST or both or not (found := _QUOTES.search(plain)):
        return None
    if _NO_STRINGS.search(plain) or _SOME_STRINGS.search(plain):
        return None
    style = (found[1] or found[2] or ("single" if "单" in plain else "double")).lower()
    return Rule("quotes", {"style": style, **_languages(plain)}, "enforced", "strings in added lines are judged")


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
