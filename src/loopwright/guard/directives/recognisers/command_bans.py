"""Commands that a rule speaks against: refused in dispatch."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import language, literals, regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers import commands_of_others
from loopwright.guard.directives.rule import Rule

#: An order that holds on one system alone: "Windows: use `build.cmd` instead of `build.sh`".
_ON_ONE_SYSTEM = Pattern(
    r"^\W*(?:on |in |for )?(?:windows|macos|mac|linux|unix|wsl|powershell)\b[^`]{0,12}[:,]", re.IGNORECASE
)


#: A command that must not be run in one place: "`npx vitest` from the project root".
_FROM_ROOT = Pattern(
    r"^`? (?:against|on) (?:any(?:thing|where)?\b|the |an? |production|remote)|"
    r"^`? (?:directly )?(?:from|in|inside|within|at) (?!this |here\b|(?:the |an? )?(?:agent|interactive|ci|coding)"
    r"\b|the (?:repo\w*|project|code\w*)\b(?! root)|any |general)",
    re.IGNORECASE,
)


def forbid_command(statement: Statement) -> Rule | None:
    """Commands the sentence speaks against: refused in dispatch, with everything that runs them in a shell line."""
    found = literals.words(statement)
    if other := _other_program(statement, found) or commands_of_others.left_to_others(statement):
        return other
    banned: list[JsonValue] = [
        w.text
        for w in found
        if w.against and (w.sort == "command" or _own_program(statement, found, w) or _bare_program(statement, w))
    ]
    banned = [b for b in banned if isinstance(b, str) and _runnable(statement, found, b)]
    if not banned:  # "Never touch state (`tofu state`, `tofu import`)"
        named = [
            w.text for w in found if w.sort == "command" and " " in w.text and language.does_it(statement, w.start)
        ]
        if named:
            why = "a call that runs it is refused before it runs"
            return Rule("forbid_command", {"commands": [*named]}, "enforced", why)
    if not banned or _reason_only(statement, found, str(banned[0])) or _ON_ONE_SYSTEM.match(statement.plain):
        return None
    each = [one for b in banned for one in _each_of(_of_any(b))]
    params: dict[str, JsonValue] = {"commands": [*dict.fromkeys([*each, *_listed(found)])]}
    last = next(w for w in found if w.text == banned[-1] and w.against)
    if _FROM_ROOT.match(statement.plain[last.end :]):
        why = "a call that runs it is asked about; where it runs is not told apart"
        return Rule("forbid_command", params, "partly", why, level="ask")
    if options := _allowed(banned, found):
        params["with"] = options
    return Rule("forbid_command", params, "enforced", "a call that runs it is refused before it runs")


#: Programs that stand in for each other on a command line.
_INSTEAD = frozenset((
    "gradle", "gradlew", "./gradlew", "mvn", "mvnw", "./mvnw", "make", "just", "task", "npx", "bunx", "docker",
    "docker-compose", "podman", "python", "python3", "pip", "conda", "grep", "rg", "find", "fd", "sed", "awk",
    "cat", "curl", "wget", "rm", "trash", "sudo", "node", "deno", "bazel", "bazelisk",
))  # fmt: skip


def _other_program(statement: Statement, found: tuple[literals.Word, ...]) -> Rule | None:
    """One program in the place of another: "use `gradle`, not `gradlew`"."""
    if len(found) != 2 or found[0].against or not found[1].against:
        return None
    wanted, banned = found[0].text, found[1].text
    between = statement.plain[found[0].end : found[1].start]
    if not {wanted, banned} <= _INSTEAD or not regex.fullmatch(
        r"\W*(?:instead of|rather than|over|not|never|and not)(?: the| plain| bare)? ", between
    ):
        return None
    return Rule("forbid_command", {"commands": [banned]}, "enforced", "a call that runs it is refused before it runs")


#: Orders to run, or to use, what follows.
_RUN_IT = Pattern(r"\b(?:run|running|execute|executing|invoke|invoking|call|use|using)\W+(?:the )?$", re.IGNORECASE)


def _own_program(statement: Statement, found: tuple[literals.Word, ...], word: literals.Word) -> bool:
    """True for a command line of a program that is not known, where the sentence says that it must not be run."""
    if word.sort != "code" or not literals.may_run(word.text) or not _RUN_IT.search(statement.plain[: word.start]):
        return False
    head = word.text.partition(" ")[0]
    told = not regex.search(r"\b(?:use|using)\W+(?:the )?$", statement.plain[: word.start], re.IGNORECASE)
    return told or "-" in head or any(w.sort == "command" and w.text.partition(" ")[0] == head for w in found)


_OF_COMMANDS = Pattern(r"\b(?:commands?|running|run from|in the (?:shell|terminal))\b", re.IGNORECASE)


def _bare_program(statement: Statement, word: literals.Word) -> bool:
    """True for the name of a program where the sentence speaks of running commands: "not with `turbo` directly"."""
    return (
        word.sort == "name"
        and word.text in literals.PROGRAMS
        and bool(_OF_COMMANDS.search(statement.plain) or _RUN_ANY.search(statement.plain[: word.start]))
    )


_RUN_ANY = Pattern(
    r"\b(?:run|running|execute|executing|invoke) (?:any |the )?(?:`[^`]*`(?:, |,? or |,? and |/))*$", re.IGNORECASE
)


def _of_any(command: JsonValue) -> str:
    """A command without the placeholder at its end: `pip install <package>` is any `pip install`."""
    bare = regex.sub(r"\s+(?:<[^<>]*>|\[[^\][]*\]|\.\.\.|…|\{[^{}]*\})+$", "", str(command))
    return regex.sub(r"(?<=\w)=(?:\.\.\.|…|<[^<>]*>)$", "", bare)


#: Several subcommands in one: `kubectl apply/delete/edit`.
_ROW = Pattern(r"^((?:[\w-]+ ){1,3})([a-z]+(?:/[a-z]+)+)$")


def _each_of(command: str) -> list[str]:
    row = _ROW.match(command)
    return [f"{row[1]}{one}" for one in row[2].split("/")] if row else [command]


def _listed(found: tuple[literals.Word, ...]) -> list[str]:
    """Bare names of programs in one list with those that are spoken against: "no raw `uv`, `pytest`"."""
    sorts = [w.sort for w in found if w.against]
    return (
        [w.text for w in found if w.against and w.sort == "name" and w.text in literals.PROGRAMS]
        if "command" in sorts
        else []
    )


def _allowed(banned: list[JsonValue], found: tuple[literals.Word, ...]) -> list[JsonValue]:
    """Options of a wanted command that begins as a banned one does: `pip install -r x`, not `pip install <package>`."""
    heads = [_of_any(b) for b in banned]
    wanted = [w.text for w in found if w.sort == "command" and not w.against]
    return [
        option
        for text in wanted
        if any(text.startswith(head + " ") for head in heads)
        for option in regex.findall(r"(?<=\s)--?[\w-]+", text)[:1]
    ]


_RUN = Pattern(
    r"^\W*(?:(?:ever|directly|manually|raw|bare|plain|the|a|an|any|attempt|try|to|be|use|uses|using|run|"
    r"running|execute|executing|invoke|invoking|call|calling|rely|on|direct|default|doing|performing|"
    r"full|global|globally|package-manager-specific|do|perform|in|this|repo|it|commands?|via|with|git|npm|"
    r"instead|of|with|plain)\W*)*$",
    re.IGNORECASE,
)


def _runnable(statement: Statement, found: tuple[literals.Word, ...], text: str) -> bool:
    """True where the negation governs the command itself, or one listed before it."""
    word = next(w for w in found if w.text == text and w.against)
    head = statement.plain[: word.start]
    cut = max((m.end() for m in language.NEGATION.finditer(head)), default=0)
    between = regex.sub(r"`[^`]*`|\b(?:or|and|nor)\b|[,/]", " ", head[cut:])
    if cut and _RUN.match(between):
        return True
    passive = regex.match(
        r"[^.;(]{0,60}\b(?:blocked|forbidden|banned|prohibited|not allowed|never|off[- ]limits|taboo)\b|"
        r"[^.;]{0,40}\bdo not run\b",
        statement.plain[word.end :],
        re.IGNORECASE,
    )
    return bool(passive) or (not cut and language.negative_lead(statement))


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
    plain = statement.plain
    why = "a call that runs it is refused before it runs"
    if (found := _VIA.search(plain)) and not regex.search(
        r"\b(?:not|never)\b[^.;`]{0,10}\buse\b", plain, re.IGNORECASE
    ):
        wrapper = found[1].strip()
        tools: list[JsonValue] = [t for t in _TOOLS if t != wrapper.split()[0]]
        if wrapper.endswith(("run", "exec")):
            tools = ["pytest", "ruff", "mypy", "python"]
        return Rule("forbid_command", {"raw": tools, "via": [wrapper]}, "enforced", why)
    if (found := _RUN_WITHIN.search(plain)) and not language.forbids(statement):
        programs: list[JsonValue] = [t for t in _TOOLS if t != found[1].split()[0]]
        return Rule("forbid_command", {"raw": programs, "via": [found[1]]}, "enforced", why)
    if (found := _ALL_THROUGH.search(plain)) and _TOOLS_DIRECTLY.search(plain):
        wrapper = (found[1] or found[2]).lower()
        tools = [t for t in _TOOLS if t not in (wrapper, "python", "uv", "poetry", "pip")]
        return Rule("forbid_command", {"raw": tools, "via": [wrapper]}, "enforced", why)
    if found := _OVER_RAW.search(plain):
        programs = [name.strip("`").lower() for name in found.groups() if name]
        return Rule("forbid_command", {"commands": programs}, "enforced", why)
    if found := _FOR_COMMANDS.match(plain):
        programs = [*_PROGRAMS_OF[found[2].lower()]]
        return Rule("forbid_command", {"raw": programs, "via": [found[1]]}, "enforced", why)
    if found := _THROUGH.search(plain):
        programs = [*_PROGRAMS_OF[found[1].lower()]]
        if found[2].split()[0] not in programs and not language.forbids(statement):
            return Rule("forbid_command", {"raw": programs, "via": [found[2]]}, "enforced", why)
    if found := _WITH_OPTION.search(plain):
        return Rule("forbid_command", {"raw": [found[1].strip()], "with": [found[2]]}, "enforced", why)
    if found := _RAW.search(plain):
        via = regex.search(r"`((?:uv|poetry|pdm|hatch|pipenv) run)\b", plain)
        return Rule(
            "forbid_command",
            {"raw" if via else "commands": [found[1]], **({"via": [via[1]]} if via else {})},
            "enforced",
            why,
        )
    if (found := _NOT_DIRECTLY.search(plain)) and found[1].lower() != found[2].lower():
        return Rule("forbid_command", {"raw": [found[2].lower()], "via": [found[1]]}, "enforced", why)
    if target := _RUN_WITH.search(plain):
        return Rule("forbid_command", {"commands": [f"{target[1]} {target[2].replace(' ', '=')}"]}, "enforced", why)
    if option := _OPTION_WITH.search(plain):
        return Rule("forbid_command", {"commands": [f"{option[2]} {option[1]}"]}, "enforced", why)
    if found := _RAW_LISTED.search(plain):
        tools = [*dict.fromkeys(t.lower() for t in re.findall(_RAW_TOOL, found[1], re.IGNORECASE))]
        via = regex.search(
            r"\b(?:always|instead|use|only)\b[^.;`]{0,15}`([\w-]+(?: (?:run|exec))?)`", plain[found.end() :]
        )
        params: dict[str, JsonValue] = {"raw": tools, "via": [via[1]]} if via else {"commands": tools}
        return Rule("forbid_command", params, "enforced", why)
    if language.forbids(statement) and (found := _BARE.search(plain)):
        names: list[JsonValue] = regex.findall(r"\w+", regex.sub(r"\b(?:or|and)\b", "", found[1].lower()))
        return Rule("forbid_command", {"commands": names}, "enforced", why)
    bare = [w for w in literals.words(statement) if w.against and w.text in _BARE_PROGRAMS]
    if bare and regex.search(r"\b(?:commands?|directly|run|use|invoke)\b", plain, re.IGNORECASE):
        return Rule("forbid_command", {"commands": [w.text for w in bare]}, "enforced", why)
    if regex.search(
        r"\b(?:do not|don't|never) use\b[^.;`]{0,10}\b(?:p?npm|yarn)\b[^.;]{0,30}\bdirectly\b", plain, re.IGNORECASE
    ):
        named: list[JsonValue] = [m.lower() for m in regex.findall(r"\b(npm|pnpm|yarn|bun)\b", plain, re.IGNORECASE)]
        return Rule("forbid_command", {"commands": named}, "enforced", why)
    return None


def _reason_only(statement: Statement, found: tuple[literals.Word, ...], banned: str) -> bool:
    """True for "do not push without running `x`": the command named is wanted, not banned."""
    first = next(w for w in found if w.text == banned)
    head = statement.plain[: first.start]
    return bool(
        regex.search(
            r"\bwithout (?:first )?(?:running|passing|using|doing)\b|\bforget to\b|\bskip\b|\bbypass\b|\bunless\b|"
            r"\bif\b[^,]*$|\bwhen\b[^,]*$|\buntil\b",
            head,
            re.IGNORECASE,
        )
    ) and not regex.search(
        r"\b(?:never|do not|don'?t|must not) (?:run|use|execute|invoke|"
        r"call)\s+$",
        head,
        re.IGNORECASE,
    )
