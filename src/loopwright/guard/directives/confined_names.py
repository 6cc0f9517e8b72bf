"""Names that one place alone may use, and those for tests only."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives import code_cases, literals
from loopwright.guard.directives.guards import glob_of
from loopwright.guard.directives.patterns import Pattern
from loopwright.guard.directives.rule import Rule
from loopwright.guard.directives.statement import Statement

#: "Use `fetch()` only in `src/api/`", "`process.env` may only be read in `src/config.ts`".
_ONLY_IN = Pattern(
    r"^\W*(?:[\w /-]{2,30}: )?(?:(?:use|call|read|access|import|"
    r"touch)\b[^.;`]{0,12}`([^`]+)`[^.;`]{0,12}\bonly (?:in|inside|within|from|under)|"
    r"only (?:use|call|read|access|import)\b[^.;`]{0,12}`([^`]+)`[^.;`]{0,12}\b(?:in|inside|within|from|under)|"
    r"`([^`]+)`[^.;`]{0,25}\b(?:(?:must|may|should|can) only (?:be (?:used|called|read|accessed|imported)|appear)|"
    r"(?:is|are) (?:only (?:used|called|read|accessed|imported|allowed|permitted)|(?:used|called|read|accessed|"
    r"imported|"
    r"allowed|permitted) only|confined|restricted|limited)|only (?:appears?|belongs?|lives?))"
    r"[^.;`]{0,8}\b(?:in|inside|within|from|under|to)|"
    r"`([^`]+)` (?:only|solely|exclusively) (?:in|inside|within|from|under)) (?:the )?`([^`]+)`",
    re.IGNORECASE,
)
#: "`process.env` belongs in `src/config.ts` only", "read `os.environ` in `settings.py` and nowhere else".
_NOWHERE_ELSE = Pattern(
    r"^\W*(?:(?:use|call|read|access|import|touch) )?`([^`]+)`(?: (?:is|are) (?:used|called|read|accessed|imported))?"
    r"(?: (?:belongs?|lives?|goes|go))? (?:in|inside|within|from|under) (?:the )?`([^`]+)`,? (?:only\b(?! (?:if|"
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
#: "`assert` is for tests only".
_IN_TESTS_ONLY = Pattern(
    r"^\W*`([^`]+)` (?:is|are) (?:only (?:for|allowed in|used in|permitted in) tests?\W*$|(?:for|allowed in|"
    r"used in|permitted in) tests? only\b)",
    re.IGNORECASE,
)


def in_tests_only(statement: Statement) -> Rule | None:
    """A name that tests alone may use."""
    found = _IN_TESTS_ONLY.match(statement.plain)
    if not found or literals.sort(found[1]) not in ("call", "name"):
        return None
    if found[1] == "assert":
        what: dict[str, JsonValue] = {"what": "assert", "except": "tests"}
        return Rule("forbid_syntax", what, "enforced", "found on the syntax tree of the changed files")
    if not code_cases.TELLING.search(found[1]):
        return None
    names: dict[str, JsonValue] = {"names": [found[1]], "except": "tests"}
    return Rule("forbid_call", names, "enforced", "uses of the name are found in the changed code")


#: A module, whatever its name: "`axios` may only be imported in `src/api/`".
_IMPORTED = Pattern(r"` (?:may|must|should|can|is|are) only (?:be )?imported\b", re.IGNORECASE)


#: Functions of a language's own that are called by plain words.
_BUILT_IN = frozenset(("fetch", "print", "eval", "exec", "open", "printf", "malloc", "alert", "require"))


def only_in(statement: Statement) -> Rule | None:
    """A name that one place alone may use."""
    if found := _ONLY_IN.match(statement.plain) or _NOWHERE_ELSE.match(statement.plain):
        name, path = (group for group in found.groups() if group)
    elif found := _NOTHING_OUTSIDE.match(statement.plain):
        path, name = found.groups()
    else:
        return None
    if literals.sort(path) != "path" or literals.sort(name) not in ("call", "name"):
        return None
    if name == "unsafe":
        unsafe: dict[str, JsonValue] = {"what": name, "outside": [glob_of(path)]}
        return Rule("forbid_syntax", unsafe, "enforced", "found in the changed files elsewhere")
    if not (code_cases.TELLING.search(name) or name in _BUILT_IN or _IMPORTED.search(statement.plain)):
        return None
    params: dict[str, JsonValue] = {"names": [name], "outside": [glob_of(path)]}
    return Rule("forbid_call", params, "enforced", "uses of the name are found in changed code elsewhere")
