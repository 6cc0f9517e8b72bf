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
