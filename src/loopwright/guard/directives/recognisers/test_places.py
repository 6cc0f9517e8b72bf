"""Rules about where tests lie: in a folder, beside their source, as their source does."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import language, literals, regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers.guards import glob_of
from loopwright.guard.directives.recognisers.place_rules import (
    CHECKABLE,
    COMMONLY,
    ONE_FILE,
    WHAT,
    alternatives,
    one_of,
)
from loopwright.guard.directives.rule import Rule

#: "Location: `tests/` directory, as the modules are".
_LOCATION = Pattern(
    r"^\W*location\W{1,4}`([\w.*-]+/[\w./*-]*)` (?:director(?:y|ies)|folder)\b[^.;`]{0,40}$|"
    r"^\W*(?:(?:location|path|director(?:y|ies)|folder|where)\W{1,4}|(?:they are |tests are )?located (?:in|at|"
    r"under) )"
    r"`([\w.*-]+/[\w./*-]*)`\W*$",
    re.IGNORECASE,
)


_TEST_LOCATION = Pattern(
    r"^\W*tests? (?:files? )?(?:location|director(?:y|ies)|"
    r"folder)s?\W{1,4}`([\w.*-]+/[\w./*-]*)`(?: (?:director(?:y|ies)|folder))?(?: (?:within|in|of) (?:each|every|"
    r"the) \w+)?\W*$",
    re.IGNORECASE,
)
#: Nothing but the form of a path: "`tests/test_<resource>.py`".
_FORM_OF_PATH = Pattern(r"^\W*`([\w./*-]+/[\w./*-]*(?:<\w+>|\{\w+\}|\*)[\w./*-]*)`\W*$")
_TESTS_ABOVE = Pattern(
    r"^\W*(?:unit |e2e |integration |end-to-end |functional |snapshot )?test(?:s|ing)?(?: (?:structure|layout|"
    r"location))?\W*$",
    re.IGNORECASE,
)


#: "Unit tests: `ut_*` folders".
FOLDERS_OF_TESTS = Pattern(
    r"^\W*(?:[\w-]+ ){1,2}tests: `([\w.*-]+)` (?:sub-?)?(?:director(?:y|ies)|folders?)\b",
    re.IGNORECASE,
)


def located(statement: Statement) -> Rule | None:
    """A label with a folder under the name of a kind of files: "Location: `db/migrations/`"."""
    if "`" not in statement.plain:
        return None
    if (tests := _TEST_LOCATION.match(statement.plain)) and not language.forbids(statement):
        where = tests[1] if "." in tests[1].rpartition("/")[2] or tests[1].endswith("/") else f"{tests[1]}/"
        return Rule(
            "test_location",
            {"pattern": glob_of(where), "what": "tests"},
            "enforced",
            "new test files elsewhere are named",
        )
    if folders := FOLDERS_OF_TESTS.match(statement.plain):
        why = "new test files in other folders are named; which kind of tests they are is not known here"
        pattern: dict[str, JsonValue] = {"pattern": f"**/{folders[1]}/**", "what": "tests"}
        return Rule("test_location", pattern, "partly", why, level="warn")
    found = _LOCATION.match(statement.plain) or _FORM_OF_PATH.match(statement.plain)
    if found and statement.headings and _TESTS_ABOVE.match(statement.headings[-1]):
        why = "new test files elsewhere are named"
        return Rule(
            "test_location", {"pattern": glob_of(found[found.lastindex or 1]), "what": "tests"}, "enforced", why
        )
    subject = WHAT.search(" ".join((*statement.headings[-1:], statement.lead))) if found else None
    if not found or not subject or subject[2].lower().rstrip("s") not in CHECKABLE:
        return None
    why = "new files of this kind elsewhere are named"
    return Rule(
        "file_location", {"what": subject[2].lower(), "dir": glob_of(found[found.lastindex or 1])}, "enforced", why
    )


_COLOCATED = Pattern(
    r"\b(?:col?-?l?located?s?|next to|same (?:directory|folder) as|"
    r"(?:alongside|beside)(?! (?:the |a |an |your |every |each )?(?:bug|fix|change|feature|pr|pull|work|other)))\b",
    re.IGNORECASE,
)


_TESTS_IN = Pattern(
    r"^\W*(?:unit|integration|e2e|end-to-end|contract|functional|feature|acceptance)(?: |"
    r"-)tests?\s*:\s*`([\w.-]+/[\w./*-]*)`|"
    r"^\W*(?:[\w ]{2,30}: )?(?:unit |integration |e2e |snapshot |functional |fixture |contract |acceptance )?tests "
    r"(?:in|under|go in|live in|belong in|are in) (?:the )?`(/?[\w.-]+/?[\w./*{}-]*)`|"
    r"^\W*(?:integration|e2e|functional|acceptance) tests (?:are |go |live )?(?:in|under) ([\w-]+/(?:[\w-]+/)*)\W*$|"
    r"^\W*(?:[\w-]+ ){0,3}tests (?:are |must be |should be )?(?:written|added|"
    r"created) (?:in `\.\w+`(?:/`\.\w+`)? files )?(?:in|under) "
    r"(?:the )?(?:director(?:y|ies) |folder )?`([\w.-]+/(?:[\w*-]+/)*)`",
    re.IGNORECASE,
)


#: Tests that lie as their sources do: "test structure should mirror the source structure".
_MIRRORS = Pattern(
    r"\b(?:tests?|testing)\b[^.;`]{0,40}\bmirrors?\b[^.;`]{0,30}\b(?:source|src|code|package|module|directory|tree)|"
    r"\bmirror (?:the )?(?:source|src|package)\b[^.;`]{0,30}\btests?\b",
    re.IGNORECASE,
)


#: Said under a heading of tests: "Directory structure mirrors source code".
_MIRRORED = Pattern(
    r"^\W*(?:the )?(?:test )?(?:director(?:y|ies)|folder|file)? ?(?:structure|layout|"
    r"tree) mirrors (?:the )?(?:source|src|code)\b",
    re.IGNORECASE,
)


_PUT = Pattern(r"^\W*(?:always )?(?:place|put|keep|store) ", re.IGNORECASE)


def colocated(statement: Statement) -> Rule | None:
    """Tests beside their source, or mirroring its tree."""
    plain = statement.plain
    title = statement.headings[-1] if statement.headings else ""
    if (said := _TESTS_IN.match(plain)) and regex.search(r"\btest", title, re.IGNORECASE):
        why = "new test files elsewhere are named"
        place = next(g for g in said.groups() if g).lstrip("/")
        place = place if "." in place.rpartition("/")[2] or place.endswith("/") else f"{place}/"
        also = alternatives(plain[said.end() - 1 :])
        params: dict[str, JsonValue] = {"pattern": glob_of(place), "what": "tests", **({"also": also} if also else {})}
        return Rule("test_location", params, "enforced", why)
    if _MIRRORED.match(plain) and regex.match(r"^\W*test(?:s|ing)\W*$", title, re.IGNORECASE):
        why = "a new test whose source lies in another place of the tree is named"
        return Rule("test_location", {"mirror": True}, "enforced", why)
    if language.forbids(statement) or not regex.search(
        r"\btests?\b|\btesting\b|\bspecs?\b|\.test\.|\.spec\.|_test\b", f"{plain} {statement.label}", re.IGNORECASE
    ):
        return None
    word = next(
        (
            w
            for w in literals.words(statement)
            if regex.search(r"test|spec", w.text) and (w.sort == "path" or regex.search(r"[<*{]", w.text))
        ),
        None,
    )
    if word and (word.text.endswith(".md") or ONE_FILE.search(plain)):
        return None
    if _MIRRORS.search(plain):
        why = "a new test whose source lies in another place of the tree is named"
        return Rule("test_location", {"mirror": True}, "enforced", why)
    if regex.match(r"^\W*(?:some|many|other|certain|a few|existing)\b", plain, re.IGNORECASE):
        return None
    if (
        not regex.search(r"\brun\b", plain)
        and _COLOCATED.search(plain if _PUT.match(plain) else plain.removeprefix(f"{statement.label}:"))
        and not regex.search(r"\bstyles?\b", plain)
    ):
        pattern = glob_of(word.text) if word else "*test*"
        return Rule(
            "test_location",
            {"pattern": pattern, "colocated": True},
            "enforced",
            "a new test file away from its source is named",
        )
    if word and regex.search(
        r"\b(?:mirrors?|mirrored|located at|live[sd]? (?:in|under)|go(?:es)? (?:in|under|to|into)|placed? (?:in|"
        r"under)|reside|"
        r"belong\w*)\b",
        plain,
        re.IGNORECASE,
    ):
        also = alternatives(plain[word.end - 1 :])
        params = {"pattern": glob_of(word.text), **({"also": also} if also else {})}
        if COMMONLY.search(plain):
            return one_of(params)
        return Rule("test_location", params, "enforced", "new test files elsewhere are named")
    return None
