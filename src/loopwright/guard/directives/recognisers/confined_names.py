"""Names that one place alone may use, and those for tests only."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import literals, regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers import code_cases
from loopwright.guard.directives.recognisers.guards import glob_of
from loopwright.guard.directives.rule import Rule

#: One name or a row of them.
_ROW = r"(`[^`]+`(?:(?:,? (?:and|or) |, |/)`[^`]+`){0,5})"
_ACT = r"(?:used|called|read|accessed|imported|allowed|permitted|acceptable|fine|ok|okay)"
_IN = r"(?:in|inside|within|from|under)"
#: "Use `fetch()` only in `src/api/`", "`process.env` may only be read in `src/config.ts`".
_ONLY_IN = Pattern(
    r"^\W*(?:[\w /-]{2,30}: |[\w ]{2,40}`[^`]+`[,;] )?(?:(?:use|call|read|access|import|"
    rf"touch|(?:direct )?(?:reads?|calls?|uses?|access) (?:of|to))\b[^.;`]{{0,12}}{_ROW}[^.;`]{{0,12}}\bonly {_IN}|"
    rf"only (?:use|call|read|access|import)\b[^.;`]{{0,12}}{_ROW}[^.;`]{{0,12}}\b{_IN}|"
    rf"(?:calling |reading |using |importing )?{_ROW}[^.;`]{{0,25}}\b(?:(?:must|may|should|can) only (?:be {_ACT}|"
    rf"appear|occur|show up|exist|live)|"
    rf"(?:is|are) (?:only {_ACT}|{_ACT} only|confined|restricted|limited)|only (?:appears?|belongs?|lives?|occurs?))"
    r"[^.;`]{0,8}\b(?:in|inside|within|from|under|to)|"
    rf"{_ROW} (?:only|solely|exclusively) {_IN}) (?:the )?(?:[\w -]{{3,30}} \()?`([^`]+)`(?: (crate|package|module|"
    rf"layer|app|"
    r"project)\b)?",
    re.IGNORECASE,
)
#: "`process.env` belongs in `src/config.ts` only", "read `os.environ` in `settings.py` and nowhere else".
_NOWHERE_ELSE = Pattern(
    rf"^\W*(?:(?:use|call|read|access|import|touch) )?{_ROW}(?: (?:is|are) {_ACT})?"
    rf"(?: (?:belongs?|lives?|goes|go))? {_IN} (?:the )?`([^`]+)`(?: (crate|package|module|layer|app|"
    rf"project)\b)?,? (?:only\b(?! (?:if|"
    r"when|for))|"
    r"(?:and|but) nowhere else)",
    re.IGNORECASE,
)
#: "Nothing outside `src/api` calls `fetch`".
_NOTHING_OUTSIDE = Pattern(
    r"^\W*(?:nothing|no (?:code|file|module)s?) outside(?: of)? `([^`]+)` (?:may |should |must |can )?"
    r"(?:calls?|uses?|imports?|reads?|access(?:es)?|touch(?:es)?) `([^`]+)`",
    re.IGNORECASE,
)
#: "`assert` is for tests only", "`unwrap()` and `expect()` are acceptable in tests and nowhere else".
_IN_TESTS_ONLY = Pattern(
    rf"^\W*{_ROW} (?:(?:is|are) (?:only (?:for|{_ACT} in) tests?\W*$|(?:for|{_ACT} in) tests? (?:only\b|"
    rf"and nowhere else)|"
    rf"only {_ACT} in tests? and (?:in )?`?(?P<main>main)(?:\(\))?`?\W*$|"
    r"(?:fine|ok|okay|acceptable|allowed) (?:in|for) tests?(?: code)?(?:,| -| but)+ (?:never|not|nowhere)\b)|"
    rf"(?:may|must|should|can) only (?:be {_ACT}|appear|occur) in tests?\W*$)",
    re.IGNORECASE,
)


def in_tests_only(statement: Statement) -> Rule | None:
    """Names that tests alone may use."""
    found = _IN_TESTS_ONLY.match(statement.plain)
    names = _names(next(group for group in found.groups() if group)) if found else []
    if not names or any(literals.sort(name) not in ("call", "name", "code") for name in names):
        return None
    if names == ["assert"]:
        what: dict[str, JsonValue] = {"what": "assert", "except": "tests"}
        return Rule("forbid_syntax", what, "enforced", "found on the syntax tree of the changed files")
    if not all(code_cases.TELLING.search(name) or name in _BUILT_IN for name in names):
        return None
    params: dict[str, JsonValue] = {"names": [*names], "except": "tests"}
    if found and found["main"]:
        params["outside"] = ["**/{main,Main}.*", "**/*Main.*", "cmd/**", "**/bin/**"]
    return Rule("forbid_call", params, "enforced", "uses of the name are found in the changed code")


#: "Only `shop/cli.py` may call `sys.exit` or `print`".
_ALONE_CALLS = Pattern(
    rf"^\W*only (?:the )?`([^`]+)`(?: (?:package|module|file))? (?:may |can |should |is allowed to )?(?:calls?|"
    rf"reads?|invokes?) {_ROW}",
    re.IGNORECASE,
)
#: "`config.py` is the only place that reads `os.environ`".
_ONLY_PLACE = Pattern(
    rf"^\W*(?:the )?(?:[\w -]{{2,30}} \()?`([^`]+)`\)?(?: (?:module|file|package|class))? is the only (?:place|file|"
    rf"module|"
    rf"code|one|layer|package)(?: in (?:the )?\w+)? (?:that |which |to |where |may |can |should |is allowed to )+"
    rf"(?:reads?|uses?|calls?|touch(?:es)?|access(?:es)?|invokes?) {_ROW}",
    re.IGNORECASE,
)
#: "`print` and `display` are for notebooks only".
_FOR_FOLDER = Pattern(
    rf"^\W*{_ROW} (?:is|are) (?:only for (notebooks|scripts|examples|benchmarks|tools|migrations)\W*$|"
    r"for (notebooks|scripts|examples|benchmarks|tools|migrations) only\b)",
    re.IGNORECASE,
)


def in_folder_only(statement: Statement) -> Rule | None:
    """Names that are for one kind of files alone."""
    if not (found := _FOR_FOLDER.match(statement.plain)):
        return None
    names, folder = _names(found[1]), (found[2] or found[3]).lower()
    if any(literals.sort(name) not in ("call", "name") for name in names):
        return None
    outside: list[JsonValue] = [f"{folder}/**", f"**/{folder}/**", *(["*.ipynb"] if folder == "notebooks" else [])]
    why = "uses of the names are found in changed code elsewhere"
    return Rule("forbid_call", {"names": [*names], "outside": outside}, "enforced", why)


def _names(row: str) -> list[str]:
    return [name.strip("`") for name in regex.findall(r"`[^`]+`", row)]


#: A module, whatever its name: "`axios` may only be imported in `src/api/`".
_IMPORTED = Pattern(r"` (?:may|must|should|can|is|are) only (?:be )?imported\b", re.IGNORECASE)


#: Functions of a language's own that are called by plain words.
_BUILT_IN = frozenset(("fetch", "print", "eval", "exec", "open", "printf", "malloc", "alert", "require"))


#: A folder, or a package by its bare name.
_PACKAGE = Pattern(r"^[a-z]\w*(?:[-_]\w+)+$")


#: Places after the first: "in `a.py`, `b.py` or tests".
_FURTHER = Pattern(r"(?:,? (?:and |or )?`[^`]+`)+")
_TESTS_TOO = Pattern(r"`\)?,? (?:or|and) (?:in )?(?:the )?tests?\b", re.IGNORECASE)


def only_in(statement: Statement) -> Rule | None:
    """Names that one place alone may use."""
    kind = ""
    if "`" not in statement.plain:
        return None
    if found := _ONLY_IN.match(statement.plain) or _NOWHERE_ELSE.match(statement.plain):
        row, path = (group for group in found.groups()[:-1] if group)
        names, kind = _names(row), found.groups()[-1] or ""
    elif found := _ALONE_CALLS.match(statement.plain) or _ONLY_PLACE.match(statement.plain):
        path, names = found[1], _names(found[2])
    elif found := _NOTHING_OUTSIDE.match(statement.plain):
        path, name = found.groups()
        names = [name]
    else:
        return None
    if regex.fullmatch(r"\.[a-z]\w*", path):  # files by their ending
        path = f"*{path}"
    bare = kind or ("-" in path and _PACKAGE.match(path))
    if not (literals.sort(path) == "path" or path.startswith("*.") or bare):
        return None
    if any(literals.sort(name) not in ("call", "name", "code") for name in names):
        return None
    home = path.rstrip("/")
    outside: list[JsonValue] = [f"{home}/**", f"**/{home}/**"] if bare and "/" not in path else [glob_of(path)]
    if names == ["unsafe"]:
        unsafe: dict[str, JsonValue] = {"what": "unsafe", "outside": outside}
        return Rule("forbid_syntax", unsafe, "enforced", "found in the changed files elsewhere")
    imported = _IMPORTED.search(statement.plain)
    if not all(code_cases.TELLING.search(name) or name in _BUILT_IN or imported for name in names):
        return None
    if found and (more := _FURTHER.match(statement.plain[found.end() :])):
        outside += [glob_of(place) for place in regex.findall(r"`([^`]+)`", more[0])]
    params: dict[str, JsonValue] = {"names": [*names], "outside": outside}
    if _TESTS_TOO.search(statement.plain):
        params["except"] = "tests"
    return Rule("forbid_call", params, "enforced", "uses of the name are found in changed code elsewhere")
