"""What the back-ticked words of a sentence are: commands, paths, globs, calls, names."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Literal as OneOf

import msgspec

from loopwright.core.expression import expression
from loopwright.guard.directives.reading import language
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement, once

Sort = OneOf["command", "path", "call", "name", "code"]

#: Back-ticked words of one sentence that are looked at: more are a list that no rule is made of.
MOST_WORDS = 30
_TICKED = expression(r"(?<![`\\])(`{1,2})(?!`)(.+?)(?<!`)\1(?!`)")


def _programs() -> dict[str, bool]:
    """Read `programs.txt`: names of programs, and whether the bare name is a whole command."""
    lines = Path(__file__).with_name("programs.txt").read_text(encoding="utf-8").split()
    return {line.rstrip("!"): line.endswith("!") for line in lines}


#: Programs that rules name, and whether the bare name is a whole command.
PROGRAMS = _programs()
_SCRIPT = expression(
    r"^(?:\./|\.\./|\.\\|(?:[\w.-]+[/\\])*(?:[\w-]*scripts?|bin|tools?|hack|dev|ci|"
    r"build)[/\\])[\w./\\-]*[\w-](?:\s|$)|^[\w./\\-]+\.(?:sh|cmd|bat|ps1)(?:\s|$)"
)
_VERBED = expression(r"^[a-z][\w.-]{0,14} (?:run )?(?:test|tests|lint|check|build|fmt|format|typecheck|e2e)(?:[:\s]|$)")
_FILE = expression(
    r"^(?!//)(?:[\w@.*{}<>,$()\[\]~+-]*/[\w@.*{}<>,/$()\[\]~+-]*|"
    r"[\w.*{}<>\[\]-]*\*[\w.*{}<>,\[\]-]*\.[\w{},*]+|[\w-]{2,}(?:\.[\w-]+)*\.\*|\.?[\w*{}<>-]+(?:\.[\w{}*-]+)*\."
    r"(?:py|pyi|ts|tsx|js|jsx|mjs|cjs|mts|cts|go|rs|java|kt|rb|php|cs|cpp|cc|c|h|hpp|swift|md|mdx|mdc|rst|"
    r"txt|json|jsonc|yaml|yml|toml|lock|cfg|ini|"
    r"sh|ps1|sql|proto|graphql|css|scss|less|html|vue|svelte|xml|example|gradle|properties|lockb|snap|"
    r"ipynb|dart|ex|exs|tf|po|csv|mod|sum|work|prisma|astro|erb|hbs|j2|tpl|tmpl|bzl|bazel|nix|kts|plist|"
    r"tfstate|tfvars|ipynb_checkpoints|pbxproj|xcodeproj|plist|entitlements|csproj|vcxproj|sln|resx|resw|xaml|lua|scala|hcl|svg|png|thrift|pyx|neon|slnx|props|targets|xcconfig|storyboard|xib|fs|fsproj|cshtml|razor|twig|haml|"
    r"jsonl|zig|erl|hrl|clj|jl|pbtxt|avsc|docc|snapshot))$|"
    r"^(?:Dockerfile|Makefile|Justfile|Taskfile|CHANGELOG|README|LICENSE|CODEOWNERS|NOTICE|Gemfile|"
    r"Procfile|\.[a-z]+-versions?|\.[a-z]+rc|\.editorconfig|\.gitattributes|\.gitmodules|\.env|\.gitignore|\.npmrc|\.dockerignore|\.git)$"
)
_CALL = expression(r"^\.?[\w$.:<>]+!?\((?:[^()]*|\.\.\.|…)\)$|^[\w:]+!$|^\.\w+\(\)$")
_NAME = expression(r"^@?[\w$][\w$.:-]*$|^@[\w-]+/[\w.-]+$")
_ASSIGNED = expression(r"^(?:[A-Z_][A-Z0-9_]*=(?:\"[^\"]*\"|'[^']*'|\S*)\s+)+")


class Word(msgspec.Struct, frozen=True):
    """One back-ticked span: its text, what it is, and whether the sentence speaks against it."""

    text: str
    sort: Sort
    start: int
    end: int
    against: bool


@once
def words(statement: Statement) -> tuple[Word, ...]:
    """Return the back-ticked spans of a statement's plain text in order."""
    return tuple(islice(_words(statement), MOST_WORDS))


def _words(statement: Statement) -> Iterator[Word]:
    for found in _TICKED.finditer(statement.plain):
        text = found[2].strip()
        if text:
            yield Word(text, sort(text), found.start(), found.end(), language.against(statement, found.start()))


def runs_first(statement: Statement) -> bool:
    """True where the sentence begins with a command in back-ticks."""
    found = words(statement)
    return bool(found) and found[0].sort == "command" and not statement.plain[: found[0].start].strip("* ")


def sort(text: str) -> Sort:
    """Return what a back-ticked text is."""
    if runs(text):
        return "command"
    if _FILE.match(text) and not text.startswith(("http:", "https:")):
        return "path"
    if _CALL.match(text):
        return "call"
    return "name" if _NAME.match(text) else "code"


#: Commands of one chain that are looked at.
_LINKS = 8


#: A line of a program that is not known: `breeze build-docs`, `spin lint`, `e test --ci`.
_COMMAND_LIKE = Pattern(
    r"^[a-z][a-z0-9_-]{0,20}(?:/[a-z][\w-]*)? (?:[a-z][\w:.-]*|--?[a-z][\w-]*)(?: [\w./:=@<>*\"'\[\]{}$,-]+){0,8}$"
)


def may_run(text: str) -> bool:
    """True where text has the form of a command line of a program of the project's own."""
    return bool(_COMMAND_LIKE.match(text)) and text.partition(" ")[0] not in _KEYWORDS


#: Words that lines of code begin with.
_KEYWORDS = frozenset(
    (
        "import",
        "from",
        "let",
        "const",
        "var",
        "type",
        "interface",
        "class",
        "def",
        "return",
        "new",
        "async",
        "await",
        "use",
        "using",
        "package",
        "public",
        "private",
        "static",
        "function",
        "func",
        "fn",
        "extends",
        "implements",
        "throw",
        "raise",
        "yield",
        "export",
        "default",
        "if",
        "for",
        "while",
        "match",
        "case",
        "struct",
        "enum",
        "impl",
        "mod",
        "pub",
        "not",
        "and",
        "or",
        "the",
        "in",
        "is",
        "a",
        "an",
        "no",
        "with",
        "as",
        "go",
        "select",
        "insert",
        "update",
        "delete",
        "create",
    )
)  # fmt: skip - {"go"}


#: A program that runs another one in an environment: `mise exec -- make build`, `nix develop -c cargo test`.
_LAUNCHED = expression(
    r"^(?:[a-z]+ (?:exec|run|x|shell)(?: --?[\w-]+(?:=\S+)?)* --|nix (?:develop|shell)[^-]*(?:-c|--command)) (\S.*)$"
)


#: What follows the name of a program, and not the name of a variable: `go test`, `python .github/x.py`.
_ARGUMENTS = expression(r"[^=:(.]|\.{1,2}/|\.\w+/|\.(?:\s|$)")
#: A program by the ending of its file, or a cmdlet: `shop_tests.exe --list`, `Invoke-Tests -All`.
_PROGRAM_FILE = expression(r"^[\w.\\-]+\.exe$|^(?:Invoke|Start|Build|Test|Run)-[A-Z]\w+$")
#: A command line of its own shell: `(cd examples && go test ./...)`.
_SUBSHELL = expression(r"^\((.+)\)$")


def runs(text: str) -> bool:
    """True where text reads as a command line: a known program with arguments, or a script."""
    if inner := _SUBSHELL.match(text):
        return runs(inner[1].strip())
    if "&&" in text:
        return any(runs(link.strip()) for link in text.split("&&")[:_LINKS])
    bare = _ASSIGNED.sub("", text.removeprefix("$ "))
    if launched := _LAUNCHED.match(bare):
        return runs(launched[1])
    head, _, rest = bare.partition(" ")
    if _SCRIPT.match(bare):
        return (
            bool(rest)
            or head.endswith((".sh", ".py", ".ps1", ".cmd", ".bat", ".rb", "gradlew", "mvnw"))
            or (head.startswith("./") and head.endswith((".js", ".mjs", ".ts", ".pl", ".php")))
            or "." not in head.rsplit("/", 1)[-1]
        )
    if _VERBED.match(bare):
        return True
    name = head.rsplit("/", 1)[-1]
    if _PROGRAM_FILE.match(name):
        return True
    return name in PROGRAMS and ((bool(rest) and bool(_ARGUMENTS.match(rest))) or PROGRAMS[name])
