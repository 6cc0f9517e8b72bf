"""Where in the tree a rule holds: "in tests", "except in tests", "outside `src/config`", "in `core/`"."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import literals, regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers.guards import glob_of

_EXCEPT_TESTS = Pattern(
    r"\b(?:except (?:in |for )?(?:\w+ )?tests?|tests? (?:are|is) (?:fine|ok|okay|exempt|excepted|excluded)|"
    r"outside (?:of )?(?:the )?tests?|non-test|in (?:production|"
    r"library|source|runtime|app(?:lication)?) code|production code)\b",
    re.IGNORECASE,
)
#: "Including production code, tests, scripts": everywhere.
_TESTS_TOO = Pattern(r"\bincluding\b[^.;]{0,30}\btests?\b", re.IGNORECASE)
_IN_TESTS = Pattern(
    r"\b(?:in|within|inside|for|from) (?:\w+ ){0,3}tests?\b(?! (?:suite|runner))|^tests?:|"
    r"\btest (?:files?|code|cases|modules?)\b|\b(?:write|add)\b[^.;(]{0,40}\btests \(|测试(?:中|代码)",
    re.IGNORECASE,
)
_TEST_TITLE = Pattern(
    r"^\W*(?:(?:unit|integration|e2e|writing|for|in|our|the|all) )*test(?:s|ing)?(?: (?:rules|guidelines|"
    r"conventions|requirements|"
    r"style|practices|patterns|code|files))?\W*$",
    re.IGNORECASE,
)
_OUTSIDE = Pattern(
    r"\b(?:outside(?: of)?|except (?:in|under|inside|within|for)|other than(?: in)?|only (?:in|inside|"
    r"under|within))\W+(?:the )?(?:\w+ )?$|\b(?:except|other than)\b[^;`]{0,40}\((?:`[^`]*`,? (?:and |or )?)*$",
    re.IGNORECASE,
)
#: A part by its name alone beside tests: "outside tests and `xtask`".
_AND_TESTS = Pattern(
    r"\b(?:outside(?: of)?|except (?:in|for)) (?:the )?tests?(?:,| and| or)? `([\w-]+)`", re.IGNORECASE
)
#: "`x` is forbidden in `shop-core`": a package by its bare name.
_IN_NAMED = Pattern(
    r"(?<!not )\b(?:in|inside|within) (?:the )?`([a-z]+(?:-[a-z]+)+)`(?: (?:crate|package|module|app|service))?\W*$",
)
#: What is said of the place is over: "Styles in `src/styles`, no inline styles".
_ANOTHER_CLAUSE = Pattern(r"^`?, (?:and )?(?:no|never|do not|don't) ", re.IGNORECASE)
#: Where that lies which is to be used: "no `x`, use the one in `src/y`".
_WANTED_THERE = Pattern(
    r"(?:[,;:—–]| --?) ?(?:instead |so |but |please )?(?:use|prefer|call|take|reuse|see|go through|there is|"
    r"we have)\b[^.;]*$",
    re.IGNORECASE,
)
#: "No panics in src/", without back-ticks.
_BARE_FOLDER = Pattern(r"(?<!not )\b(?:in|inside|within|under) ((?:[a-z][\w.-]*/)+)(?=[\s,;:)]|\.?$)")
#: "Never outside of staging": a folder by its bare name.
_OUTSIDE_FOLDER = Pattern(
    r"\boutside (?:of )?(?:the )?`?(?!(?:file|class|module|function|method|scope|repo\w*|"
    r"project)\b)([a-z][\w-]{3,20})`?(?: (?:models?|layer|folder|package|directory|crate))?\W*$",
)
#: "Relaxed in `*.spec.ts`": the rule does not hold there.
_RELAXED = Pattern(
    r"\b(?:relaxed|allowed|permitted|acceptable|fine|ok|okay|exempt\w*|excluded|disabled|off(?![ -]limits))"
    r"\b[^.;`]{0,12}\b(?:in|for|under)"
    r"\W+(?:the )?$|\b(?:allowed|permitted|fine|ok) (?:only )?(?:where|in|for|when)\b[^.;`]{0,40}\((?:`[^`]*`, )*$",
    re.IGNORECASE,
)
_INSIDE = Pattern(r"\b(?:in|inside|within|under|below)\W+(?:the |all |any |new )*(?:\w+ )?$", re.IGNORECASE)


def place(statement: Statement) -> dict[str, JsonValue]:
    """Return the parameters that limit a rule: `where` or `except` "tests", `within` and `outside` globs."""
    found: dict[str, JsonValue] = {}
    plain = statement.plain
    title = statement.headings[-1] if statement.headings else ""
    if _EXCEPT_TESTS.search(plain) and not _TESTS_TOO.search(plain):
        found["except"] = "tests"
    elif _IN_TESTS.search(plain) or _TEST_TITLE.match(title) or _TEST_TITLE.match(statement.label):
        found["where"] = "tests"
    found |= _folders(plain)
    if (package := _IN_PACKAGE.match(plain)) and "within" not in found:
        found["within"] = [f"{package[1]}/**", f"**/{package[1]}/**"]
    for word in literals.words(statement):
        if word.sort != "path":
            continue
        head = plain[: word.start]
        if _ANOTHER_CLAUSE.match(plain[word.end :]) or _WANTED_THERE.search(head):
            continue
        if _RELAXED.search(head) or _OUTSIDE.search(head):
            found["outside"] = [*_list(found.get("outside")), glob_of(word.text)]
        elif _INSIDE.search(head) and not word.text.startswith("."):
            found["within"] = [*_list(found.get("within")), glob_of(word.text)]
    if "outside" not in found and "except" not in found and (named := _OUTSIDE_FOLDER.search(plain)):
        found["outside"] = [f"{named[1]}/**", f"**/{named[1]}/**"]
    if beside := _AND_TESTS.search(plain):
        found["outside"] = [*_list(found.get("outside")), f"{beside[1]}/**", f"**/{beside[1]}/**"]
    if "within" not in found and (part := _IN_NAMED.search(plain)):
        found["within"] = [f"{part[1]}/**", f"**/{part[1]}/**"]
    if "within" not in found and (bare := _BARE_FOLDER.search(plain)):
        found["within"] = [glob_of(bare[1])]
    if "within" not in found and (spoken := _labelled(statement)):
        found["within"] = [f"*.{end}" for end in dict.fromkeys(e for name in spoken for e in _ENDINGS[name].split())]
    return found


def _labelled(statement: Statement) -> tuple[str, ...]:
    """The languages that the label, or a heading of one language's rules, begins with."""
    if found := _languages(statement.label)[0]:
        return found
    titles = statement.headings[-2:] if len(statement.headings) > 2 else statement.headings[-1:]
    for title in reversed(titles):  # the title of the whole file is not that of every section below
        found, rest = _languages(title)
        if found and _OF_RULES.issuperset(rest):
            return found
    return ()


def _languages(text: str) -> tuple[tuple[str, ...], list[str]]:
    """Return the languages that a label or a heading begins with, and the words after them."""
    words = text.lower().replace(" & ", "/").replace(" and ", "/").strip("*_`:# ").split()
    names = tuple(words[0].strip("*_`:").split("/")) if words else ()
    return (names, words[1:]) if names and all(name in _ENDINGS for name in names) else ((), words)


_SCRIPTS = "ts tsx mts cts js jsx mjs cjs vue svelte astro"
#: Endings of the files of a language, as labels and headings name it.
_ENDINGS = {
    **dict.fromkeys(("typescript", "javascript"), _SCRIPTS),
    "python": "py pyi pyx",
    "rust": "rs",
    "go": "go",
    "java": "java",
    "kotlin": "kt kts",
    "c++": "cpp cc cxx h hpp hxx ipp inl cu cuh",
    "c#": "cs",
    "php": "php",
    "ruby": "rb rake",
    "swift": "swift",
}
#: Words of a heading of one language's rules: "Python style".
_OF_RULES = frozenset((
    "code", "coding", "style", "conventions", "convention", "naming", "guidelines", "guide", "rules", "standards",
    "best", "practices", "files", "specific",
))  # fmt: skip


#: Parts of an application that rules name in prose, whose files lie in folders or files of that name.
PARTS = (
    "controllers?|services?|routes?|routers?|handlers?|repositor(?:y|ies)|models?|views?|components?|hooks?|utils?|"
    "helpers?|middlewares?|providers?|resolvers?|migrations?|stores?|reducers?|schemas?|validators?|entit(?:y|ies)|"
    "templates?|pages?|widgets?|screens?|viewmodels?|adapters?|plugins?|domain|core|api"
)
_IN_PART = Pattern(
    rf"\b(?:in|inside|within|from|into)\W+(?:the |any |all |our |your |route |react |vue |angular |api "
    rf")*((?:(?:{PARTS})"
    rf"(?:/| ?(?:,|or|and|nor|,? or|,? and) )?)+)\b(?: (?:layers?|code|modules?|class(?:es)?|files?|folders?|"
    rf"director(?:y|ies)|packages?)\b|\W*$|\s*[-–—.;,(])",
    re.IGNORECASE,
)
_OUTSIDE_PART = Pattern(
    rf"\b(?:outside(?: of)?|except (?:in|from|inside|within)|only (?:in|from|inside|within))\W+(?:the )?((?:{PARTS})"
    rf"(?: (?:or|and) (?:{PARTS}))?)\b(?: (?:layers?|code|modules?|class(?:es)?|files?|folders?|director(?:y|"
    rf"ies)|packages?)\b|\W*$|\s*[-–—.;,(])",
    re.IGNORECASE,
)
#: "In `x-core`, functions must not ...": a package by its name alone.
_IN_PACKAGE = Pattern(
    r"^\W*(?:in|inside|within) (?:the )?`([\w-]+)`(?: (?:package|crate|module|app|workspace))?, ", re.IGNORECASE
)
#: Kinds of files that rules name in prose.
_KINDS = (
    (
        Pattern(
            r"\b(?:in|from|into) (?:the |any )*(?:front-?end|client)(?:-side)? (?:code|app\w*|components?|files?)\b",
            re.IGNORECASE,
        ),
        (
            "**/{frontend,front-end,client,web,webapp,ui,www}/**",
            "**/*{frontend,web,client}/**",
            "*.tsx",
            "*.jsx",
            "*.vue",
        ),
    ),
    (
        Pattern(
            r"\b(?:in|from|into) (?:the |any )*(?:back-?end|server)(?:-side)? (?:code|app\w*|files?)\b", re.IGNORECASE
        ),
        ("**/{backend,back-end,server,api,services}/**", "**/*{backend,server,api}/**"),
    ),
    (
        Pattern(r"\b(?:in|from) (?:a |the |any |public )*headers?(?: files?)?\b", re.IGNORECASE),
        ("*.h", "*.hpp", "*.hh", "*.hxx"),
    ),
    (
        Pattern(r"\bin (?:the |any |jsx |blade |jinja )*(?:html|templates?)(?: files?)?\b", re.IGNORECASE),
        ("*.html", "**/templates/**", "*.blade.php", "*.vue"),
    ),
)


def _folders(plain: str) -> dict[str, JsonValue]:
    for pattern, globs in _KINDS:
        if pattern.search(plain):
            return {"within": [*globs]}
    for key, pattern in (("outside", _OUTSIDE_PART), ("within", _IN_PART)):
        if said := pattern.search(plain):
            return {
                key: [
                    glob
                    for part in regex.findall(r"\w+", said[1].lower())
                    if part not in ("or", "and", "nor")
                    for glob in globs_of_part(part)
                ]
            }
    return {}


def globs_of_part(part: str) -> tuple[str, ...]:
    """Globs of the files of a part: its folder, by singular or plural name, and files that bear the name."""
    one = regex.sub(r"ies$", "y", part) if part.endswith("ies") else part.removesuffix("s")
    many = one.removesuffix("y") + "ies" if one.endswith("y") else one + "s"
    return (
        f"**/{{{many},{many.capitalize()},{one},{one.capitalize()}}}/**",
        f"**/{one[:-1] if one.endswith('y') else one}*.*",
        f"**/*{{-,_,.}}{one}*.*",
        f"**/*{one.capitalize()}*.*",
    )


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []
