"""Rules about versions of languages and settings of compilers and checkers."""

from __future__ import annotations

import re

from loopwright.guard.directives.reading import language, regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.rule import Rule

_VERSION = Pattern(
    r"(?<!\w)(?<!\ba (?=c\+\+))(c#|msrv|c?python|node(?:\.?js)?|go(?:lang)?|java|jdk|ruby|rust|php|typescript|kotlin|"
    r"swift|\.net|dotnet|"
    r"scala|elixir|dart|flutter|bun|deno|c\+\+)(?:(?!\w)|"
    r"(?<=\+\+))\s*(?:versions?\s*(?:required\s*)?)?[`(:]?\s*(?:is\s+|are\s+|"
    r"at\s+|from\s+)?(>=|<=|==|≥|"
    r"\^|~|v)?\s*`?\s*(>=|≥|\^|v)?\s*(\d+(?:\.\d+){0,2})\b\s*`?\s*(\+|or (?:higher|newer|later|above)|"
    r"and (?:above|newer|later|up))?",
    re.IGNORECASE,
)


#: "Node.js: Development and production both require `>=22`".
_OF_LABEL = Pattern(
    r"^\W*(python|node(?:\.?js)?|go|java|rust|ruby|php)(?: versions?)?\W{1,4}[^`\d]{0,60}`?()(>=|≥)"
    r"\s*(\d+(?:\.\d+){0,2})\b(\+)?",
    re.IGNORECASE,
)
_VERSIONED = Pattern(
    r"\b(?:require[sd]?|minimum|min|at least|targets?|targeting|support(?:s|ed)?|must|use|uses|version|runtime|"
    r"language|"
    r"needs?|only|compatib\w+|written in|stack|programming language)\b|[+≥>]|(?:or|and) (?:higher|newer|later|"
    r"above)|currently|latest|版本|使用",
    re.IGNORECASE,
)


_NO_VERSION = Pattern(
    r"`[^`]*(?:docker|venv|/|\w=)[^`]*`|\b(?:deprecated|since|e\.g|syntax|(?<!\d )features?|pre-?installed|type|"
    r"example|image|"
    r"if you)\b",
    re.IGNORECASE,
)


#: Languages whose version a file of the project states, where the check reads it.
STATED = frozenset(
    [
        "python",
        "node",
        "go",
        "rust",
        "java",
        "ruby",
        "php",
        "typescript",
        "csharp",
        "dotnet",
        "swift",
        "kotlin",
        "cpp",
        "dart",
        "flutter",
        "elixir",
        "scala",
    ]
)


_INSTALLED = Pattern(r"\b(?:is|are) (?:already |pre-?)installed\b", re.IGNORECASE)
#: What a version brings, and code for some versions: "Java 21 sequenced collections", "In .NET 9+, use", "(C# 12+)".
_PART_OF_IT = Pattern(
    r"^\+? ?(?!(?:lts|is|are|as|or|and|for|with|on|in|only|runtime|minimum|required|pinned|set|defined|the|to|"
    r"stack|mode|by|at|sdk|via|project)\b)[a-z]+ [a-z]+"
)
_GIVEN = Pattern(r"(?:\b[Ii]n|\b[Ss]ince|\b[Aa]s of|\w\)?[^.;:]{20,} \()\s*$")


#: What a project is, told: "Trail is a hiking app (Swift 6)", "The backend is a REST API using PHP 8.3".
_INTRODUCES = Pattern(
    r"^\W*(?:the |this )?[\w.' -]{1,40} (?:is|are) (?:an?|the|our|one) (?!minimum|oldest|lowest|required|only)\w",
    re.IGNORECASE,
)


#: What a machine must have, listed: "Prerequisites: Rust 1.80, pnpm, just".
_NEEDED_HERE = Pattern(r"^\W*(?:prerequisites?|required(?: tools?)?|you need|install)\W{1,4}[^;]*,", re.IGNORECASE)
#: A version that some tools alone need: "Python >= 3.8 (for some test tooling)".
_FOR_SOME = Pattern(r"^`? ?\((?:only )?for (?:some|the|test|build|dev\w*|docs)\b", re.IGNORECASE)


#: Something else that is said after a version: "Python 3.11+ and type every public function".
_ANOTHER = Pattern(r"^ (?:with\b|and (?!type\b)\w+ (?!hints?|syntax|features?))", re.IGNORECASE)
#: Nothing but a version, and how the language is used: "C++20, no extensions", "JDK 21 (toolchain), Kotlin 2.1".
_BARE = Pattern(
    r"^\W*(?:(?:use|written in|target) )?[A-Za-z+#.]{1,12} ?v?\d[\d.]*\+?(?: \([^)]{2,40}\))?"
    r"(?:\W*$|(?:[,，]| and) ?(?:(?:no|never|not|managed|pinned|installed|built|run) |"
    r"[A-Z][a-z]+ \d[\d.]*(?: \([^)]*\))?\W*$))"
)


def version(statement: Statement) -> Rule | None:
    """A language and the version it must have."""
    plain = statement.plain
    found = _VERSION.search(plain) or _OF_LABEL.match(plain)
    if not found or len(plain) > 180:
        return None
    alone = _BARE.match(plain) if found.start() < 3 else None
    bare = alone is not None and (statement.form == "bullet" or not statement.first or alone[0] == plain)
    if language.forbids(statement) and not bare:
        return None
    if _NEEDED_HERE.match(plain) or _FOR_SOME.match(plain[found.end() :]):
        return None
    if statement.form == "paragraph" and _INTRODUCES.match(plain):
        return None
    titled = found[1].lower() == "msrv" or bool(
        regex.search(
            r"\b(?:stack|toolchain|requirements?|prerequisites?|environment|runtime|languages?|setup|overview|"
            r"versions?|"
            r"technical)\b",
            " ".join(statement.headings[-1:]),
            re.IGNORECASE,
        )
    )
    if _INSTALLED.search(plain) or _PART_OF_IT.match(plain[found.end() :]) or _GIVEN.search(plain[: found.start()]):
        return None
    told = plain[: found.end()] if _ANOTHER.match(plain[found.end() :]) else plain[: found.end() + 20]
    stated = _VERSIONED.search(plain) or (titled and (found.start() < 25 or found[1].lower() == "msrv"))
    if not (bare or stated) or _NO_VERSION.search(told):
        return None
    name = regex.sub(r"\.?js$", "", found[1].lower())
    name = {
        "golang": "go",
        "msrv": "rust",
        "jdk": "java",
        "c#": "csharp",
        ".net": "dotnet",
        "c++": "cpp",
        "cpython": "python",
    }.get(name, name)
    loose = bool(found[5] or (found[2] or found[3] or "") in (">=", "≥"))
    return Rule(
        "language_version",
        {"lang": name, "min": found[4], "loose": loose},
        "enforced" if name in STATED else "partly",
        "the manifest's own statement of the version is compared",
    )


_STRICT = Pattern(
    r"\b(?:typescript|ts)\b(?:[^.;]|\.\d){0,30}\bstrict\b|\bstrict (?:mode|typescript|type[- ]check\w*)\b|"
    r"`?\"?strict\"?`?: ?true",
    re.IGNORECASE,
)


#: Under a heading of TypeScript: "`strict` is on and stays on".
_STAYS_ON = Pattern(
    r"^\W*`?strict`?(?: mode)? (?:is|stays|must be|must stay|remains) (?:on|enabled)\b",
    re.IGNORECASE,
)
_OPTION = Pattern(
    r"`(noUncheckedIndexedAccess|exactOptionalPropertyTypes|noImplicitAny|strictNullChecks|"
    r"verbatimModuleSyntax|noUnusedLocals|noUnusedParameters|isolatedModules|noImplicitReturns|"
    r"esModuleInterop)`"
)


_MYPY = Pattern(
    r"\bmypy\b[^.;]{0,20}\bstrict\b|\bstrict\b[^.;]{0,12}\bmypy\b|\bpyright\b[^.;]{0,20}\bstrict\b", re.IGNORECASE
)


#: Options that strict checking of Python turns on.
_MYPY_OPTION = Pattern(r"\b(?:disallow_\w+|check_untyped_defs)\b")


#: An option of the TypeScript compiler that must not be turned on.
_OFF = Pattern(
    r"\b(?i:never|not|don'?t) (?:ever )?(?:enable|turn on|set|use|add)\b[^.;`]{0,20}`((?:no|allow|strict|skip|exact|"
    r"use|"
    r"experimental|emit|isolated|verbatim|resolve|es|preserve)[A-Z]\w{5,})`",
)
_PROJECT_OPTION = Pattern(
    r"\bimplicit usings\b[^.;]{0,20}\benable|`?<?TreatWarningsAsErrors\b|<ImplicitUsings>enable", re.IGNORECASE
)
_MODULE_TYPE = Pattern(r"`\"type\": ?\"module\"`")
_NULLABLE = Pattern(r"\bnullable reference types?\b|`?<Nullable>enable\b", re.IGNORECASE)


def setting(statement: Statement) -> Rule | None:
    """A setting of a compiler or checker that must hold."""
    plain = statement.plain
    if language.forbids(statement) and (off := _OFF.search(plain)):
        why = "the setting is read from tsconfig.json"
        return Rule(
            "config_value", {"file": "tsconfig.json", "key": off[1], "value": False, "unset": True}, "enforced", why
        )
    if (
        language.forbids(statement)
        and not regex.search(r"\b(?:disable|turn off|weaken|loosen|skip|remove|relax)\b", plain, re.IGNORECASE)
    ) or len(plain) > 160:
        return None
    if (project := _PROJECT_OPTION.search(plain)) and not language.forbids(statement):
        key = "ImplicitUsings" if "sing" in project[0].lower() else "TreatWarningsAsErrors"
        why = "the setting is read from the project files that the change touches"
        value = "enable" if key == "ImplicitUsings" else "true"
        return Rule("config_value", {"file": "*.csproj", "key": key, "value": value}, "enforced", why)
    if _MODULE_TYPE.search(plain):
        why = "the setting is read from package.json"
        return Rule("config_value", {"file": "package.json", "key": "type", "value": "module"}, "enforced", why)
    if _NULLABLE.search(plain):
        why = "the setting is read from the project files that the change touches"
        return Rule("config_value", {"file": "*.csproj", "key": "Nullable", "value": "enable"}, "enforced", why)
    around = " ".join((*statement.headings[-1:], statement.lead))
    mypy = _STRICT.search(plain) and ("mypy" in around.lower() or _MYPY_OPTION.search(plain))
    if (mypy or _MYPY.search(plain)) and "`mypy" not in plain:
        return Rule(
            "config_value",
            {"file": "pyproject.toml", "key": "strict", "value": True, "tool": "mypy"},
            "enforced",
            "the setting is read from the project's configuration",
        )
    if found := _OPTION.search(plain):
        return Rule(
            "config_value",
            {"file": "tsconfig.json", "key": found[1], "value": True},
            "enforced",
            "the setting is read from tsconfig.json",
        )
    if _STAYS_ON.match(plain) and "typescript" in " ".join((plain, *statement.headings[-1:])).lower():
        why = "the setting is read from tsconfig.json"
        return Rule("config_value", {"file": "tsconfig.json", "key": "strict", "value": True}, "enforced", why)
    if _STRICT.search(plain) and not regex.search(
        r"\b(?:react|python|javascript|\"use strict\"|csp)\b", plain, re.IGNORECASE
    ):
        return Rule(
            "config_value",
            {"file": "tsconfig.json", "key": "strict", "value": True},
            "enforced",
            "the setting is read from tsconfig.json",
        )
    return None
