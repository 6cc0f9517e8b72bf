"""Programs that must be run through others, or not at all."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import language, literals, regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.rule import Rule

_VIA = Pattern(
    r"\b(?:always|must|only)\b[^.;`]{0,20}\buse(?: only)?\b[^.;`]{0,12}`([\w-]+(?: run|"
    r" exec)?)(?: \.\.\.)?`[^.;]{0,60}\b(?:commands?|run|tools?|tests?)\b",
    re.IGNORECASE,
)


#: "All Python commands are run through `uv run`": the language or tool whose programs go through it.
_THROUGH = Pattern(
    r"\b(?:all|every|any|always)? ?(python|node|npm|ruby|rails|php|symfony|artisan|go|rust|cargo|django|"
    r"pytest)[\w /-]{0,20}? (?:commands?|scripts?|tools?|tasks?|invocations?|programs?) (?:must |should |have to |"
    r"need to |"
    r"has to |are |is |be |always |only )*(?:run|executed|invoked|called|go|goes) (?:via|with|through|inside|using|"
    r"in|"
    r"under) (?:the )?`([\w-]+(?: [\w-]+){0,3}?)(?: -T)?(?: (?:--|python|node|ruby|php))?(?: (?:\.\.\.|…|"
    r"<[^<>]+>))?`",
    re.IGNORECASE,
)
#: "To run anything that needs packages you must use `poetry run ...`".
_RUN_WITHIN = Pattern(
    r"\bto run (?:something|anything|any \w+|commands?|scripts?|tools?|python)\b[^.;`]{0,70}\buse `([\w-]+ (?:run|"
    r"exec))"
    r"(?: (?:\.\.\.|…|<[^<>]+>))?`",
    re.IGNORECASE,
)
_PLAIN_TOOL = (
    r"`?(?:cargo|npm|pnpm|yarn|pytest|go|docker|python|pip|mvn|gradle|bazel|cmake|dotnet|swift|xcodebuild|mix)`?"
)
#: "Use `uv run ...` for Python commands".
_FOR_COMMANDS = Pattern(
    r"^\W*(?:always |only )?(?:use|prefer) `((?:uv|poetry|pdm|hatch|pipenv|rye|bundle|docker compose|pixi|"
    r"conda) (?:run|exec)"
    r"(?: [\w-]+)?)"
    r"(?: (?:--|\.\.\.|…|<[^<>]+>|\[[^\][]+\]))*`[^.;`]{0,12} (?:for|with|to run) (?:all |any |every |running )*"
    r"(python|ruby|rails|php|node|django)\w* (?:commands?|scripts?|tools?|programs?|invocations?|tasks?)\b",
    re.IGNORECASE,
)
#: "Prefer `scripts/*.sh` over raw cargo commands".
_OVER_RAW = Pattern(
    r"\b(?:prefer|use|run) (?:the )?(?:`[^`]+`|\w+)(?: [\w]+){0,3} (?:over|instead of|rather than|not) (?:using |"
    r"calling |"
    r"running )?(?:raw|bare|plain|direct|naked) "
    rf"({_PLAIN_TOOL})(?:,? (?:or|and|/) ({_PLAIN_TOOL}))? (?:commands?|calls?|invocations?)\b",
    re.IGNORECASE,
)
#: "Always run tasks through `nx`, never tools directly".
_ALL_THROUGH = Pattern(
    r"\b(?:run|execute|invoke) (?:all |any |every )?(?:tasks?|tools?|commands?|checks?|"
    r"targets?) (?:only )?(?:through|via|with) "
    r"(?:the )?`([\w-]+)`|\b(?:all|every) (?:tasks?|tools?|commands?|checks?) (?:go|goes|runs?|are run|"
    r"is run) (?:through|via) "
    r"(?:the )?`([\w-]+)`",
    re.IGNORECASE,
)
_TOOLS_DIRECTLY = Pattern(
    r"\b(?:never|not|don'?t)\b[^.;`]{0,20}\b(?:the |underlying |raw |single )*(?:tools?|binaries|them|it|"
    r"commands?) directly\b",
    re.IGNORECASE,
)
_PROGRAMS_OF = {
    "python": ("python", "pytest", "ruff", "mypy"), "django": ("python",), "pytest": ("pytest",),
    "node": ("node", "npx", "npm"), "npm": ("npm", "npx"), "ruby": ("ruby", "rake", "rspec", "rails"),
    "rails": ("rails", "rake"), "php": ("php", "composer", "phpunit"), "symfony": ("php", "symfony"),
    "artisan": ("php",), "go": ("go",), "rust": ("cargo",), "cargo": ("cargo",),
}  # fmt: skip


_WITH_OPTION = Pattern(
    r"\b(?:always|must|only)\b[^.;`]{0,12}\buse `((?:\w[\w-]* ){1,3})(--[\w-]+)(?=[`=])", re.IGNORECASE
)


_RAW_TOOL = "`?(pytest|ruff|mypy|python|pip|eslint|jest|vitest|tsc|black|cargo|go test|prettier|phpunit|rspec)`?"


_RAW = Pattern(
    rf"\b(?:don'?t|do not|never|no)\b[^.;`]{{0,20}}\b(?:run|use|call|invoke|raw)\b[^.;`]{{0,10}}{_RAW_TOOL}\b"
    r"[^.;]{0,20}\bdirectly\b",
    re.IGNORECASE,
)


#: "Use `tox` for testing (not pytest directly)".
_NOT_DIRECTLY = Pattern(
    rf"\b(?:use|run|via|through) `?([\w-]+)`?[^.;`]{{0,40}}\bnot"
    rf" {_RAW_TOOL}\b[^.;`]{{0,12}}\bdirectly\b",
    re.IGNORECASE,
)


_TOOLS = (
    "pytest",
    "ruff",
    "mypy",
    "python",
    "black",
    "tox",
    "eslint",
    "jest",
    "vitest",
    "tsc",
    "prettier",
    "uv",
    "poetry",
    "pip",
)


_BARE_PROGRAMS = frozenset((
    "cd", "rm", "npx", "dlx", "npm", "pnpm", "yarn", "pip", "bun", "make", "curl", "sudo", "poetry", "conda",
    "pipenv", "pdm", "gradlew", "mvnw", "docker", "python", "gradle", "mvn", "composer", "bundle", "gem",
    "xcodebuild", "kubectl", "helm", "terraform", "sbt", "nvm", "brew", "docker-compose",
))  # fmt: skip
#: "Never run pytest, python, or airflow commands directly", "do not run mypy: it takes too long".
_RAW_LISTED = Pattern(
    rf"\b(?:don'?t|do not|never|avoid) (?:ever )?(?:run(?:ning)?|invoke|invoking|execute|executing|call) "
    rf"((?:{_RAW_TOOL}(?:,? (?:or|and) |, )?)+)(?:(?:,? (?:or|and) |, )\w+)?"
    r"(?= (?:commands? )?(?:directly|on the host|for\b|here\b|yourself|manually)|\W*$|[.;:—]| [—–-] )",
    re.IGNORECASE,
)


#: "Do not use the `-j` argument with ninja".
_OPTION_WITH = Pattern(
    r"\b(?:never|not|don'?t|avoid) (?:use|using|pass|passing|add|adding)(?: the)? `(--?[\w-]+)`(?: (?:argument|flag|"
    r"option|switch))? "
    r"(?:with|to|for|in) `?([a-z][\w-]*)`?(?=\W*$|[ .,;:-])",
    re.IGNORECASE,
)


#: "Never run dbt with `--target prod`".
_RUN_WITH = Pattern(
    r"\b(?:never|not|don'?t|avoid) (?:ever )?(?:run|running|call|calling|invoke|"
    r"use) `?([a-z][\w-]+)`? with(?: the)? `(--?[\w-]+(?:[ =][\w.-]+)?)`",
    re.IGNORECASE,
)
_BARE = Pattern(
    r"(?:^|[.:;—-]\s*)(?:no|never use|don't use|do not use|never run) ((?:`?(?:npm|pnpm|yarn|npx|bun|pip|"
    r"docker|conda|poetry|sudo|make)`?(?:,? (?:or|and) |, |/)?)+)\b(?! (?:packages?|dependenc|modules?|"
    r"run|install|test))",
    re.IGNORECASE,
)


def forbid_raw(statement: Statement) -> Rule | None:
    """Tools that must be run through a wrapper ("always `uv run`"), with an option, or not at all ("no npm")."""
    params = _wrapped(statement) or _direct(statement) or _bare(statement)
    return (
        Rule("forbid_command", params, "enforced", "a call that runs it is refused before it runs") if params else None
    )


def _wrapped(statement: Statement) -> dict[str, JsonValue] | None:
    """Programs that go through another one."""
    plain = statement.plain
    if found := _OVER_RAW.search(plain):
        return {"commands": [name.strip("`").lower() for name in found.groups() if name]}
    if "`" not in plain:
        return None
    if (found := _VIA.search(plain)) and not regex.search(
        r"\b(?:not|never)\b[^.;`]{0,10}\buse\b", plain, re.IGNORECASE
    ):
        wrapper = found[1].strip()
        tools: list[JsonValue] = [t for t in _TOOLS if t != wrapper.split()[0]]
        return {
            "raw": ["pytest", "ruff", "mypy", "python"] if wrapper.endswith(("run", "exec")) else tools,
            "via": [wrapper],
        }
    if (found := _RUN_WITHIN.search(plain)) and not language.forbids(statement):
        return {"raw": [t for t in _TOOLS if t != found[1].split()[0]], "via": [found[1]]}
    if (found := _ALL_THROUGH.search(plain)) and _TOOLS_DIRECTLY.search(plain):
        wrapper = (found[1] or found[2]).lower()
        return {"raw": [t for t in _TOOLS if t not in (wrapper, "python", "uv", "poetry", "pip")], "via": [wrapper]}
    if found := _FOR_COMMANDS.match(plain):
        return {"raw": [*_PROGRAMS_OF[found[2].lower()]], "via": [found[1]]}
    if found := _THROUGH.search(plain):
        programs = _PROGRAMS_OF[found[1].lower()]
        if found[2].split()[0] not in programs and not language.forbids(statement):
            return {"raw": [*programs], "via": [found[2]]}
    return {"raw": [found[1].strip()], "with": [found[2]]} if (found := _WITH_OPTION.search(plain)) else None


def _direct(statement: Statement) -> dict[str, JsonValue] | None:
    """Programs that nobody runs directly, or with one option."""
    plain = statement.plain
    if found := _RAW.search(plain):
        via = regex.search(r"`((?:uv|poetry|pdm|hatch|pipenv) run)\b", plain)
        return {"raw": [found[1]], "via": [via[1]]} if via else {"commands": [found[1]]}
    if (found := _NOT_DIRECTLY.search(plain)) and found[1].lower() != found[2].lower():
        return {"raw": [found[2].lower()], "via": [found[1]]}
    if target := _RUN_WITH.search(plain):
        return {"commands": [f"{target[1]} {target[2].replace(' ', '=')}"]}
    if option := _OPTION_WITH.search(plain):
        return {"commands": [f"{option[2]} {option[1]}"]}
    if not (found := _RAW_LISTED.search(plain)):
        return None
    tools: list[JsonValue] = [*dict.fromkeys(t.lower() for t in re.findall(_RAW_TOOL, found[1], re.IGNORECASE))]
    via = regex.search(r"\b(?:always|instead|use|only)\b[^.;`]{0,15}`([\w-]+(?: (?:run|exec))?)`", plain[found.end() :])
    return {"raw": tools, "via": [via[1]]} if via else {"commands": tools}


def _bare(statement: Statement) -> dict[str, JsonValue] | None:
    """Programs by their bare names: "no npm"."""
    plain = statement.plain
    if language.forbids(statement) and (found := _BARE.search(plain)):
        return {"commands": regex.findall(r"\w+", regex.sub(r"\b(?:or|and)\b", "", found[1].lower()))}
    bare = [w for w in literals.words(statement) if w.against and w.text in _BARE_PROGRAMS]
    if bare and regex.search(r"\b(?:commands?|directly|run|use|invoke)\b", plain, re.IGNORECASE):
        return {"commands": [w.text for w in bare]}
    if regex.search(
        r"\b(?:do not|don't|never) use\b[^.;`]{0,10}\b(?:p?npm|yarn)\b[^.;]{0,30}\bdirectly\b", plain, re.IGNORECASE
    ):
        return {"commands": [m.lower() for m in regex.findall(r"\b(npm|pnpm|yarn|bun)\b", plain, re.IGNORECASE)]}
    return None
