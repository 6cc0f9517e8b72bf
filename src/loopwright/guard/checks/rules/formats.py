"""Formatters of the project itself, run in the sandbox on the changed files: prettier, biome, gofmt, rustfmt …

A formatter is given each text on its standard input and says how it would write it: nothing in the view is changed,
and the first line that differs is the place. Where the tool is not there, what can be told without it is judged and
the rest is said to be unjudged.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import PurePosixPath

from loopwright.core.checks import Finding, Verdict
from loopwright.core.fact import Fact
from loopwright.core.ports import CheckContext, Workspace
from loopwright.core.rules import Directive
from loopwright.core.running import Ran
from loopwright.guard.checks.rules.delta import Delta, File, finding, fresh
from loopwright.guard.checks.rules.formats_text import untidy
from loopwright.guard.checks.rules.project_tool import absent, first_line, run_tool
from loopwright.guard.checks.rules.verdict import advised, judged
from loopwright.guard.policy_directives import below

#: Files of one change that a formatter is shown; a larger change is said to be judged in part.
_MOST_FILES = 100
_SECONDS = 30.0  # for one file
_SCRIPT = frozenset({".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts"})
_C = frozenset({".c", ".h", ".cc", ".cpp", ".hpp", ".cxx"})


class Formatter(Fact, frozen=True):
    """How a program is told to write a text from its standard input to its standard output."""

    argv: tuple[str, ...]  # "{path}" stands for the file's path
    suffixes: frozenset[str]


_RUST = Formatter(("rustfmt", "--emit", "stdout", "--edition", "{edition}"), frozenset({".rs"}))
_PRETTIER = Formatter(
    ("prettier", "--stdin-filepath", "{path}"),
    _SCRIPT | {".css", ".scss", ".less", ".json", ".yaml", ".yml", ".md", ".html", ".vue", ".graphql"},
)
#: Formatters by the name a rule gives them.
FORMATTERS: dict[str, Formatter] = {
    "prettier": _PRETTIER,
    "eslint + prettier": _PRETTIER,
    "biome": Formatter(("biome", "format", "--stdin-file-path={path}"), _SCRIPT | {".json", ".css"}),
    "gofmt": Formatter(("gofmt",), frozenset({".go"})),
    "gofumpt": Formatter(("gofumpt",), frozenset({".go"})),
    "goimports": Formatter(("goimports",), frozenset({".go"})),
    "rustfmt": _RUST,
    "cargo fmt": _RUST,
    "clang-format": Formatter(("clang-format", "--assume-filename={path}"), _C),
    "yapf": Formatter(("yapf",), frozenset({".py"})),
    "dprint": Formatter(("dprint", "fmt", "--stdin", "{path}"), _SCRIPT | {".json", ".md"}),
    "stylua": Formatter(("stylua", "--stdin-filepath", "{path}", "-"), frozenset({".lua"})),
    "swiftformat": Formatter(("swiftformat", "stdin", "--stdinpath", "{path}"), frozenset({".swift"})),
    "mix format": Formatter(("mix", "format", "-"), frozenset({".ex", ".exs"})),
}


async def formatted(rule: Directive, delta: Delta, view: Workspace, ctx: CheckContext) -> Verdict:
    """Return what the formatter says of the changed files; `advised`, with the reason, where it is not there."""
    tool = FORMATTERS[str(rule.params["tool"])]
    files = [f for f in delta.written(rule) if PurePosixPath(f.path).suffix in tool.suffixes and f.after.strip()]
    if not files:
        return judged(rule, (), "no changed file is one that it formats")
    found: list[Finding] = []
    unread: list[str] = []
    for file in files[:_MOST_FILES]:
        ran = await _format(rule, tool, file, file.after, delta, view, ctx)
        if absent(ran):
            return _without(rule, tool.argv[0], files)
        if not ran.ok:
            unread.append(f"{file.path}: {first_line(ran)}")
        line = _first_difference(file.after, ran.out.decode("utf-8", "replace")) if ran.ok else 0
        if line and not await _was_untidy(rule, tool, file, delta, view, ctx):
            found.append(finding(rule, file.path, line, f"{tool.argv[0]} would format the file otherwise"))
    if len(files) > _MOST_FILES:
        unread.append(f"{len(files) - _MOST_FILES} more files were not judged")
    return judged(rule, found, f"{tool.argv[0]} read {len(files[:_MOST_FILES])} changed files", unread)


async def _was_untidy(
    rule: Directive, tool: Formatter, file: File, delta: Delta, view: Workspace, ctx: CheckContext
) -> bool:
    """True where the file was not formatted before the change either: an old violation does not block."""
    if not file.before.strip():
        return False
    before = await _format(rule, tool, file, file.before, delta, view, ctx)
    return before.ok and bool(_first_difference(file.before, before.out.decode("utf-8", "replace")))


async def _format(
    rule: Directive, tool: Formatter, file: File, text: str, delta: Delta, view: Workspace, ctx: CheckContext
) -> Ran:
    path = below(rule, file.path)
    argv = [a.replace("{path}", path).replace("{edition}", _edition(rule, delta)) for a in tool.argv]
    return await run_tool(rule, argv, view, ctx, _SECONDS, text.encode())


def _edition(rule: Directive, delta: Delta) -> str:
    for path in (posixpath.join(rule.scope, "Cargo.toml"), "Cargo.toml"):
        if found := re.search(r'^edition\s*=\s*"(\d{4})"', delta.read(path) or "", re.MULTILINE):
            return found[1]
    return "2021"


def _first_difference(text: str, better: str) -> int:
    """Return the number of the first line that differs, 0 where the texts are the same."""
    if text == better:
        return 0
    pairs = zip(text.split("\n"), better.split("\n"), strict=False)
    return next((n for n, (a, b) in enumerate(pairs, 1) if a != b), text.count("\n") + 1)


def _without(rule: Directive, program: str, files: list[File]) -> Verdict:
    """What is plain without the tool is found all the same; that nothing was found is no pass."""
    tool = str(rule.params["tool"])
    found = [
        finding(rule, f.path, line, reason)
        for f in files
        for line, reason in fresh(untidy(tool, f.path, f.before), untidy(tool, f.path, f.after), f.before, f.after)
    ]
    why = f"{program} is not installed where the change is judged"
    if found:
        return judged(rule, found, f"{why}; found without it")
    return advised(rule, f"not judged: {why}; trailing blanks and indentation were read all the same")
