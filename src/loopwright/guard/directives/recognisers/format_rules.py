"""Formatters that the code must conform to, and the settings that editors read."""

from __future__ import annotations

import re

from loopwright.guard.directives.reading import language, regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.rule import Rule

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
    "pint",
    "swift-format",
    "palantir java format",
    "palantir-java-format",
    "terraform fmt",
    "dotnet format",
    "dart format",
    "php-cs-fixer",
    "php cs fixer",
    "stylua",
    "mix format",
    "ocamlformat",
    "scalafmt",
    "fantomas",
    "ormolu",
    "fourmolu",
    "nixfmt",
    "alejandra",
    "shfmt",
    "zig fmt",
    "gleam format",
    "buildifier",
    "taplo",
    "autopep8",
    "elm-format",
    "erlfmt",
    "cmake-format",
    "xamlstyler",
]


_FORMATTER = Pattern(
    r"\b(" + "|".join(re.escape(name) for name in sorted(_FORMATTERS, key=len, reverse=True)) + r")\b(?![- ]box)",
    re.IGNORECASE,
)


_FORMATS = Pattern(
    r"\b(?:format(?:ted|ting|ter|s)?|defaults?|style|enforce[sd]?|tabs|spaces|code style|follows?|uses?|"
    r"configured in|psr-?12|"
    r"indent\w*|source of truth|semicolons?)\b|格式",
    re.IGNORECASE,
)


_EDITORCONFIG = Pattern(
    r"\b(?:follow|apply|respect|conform to|adhere to|comply with|use|match|obey|defined in|configured in|"
    r"per)\b[^.;]{0,60}"
    r"\.editorconfig\b",
    re.IGNORECASE,
)


#: Under a heading of style, a language and its formatter: "TypeScript: ESLint + Prettier".
_OF_LANGUAGE = Pattern(
    r"^\W*(?!Lint)[A-Z][\w#+]*(?:(?:/| and | & |, )[A-Z][\w#+]*)*: (?:[A-Z][\w-]*(?: [+&] | and |, ))*$",
)
_STYLED = Pattern(r"\b(?:styles?|formatt\w*|lint\w*|conventions?|code quality)\b", re.IGNORECASE)
#: "C++ formatting uses clang-format (no column limit)".
_FORMATTED_BY = Pattern(
    r"^\W*(?:[\w+#/-]{2,20} )?formatting(?::| uses| is done (?:with|by)| is| via| with) ",
    re.IGNORECASE,
)
#: The settings of several tools, and not how the code is laid out: "follow the Ruff and mypy settings".
_ITS_SETTINGS = Pattern(r"^ and \w+ (?:configurations?|config|settings|rules)\b", re.IGNORECASE)


#: A line of a list of files, and what each holds: "`.clang-format`: C++ formatting", under "Configuration files".
_OF_FILES_THERE = Pattern(r"^\W*`[\w./-]+`\W{1,5}\w")
_LIST_OF_FILES = Pattern(r"\b(?:config\w*|important|key|main) files?\b", re.IGNORECASE)


def _named_as_formatter(statement: Statement, found: re.Match[str]) -> bool:
    if _ITS_SETTINGS.match(statement.plain[found.end() :]) or statement.plain[: found.start()].endswith(" let "):
        return False
    titled = statement.form == "bullet" and _STYLED.search(" ".join(statement.headings[-1:]))
    return bool(_FORMATS.search(statement.plain)) or bool(
        titled and _OF_LANGUAGE.match(statement.plain[: found.start()]) and found.end() > len(statement.plain) - 25
    )


def formatter(statement: Statement) -> Rule | None:
    """A formatter that the code must conform to, or the settings that editors read."""
    plain = statement.plain
    if (
        "`" in plain[:4]
        and statement.headings
        and _OF_FILES_THERE.match(plain)
        and _LIST_OF_FILES.search(statement.headings[-1])
    ):
        return None
    if _EDITORCONFIG.search(plain) and not language.forbids(statement):
        why = "what .editorconfig says of indentation, line ends and lengths is judged on the added lines"
        return Rule("formatter", {"tool": "editorconfig"}, "partly", why)
    found = _FORMATTER.search(plain)
    if (
        not found
        or not _named_as_formatter(statement, found)
        or (
            language.forbids(statement)
            and not regex.search(r"\bonly\b", plain)
            and not (_FORMATTED_BY.match(plain) and not language.against(statement, found.start()))
        )
    ):
        return None
    if (
        regex.search(
            r"\b(?:runs? automatically|will (?:auto-?)?(?:fix|format)|on commit|pre-commit|hooks?|if you|when you)\b",
            plain,
            re.IGNORECASE,
        )
        or len(plain) > 200
    ):
        return None
    name = found[1].lower()
    ok = name in ("black", "ruff", "ruff format", "isort", "prettier", "biome", "gofmt", "rustfmt", "cargo fmt")
    return Rule(
        "formatter",
        {"tool": name},
        "enforced" if ok else "partly",
        "the formatter is run on the changed files where it is installed; without it what is plain is found",
    )
