"""Commands that a file names: what each is for, and whether the file makes it a gate or only lists it."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.core.rules import Level
from loopwright.guard.directives.reading import language, literals, regex, working_directories
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers.prescribed import prescribes
from loopwright.guard.directives.recognisers.purposes import PLACEHOLDER, purpose
from loopwright.guard.directives.recognisers.unnamed_commands import EXPLICIT, PREPARES, unnamed
from loopwright.guard.directives.rule import Rule

_EXPLICIT_TITLE = Pattern(
    r"\b(?:before|pre-?commit|pre-?push|quality gates?|definition of done|done when|required checks|"
    r"checklist|validation|verification|verify|must pass|ci checks|after)\b|提交前",
    re.IGNORECASE,
)
_MAKE = Pattern(
    r"`?(make|just|task|npm run|pnpm|yarn|mage|rake|npm|bun run|nox|invoke|inv)`? (?:commands|targets|"
    r"tasks|scripts|recipes|sessions)",
    re.IGNORECASE,
)


#: What a tool named without arguments is run as.
_BARE = {
    "ruff": "ruff check .",
    "mypy": "mypy .",
    "black": "black --check .",
    "eslint": "npx eslint .",
    "prettier": "npx prettier --check .",
    "biome": "npx biome check .",
    "tsc": "npx tsc --noEmit",
    "jest": "npx jest",
    "vitest": "npx vitest run",
    "golangci-lint": "golangci-lint run",
    "pre-commit": "pre-commit run --all-files",
}


#: What the words beside a command only illustrate or rule out: "(e.g. just example linter)", "non-test files".
_ASIDE = Pattern(
    r"\((?:e\.g|for example|such as|i\.e)[^)]*\)|\bnon-\w+|\bgenerates? an? (?:new )?"
    r"(?:sandbox|project|app|component|module|page|model|service|migration|plugin|package|skeleton|key|token)\b",
    re.IGNORECASE,
)


#: A target of the project's own: where the file says that it must be run, it is a gate whatever its name tells.
_TARGET = Pattern(r"^(?:make|just|task|mage|rake) [a-z][\w:-]*_\w+$")


def compile_command(commands: tuple[str, ...], words: str, explicit: bool, where: tuple[str, ...] = ()) -> Rule | None:
    """Return the gate made of commands that stand together, None where none of them checks or makes anything.

    `where` are the directories it is said to run in: of several it is not known which one is meant.
    """
    words = _ASIDE.sub("", words)
    aims = {c: purpose(c, words) or (explicit and _TARGET.match(c) and "build") for c in commands}
    purposes = {p for p in aims.values() if p}
    if not purposes:
        return None
    gates = [c for c, p in aims.items() if p]
    whole = [c for c in gates if " " in c] or gates
    kept: list[JsonValue] = [_BARE.get(c, c) for c in whole]
    gate = "explicit" if explicit else "listed"
    why = (
        "run as a gate on the final tree" if explicit else "proposed; adopted as a gate if it passes on the clean tree"
    )
    params: dict[str, JsonValue] = {
        "commands": kept,
        "purpose": purposes.pop() if len(purposes) == 1 else "multi",
        "gate": gate,
    }
    level: Level = "block" if explicit else "warn"
    if len(where) > 1 or any(PLACEHOLDER.search(each) for each in where):
        return Rule("command", params, "partly", "which directory it runs in is not known here", level)
    if where:
        params["directory"] = where[0]
    if all(PLACEHOLDER.search(str(c)) for c in kept):
        params["placeholder"] = True
        return Rule("command", params, "partly", "its placeholder is not known here: told to the model", level)
    return Rule("command", params, "enforced", why, level)


_OPTIONS = Pattern(r" --?[\w-]+(?:=\S+)?")
#: Fences whose every line is a command.
_SHELLS = ("bash", "sh", "shell", "zsh", "console", "fish")


def from_code(statement: Statement) -> Rule | None:
    """Return the gate that a line of a shell fence is."""
    line = statement.plain
    own = (
        (statement.lang in _SHELLS or "/" in line.split(" ")[0])
        and literals.may_run(line)
        and bool(purpose(_OPTIONS.sub("", line)))
    )
    if not literals.runs(line) and not own:
        return None
    words = f"{statement.comment} {statement.above}" if statement.comment or statement.above else statement.lead
    if regex.search(
        r"\b(?:don'?t|do not|never|wrong|bad|avoid)\b(?! includes?| contains?| touch\w*| modif\w+| chang\w+)|❌",
        words,
        re.IGNORECASE,
    ):
        return None
    explicit = not PREPARES.search(statement.lead) and bool(
        EXPLICIT.search(words) or _EXPLICIT_TITLE.search(_title(statement)) or EXPLICIT.search(statement.lead)
    )
    titled = _title(statement) if regex.match(r"^code ?gen", _title(statement), re.IGNORECASE) else ""
    where = working_directories.directories(statement)
    return compile_command((line,), words, explicit, where) or (
        compile_command((line,), "generate", explicit, where) if titled else None
    )


def _title(statement: Statement) -> str:
    return statement.headings[-1] if statement.headings else ""


def from_cells(statement: Statement) -> Rule | None:
    """Return the gate that a table row names."""
    commands = tuple(w.text for cell in statement.cells for w in _cell_words(statement, cell))
    header = " ".join(statement.header)
    if not commands and statement.cells and regex.search(r"\b(?:command|script|task|target)", header, re.IGNORECASE):
        bare = statement.cells[0].strip("` ")
        commands = (bare,) if literals.runs(bare) else ()
    return compile_command(commands, statement.plain, bool(EXPLICIT.search(statement.plain))) if commands else None


def _cell_words(statement: Statement, cell: str) -> tuple[literals.Word, ...]:
    found = literals.words(Statement(statement.line, cell, cell, "paragraph"))
    shows = any(
        cell == shown and _OF_PATHS.search(title)
        for shown, title in zip(statement.cells, statement.header, strict=False)
    )
    return tuple(
        w
        for w in found
        if w.sort == "command" and not (shows and " " not in w.text) and not _BRACKETED.fullmatch(cell[: w.start])
    )


#: One word, and a command in brackets: "Yes (`go test ./...`)".
_BRACKETED = Pattern(r"\W*\w+ \($")
#: A column that shows what lies where.
_OF_PATHS = Pattern(r"\b(?:paths?|files?|director(?:y|ies)|folders?|locations?|where)\b", re.IGNORECASE)


#: What a command can do, or when it is handy: "many lints can be fixed via `x`", "using `cargo` is usually faster".
_HANDY = Pattern(
    r"\bcan (?:often |usually |also )?be (?:auto-?|automatically )?(?:fixed|formatted|applied|corrected)\b|"
    r"\bit is (?:likely|usually|often|sometimes) (?:\w+ )?to run\b|\bto get [^.;`]{3,40} while `|"
    r"\busing `[^`]+` (?:commands? )?is (?:usually|often|generally|typically|much) \w+",
    re.IGNORECASE,
)


def from_sentence(statement: Statement) -> Rule | None:
    """Return the gate that a sentence names, literally or ("run the linters") by what it is for."""
    found = literals.words(statement)
    if regex.search(r"\bformatted (?:with|by|using|according)\b", statement.plain):
        return None
    if _HANDY.search(statement.plain):
        return None
    wanted = regex.search(r"\bwithout (?:first )?(?:running|passing)\b", statement.plain)
    commands = tuple(
        w.text for w in found if w.sort == "command" and (not w.against or (wanted and w.start > wanted.start()))
    )
    said = bool(
        EXPLICIT.search(statement.plain) or EXPLICIT.search(statement.lead) or _ALL_OF_THEM.search(statement.block)
    )
    titled = _EXPLICIT_TITLE.search(_title(statement)) and language.level(statement) != "warn"
    explicit = said or bool(titled)
    if _OF_OTHERS.search(_title(statement)) and all(" " not in c for c in commands):
        commands = ()
    if not commands:
        commands = _target(statement, found) or _own(statement, found)
    if commands:
        if statement.shows and all(" " not in c or any(s.startswith(c) for s in statement.shows) for c in commands):
            return None  # what is run is what the fence below holds
        if (
            not prescribes(statement, found, commands, said)
            or _OF_CI.match(statement.plain)
            or _example_only(statement, found)
        ):
            return None
        return compile_command(commands, statement.plain, explicit, working_directories.directories(statement))
    return None if statement.shows and not any(map(purpose, statement.shows)) else unnamed(statement)


#: Said of the commands before: "Run all three before you open a pull request".
_ALL_OF_THEM = Pattern(
    r"\brun (?:both|all(?: (?:of (?:them|these)|three|four|five))?|them(?: all)?|these(?: \w+)?) before\b|"
    r"\b(?:both|all (?:three|four|of them|of these)) (?:must|have to|need to|should) (?:pass|succeed|be (?:green|"
    r"clean))\b",
    re.IGNORECASE,
)
#: Headings of what there is: a bare name below is no order to run it.
_OF_OTHERS = Pattern(
    r"^\W*(?:\w+ )?(?:skills|agents|dependencies|libraries|packages|tech(?:nology)? stack|technologies)\b",
    re.IGNORECASE,
)
_INSTANCE = Pattern(
    r"(?:\((?:e\.g\.?|for example|such as|i\.e\.?|like|see|via|internally)[,:]?\s*|"
    r"\btasks \()(?:`[^`]+`[, ]*(?:or )?)*$",
    re.IGNORECASE,
)
#: Commands in brackets as some of many: "built-in commands (`x dev`, `x build`, etc.)".
_SOME_OF_MANY = Pattern(r"\((?:`[^`]+`, ?)+(?:etc\.?|…|\.\.\.|and so on)\)")


def _example_only(statement: Statement, found: tuple[literals.Word, ...]) -> bool:
    """True where every command stands in brackets as an instance of something else that is asked for."""
    named = [w for w in found if w.sort == "command"]
    plain = statement.plain
    if named and (some := _SOME_OF_MANY.search(plain)) and all(some.start() < w.start < some.end() for w in named):
        return True
    return (
        bool(named)
        and all(_INSTANCE.search(plain[: w.start]) for w in named)
        and not _RUN_SAID.search(plain.split("(")[0])
    )


_RUN_SAID = Pattern(r"\b(?:run|execute|test|lint|build|format|check|verify)\w*\b", re.IGNORECASE)


def _target(statement: Statement, found: tuple[literals.Word, ...]) -> tuple[str, ...]:
    """A bare target ("`check`: run all checks") where the heading says what runs it ("`make` commands")."""
    if not found or found[0].start > 1 or statement.form != "bullet" or found[0].sort not in ("name", "command"):
        return ()
    for title in (statement.lead, *reversed(statement.headings)):
        if runner := _MAKE.search(title):
            return (f"{runner[1].lower()} {found[0].text}",)
    return ()


#: What stands before a command in back-ticks: an order to run it, or a label of what it is for.
_ORDERED = Pattern(
    r"(?:\b(?:run|running|execute|invoke)\W+(?:the )?(?:tests? with \w+\W+)?|"
    r"^[\w /()+-]{3,60}:?\s*[:–—-]\s*|(?:→|->|=>)\s*|\b(?:or|then|and)\W+|\buse\W+)$",
    re.IGNORECASE,
)


#: A script by its path, and the word that it is run.
_SCRIPT = Pattern(r"^(?:\./)?(?:[\w-]+/)*(?:tools|scripts?|bin)/[\w./-]+\.(?:js|mjs|ts|pl)$")
_IS_RUN = Pattern(r"^`? (?:is|was|has been|must be|gets) run\b")


def _own(statement: Statement, found: tuple[literals.Word, ...]) -> tuple[str, ...]:
    """Commands of programs that are not known, where the sentence says to run them and what they are for is plain."""
    return tuple(
        w.text
        for w in found
        if (
            w.sort in ("code", "name")
            or (w.sort == "path" and _SCRIPT.match(w.text) and _IS_RUN.match(statement.plain[w.end :]))
        )
        and not w.against
        and (w.sort == "path" or literals.may_run(w.text))
        and purpose(_OPTIONS.sub("", w.text))
        and (w.sort == "path" or _ORDERED.search(statement.plain[: w.start]))
    )


#: What a server runs, told.
_OF_CI = Pattern(r"^\W*(?:the )?(?:ci|pipeline|github actions?)\b[^.;`]{0,20}\bruns?\b", re.IGNORECASE)
