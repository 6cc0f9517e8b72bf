"""Rules about where files lie, which there must be, and which must not come into being."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.core.rules import Status
from loopwright.guard.directives.reading import language, literals, regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers.guards import glob_of
from loopwright.guard.directives.rule import Rule

_LOCATE = Pattern(
    r"\b(?:place[ds]?|put|lives?|belongs?|goes?|go|located|kept|keep|stored?|create[ds]?|add(?:ed)?|"
    r"co-?locate[ds]?|resides?|organi[sz]ed|defined|implement(?:ed)?|written|write|"
    r"structure)\b(?:[^.;`]{0,60})\b(?:in|under|inside|into|at|within|to|next to|alongside|as|"
    r"beside)\b(?: the)?(?: \w+)? `([^`]+)`|\b(?:files?|docs|tests?)\b[^.;`]{0,30} in `([\w./-]+/)`$|"
    r"(?:放在|位于|存放)\s*`([^`]+)`",
    re.IGNORECASE,
)


WHAT = Pattern(
    r"\b(?:(new|all|unit|integration|e2e|shared|reusable|global|common|feature|page|api|"
    r"custom)\s+)?(tests?|components?|pages?|hooks?|routes?|utils?|utilities|helpers?|services?|models?|"
    r"types?|migrations?|docs?|documentation|scripts?|fixtures?|styles?|assets?|controllers?|views?|"
    r"schemas?|middlewares?|plugins?|modules?|features?|handlers?|stories|translations?|examples?|"
    r"templates?|constants?|stores?|repositories|commands?|implementation|code|mdx files|stor(?:y|ies))\b",
    re.IGNORECASE,
)


_ADVICE = Pattern(
    r"\b(?:see|refer|check|look|read|found in|available in|documented|entry|changelog|output|logs?|if you|"
    r"such as|e\.g|comment|screenshot|temporary|scratch|notes?)\b",
    re.IGNORECASE,
)


#: What is told of tests rather than where their files go.
_TALKS = Pattern(
    r"\b(?:strategy|guidance|guidelines|conventions|rules|instructions|how to|results|reports?)\b", re.IGNORECASE
)
#: Kinds of files that are known by their names alone.
CHECKABLE = frozenset(
    ["component", "page", "hook", "migration", "story", "model", "script", "style", "doc", "mdx file", "fixture"]
) | {"route", "service", "controller"}


def alternatives(rest: str) -> list[JsonValue]:
    """Further places that a sentence names after the first: "in `a/` or `b/`"."""
    return [
        glob_of(m[1])
        for m in regex.finditer(
            r"(?:,|\bor\b|\band\b)\W{1,3}(?:(?:[\w-]+ tests? )?(?:(?:are|go|live|lie) )?(?:in|"
            r"under) )?`([\w./*-]+/[\w./*-]*)`",
            rest[:200],
        )
    ]


#: A kind of files narrowed by a word that no path shows: "KPI domain models", "admin pages".
_QUALIFIED = Pattern(
    r"(?:^|[^\w`])(?!(?:new|all|the|a|an|your|any|every|each|put|place|add|create|keep|store|react|vue|api|"
    r"shared|reusable|"
    r"common|global|custom|feature|ui|page|and|or|of|ejs|unit|integration)\b)[A-Za-z][\w-]* (?:\w+ )?$",
    re.IGNORECASE,
)


def _before(plain: str, what: str) -> int:
    """Return where the name of the kind of files begins."""
    return max(plain.lower().find(what), 0)


#: Words that tell a rule from a description of what lies where.
_PRESCRIBED = Pattern(
    r"\b(?:must|should|always|all new|new|every|only|never|put|place|add|create|write|keep|store|belongs?|"
    r"go(?:es)?)\b",
    re.IGNORECASE,
)
_ANY_CODE = frozenset({"code", "implementation", "types", "modules", "features", "schemas", "commands"})


#: Told of most, so that none can be said to break it.
COMMONLY = Pattern(r"\b(?:usually|commonly|typically|often|generally|mostly|sometimes)\b", re.IGNORECASE)
_OF_DOCS = Pattern(
    r"^\W*(?:\w+ )?(?:docs|documentation|examples?) (?:live|are|is|resides?|lives|located)\b", re.IGNORECASE
)


#: "Create a `modular_<name>.py` file in `src/models/<name>/`": files of one name, and where they belong.
_FILES_IN = Pattern(
    r"\b(?:create|place|put|add|keep|store)\b[^.;`]{0,12}`([\w.-]*(?:\*|<[\w -]+>|\{[\w -]+\})[\w.*<>{}-]*\.\w+)` "
    r"(?:files? )?(?:in|under|inside) (?:the )?`([\w./<>*{}-]+/[\w./<>*{}-]*)`",
    re.IGNORECASE,
)


def _named_files(statement: Statement) -> Rule | None:
    found = _FILES_IN.search(statement.plain)
    if not found or language.forbids(statement) or regex.search(r"test|spec", found[1]):
        return None
    name = regex.sub(r"<[^<>]*>|\{[^{}]*\}", "*", found[1])
    params: dict[str, JsonValue] = {"what": "files", "files": name, "dir": glob_of(found[2])}
    return Rule("file_location", params, "enforced", "new files of this name elsewhere are named")


#: "Kotlin sources are in `src/main/kotlin` and tests in `src/test/kotlin`".
_SOURCES = Pattern(
    r"\bsources?(?: files?| code)? (?:are|is|live|lives|go|goes|belongs?) (?:in|under|inside) `([\w./-]+)`"
    r"[^.;`]{0,12}\btests? (?:are |live |go )?(?:in|under|inside) `([\w./-]+)`",
    re.IGNORECASE,
)


def _sources(statement: Statement) -> Rule | None:
    if not (found := _SOURCES.search(statement.plain)) or language.forbids(statement):
        return None
    params: dict[str, JsonValue] = {"what": "test", "dir": glob_of(found[2].rstrip("/") + "/")}
    return Rule("file_location", params, "enforced", "new tests elsewhere are named")


#: Something that is added to one file that there is: no place for others.
ONE_FILE = Pattern(r"\b(?:added|registered|listed|declared|exported) (?:in|to) `[\w./-]+\.\w{1,4}`", re.IGNORECASE)


#: A line of a list of places: "API controllers: `app/Http/Controllers/`".
_PLACED = Pattern(r"^\W*([\w /&()-]{3,50}): `([\w./<>{}*-]+/)`")
_PLACES_ABOVE = Pattern(
    r"\b(?:file placement|placement|file locations?|where (?:to put|files|things|code)|code organi[sz]ation)\b",
    re.IGNORECASE,
)


def _placed(statement: Statement) -> Rule | None:
    found = _PLACED.match(statement.plain) if statement.form == "bullet" else None
    above = " ".join((*statement.headings[-1:], statement.lead))
    if not found or not _PLACES_ABOVE.search(above) or not (subject := WHAT.search(found[1])):
        return None
    what, also = subject[2].lower(), alternatives(statement.plain[found.end() - 1 :])
    params: dict[str, JsonValue] = {"also": also} if also else {}
    if what.startswith("test"):
        params |= {"pattern": glob_of(found[2]), "what": "tests"}
        return Rule("test_location", params, "enforced", "new test files elsewhere are named")
    status: Status = "enforced" if what.rstrip("s") in CHECKABLE else "partly"
    return Rule(
        "file_location",
        {"what": what, "dir": glob_of(found[2]), **params},
        status,
        "new files of this kind elsewhere are named",
    )


def locations(statement: Statement) -> Rule | None:
    """Where files of a kind belong."""
    plain = statement.plain
    if rule := _placed(statement):
        return rule
    if "`" in plain and (rule := _named_files(statement) or _sources(statement)):
        return rule
    found = _LOCATE.search(plain)
    if not found or _ADVICE.search(plain[: found.end()]) or language.forbids(statement) or ONE_FILE.search(plain):
        return None
    path = next(g for g in found.groups() if g)
    if _OF_DOCS.search(plain[: found.end()]) and not _PRESCRIBED.search(plain):
        return None
    if path.endswith((".md", ".md/")) or _TALKS.search(plain[: found.end()]) or regex.search(r"\blocal\b", plain):
        return None
    path = f"**/{path}/" if regex.fullmatch(r"__\w+__", path) else path
    if not ("/" in path or "*" in path or "<" in path) or path.startswith(("http", "@")) or " " in path.strip():
        return None
    what, testing = _kind_of(statement, found, path)
    if not what:
        return None
    tells = regex.match(r"(?:defined|implemented|located)\b", found[0], re.IGNORECASE)
    general = what in _ANY_CODE or f"{what}s" in _ANY_CODE
    if not testing and (statement.form == "paragraph" or general or tells) and not _PRESCRIBED.search(plain):
        return None
    if not testing and what.rstrip("s") not in CHECKABLE and _MADE.match(found[0]):
        return None
    glob = glob_of(path)
    also = alternatives(plain[found.end() - 1 :])
    params: dict[str, JsonValue] = {"also": also} if also else {}
    if testing:
        params |= {"pattern": glob, "what": "tests"}
        if COMMONLY.search(plain[: found.end()]):
            return one_of(params)
        return Rule("test_location", params, "enforced", "new test files elsewhere are named")
    checkable = what.rstrip("s") in CHECKABLE and "/" in glob and not _QUALIFIED.search(plain[: _before(plain, what)])
    return Rule(
        "file_location",
        {"what": what, "dir": glob, **params},
        "enforced" if checkable else "partly",
        "new files of this kind elsewhere are named",
    )


#: "Availability checks belong in `Compat/`": anything that is no matter of judgement as "business logic" is.
_BELONGS = Pattern(
    r"^\W*(?!nothing\b)(?![\w ]*\b(?:logic|code|routing)\b(?! in (?:the )?`))(?:(?:all |every |any |new |"
    r"each )*[\w /'-]{3,50}? (?:belongs? (?:in|into|under|to)|go(?:es)? (?:in|into|under)|"
    r"(?:must|should) (?:live|be (?:placed|put|kept|defined|declared|stored)) (?:in|under|"
    r"inside)) (?:the )?`([^` ]+)`|"
    r"(?:[\w -]{2,20}: )?(?:place|put) (?:all )?(?!reusable|shared|common)[\w-]+ (?:code|assets|files|styles|"
    r"views) in (?:the )?`([^` ]+/)`|"
    r"(?:always )?(?:add|place|put|keep|store|define|declare) (?:(?:all|any|every|new|shared|common) )+"
    r"[\w /'-]{3,40}? (?:in|under|"
    r"inside|into) (?:the |per-module |each \w+'s )*`([^` ]+)`(?= folders?| director|\W*$|,)|"
    r"(?:always )?move (?!it\b|them\b|this\b)[\w /'-]{3,50}? (?:in|into|under|inside|to) (?:the )?`([^` ]+)`)",
    re.IGNORECASE,
)


def belongs(statement: Statement) -> Rule | None:
    """Where something belongs that no name of a file shows: told, and looked at by nobody but the model."""
    found = _BELONGS.match(statement.plain) if "`" in statement.plain else None
    if not found or language.forbids(statement) or _ADVICE.search(found[0]) or ONE_FILE.search(statement.plain):
        return None
    path = next(group for group in found.groups() if group)
    if literals.sort(path) != "path" or ("/" not in path and "." not in path) or path.endswith(".md"):
        return None
    why = "told to the model: which files it is about is not known here"
    return Rule("file_location", {"what": "files", "dir": glob_of(path)}, "partly", why)


def _kind_of(statement: Statement, found: re.Match[str], path: str) -> tuple[str, bool]:
    """Return the kind of files that a sentence places, "" where it names none, and whether they are tests."""
    placed = statement.plain[: found.start(1) if found[1] else found.end()]
    subject = WHAT.search(f"{language.without_code(statement.label)}: {_RELATIVE.sub('', placed)}")
    if not subject:
        return "", False
    told = f"{statement.plain[: found.end()]} {statement.label}"
    head = _FOR_TESTS.sub("fixtures", told)
    what = subject[2].lower() if head == told else "fixtures"
    of_tests = regex.search(r"\btests?\b", head, re.IGNORECASE) and regex.search(r"\btest|spec", path)
    return what, what.startswith("test") or bool(of_tests)


#: What tests use, which is none: "shared test fixtures", "test data".
_FOR_TESTS = Pattern(
    r"\btests? (?:fixtures?|data|helpers?|utilit(?:y|ies)|utils|doubles?|resources?|support|builders?|"
    r"factories|assets)\b",
    re.IGNORECASE,
)
#: What is said of the thing in passing: "state that several pages share goes to".
_RELATIVE = Pattern(
    r"\b(?:that|which) [^.;`]{3,40}?(?= (?:goes|go|belongs?|lives?|is|are|should|must)\b)", re.IGNORECASE
)
#: A step of some work rather than a place for files of a kind: "implement the logic in `src/`".
_MADE = Pattern(
    r"(?:creat|implement|writ|add)\w*\b|(?:put|place) (?:\w+ )?(?:code|logic|implementation)\b|files? (?:are|"
    r"is) in\b",
    re.IGNORECASE,
)


def one_of(params: dict[str, JsonValue]) -> Rule:
    """A place where some of the files lie: no rule, but no place to call wrong either."""
    return Rule("advice", params, "advised", "told of some of them: told to the model", level="warn")


_UNITS = (
    "director(?:y|ies)|folders?|packages?|modules?|components?|pages?|projects?|plugins?|skills?|apps?|libraries|crates?|"
    "integrations?|features?|workspaces?|fixtures?|examples?|services?|charts?|cookbooks?|roles?"
)
_EACH = Pattern(
    r"\b(?:each|every|all|(?<=^)(?:any |all |an? )?new)\s+(?:new\s+)?(?:`?([\w./-]+)`?\s+)?(test fixtures?|examples?|"
    r"services?(?: directory)?|roles?|charts?|director(?:y|ies)|folders?|packages?|"
    r"modules?|components?|pages?|cookbooks?|projects?|plugins?|skills?|apps?|libraries|crates?|"
    r"integrations?|features?|workspaces?|(?:page |component )?dirs?)\b",
    re.IGNORECASE,
)


_HAS = Pattern(
    r"\b(?:ha(?:s|ve)|contains?|includes?|needs?|requires?|with|must|should|its own|provide)\b|"
    r"^[^.;:]{0,20}:(?! *$)|\bfiles?:",
    re.IGNORECASE,
)


#: What each thing does with a file that it has, told: "each package pins its Python via its `pyproject.toml`".
_BY_MEANS = Pattern(
    r"\b(?:via|through|using|by|from|in|per|based on|according to)\W+(?:its |their |the )?$", re.IGNORECASE
)


#: Under "Module rules": "Structure: `main.tf`, `variables.tf`, `outputs.tf`".
_STRUCTURE = Pattern(
    r"^\W*(?:structure|layout|files|contents?): ((?:`[\w-]+\.[\w.]+`(?:, | and |, and )?){2,8})\W*$",
    re.IGNORECASE,
)
_OF_UNITS = Pattern(
    r"\b(modules?|packages?|components?|roles?|charts?|services?|plugins?|features?)\b",
    re.IGNORECASE,
)


def files_required(statement: Statement) -> Rule | None:
    """Files that each directory of a kind must have."""
    plain = statement.plain
    below = (
        Statement(statement.line, statement.below, f"{plain} {statement.below}", "paragraph")
        if statement.below
        else statement
    )
    paths = [w for w in literals.words(below) if w.sort == "path" and not w.against and "/" not in w.text]
    if not paths or language.forbids(statement):
        return None
    if (made := _STRUCTURE.match(plain)) and (of := _OF_UNITS.search(" ".join(statement.headings[-1:]))):
        held: list[JsonValue] = [*regex.findall(r"`([\w.-]+)`", made[1])]
        why = "a new directory of this kind without them is named"
        return Rule("file_required", {"each": of[1].lower().rstrip("s"), "under": "", "path": held}, "enforced", why)
    found = _EACH.search(plain)
    inside = regex.search(
        r"\b(?:create|add)\b[^.;]{0,20}`([\w.-]+)`[^.;]{0,20}\b(?:inside|in|at the root of|to) the (?:new|"
        r"module|package|each|root of the new)\b",
        plain,
        re.IGNORECASE,
    )
    each = re.search(rf"\bin (?:each|every) ({_UNITS})\b|\beach ({_UNITS})'s `", plain, re.IGNORECASE)
    if not ((found and _HAS.search(plain[found.end() :][:60])) or inside or each) or _IS_A.search(plain):
        return None
    optional = plain.find("optional")
    names: list[JsonValue] = [
        w.text
        for w in paths
        if (optional < 0 or w.start < optional)
        and not regex.search(r"[<>*{}]", w.text)
        and not (each is None and _BY_MEANS.search(below.plain[: w.start]))
    ]
    if not names:
        return None
    folder = found[1] if found and found[1] else ""
    if found and not folder and (said := regex.match(r"\W*(?:in|under|below) `([\w./-]+)`", plain[found.end() :])):
        folder = said[1].rstrip("/")
    return Rule(
        "file_required",
        {"each": (found[2] if found else "module").rstrip("s"), "under": folder, "path": names},
        "enforced",
        "a new directory of this kind without them is named",
    )


#: A definition of what something is: "each skill is a directory with a `SKILL.md` file".
_IS_A = Pattern(
    r"^\W*(?:each|every|all) \w+(?: \w+)? (?:is|are) (?:an? )?(?:\w+ )?(?:director|folder|file|package|module)",
    re.IGNORECASE,
)
