"""What a shell line would run: every simple command, through pipes, lists, substitutions, `sh -c`, sudo and env."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from loopwright.core.expression import expression
from loopwright.guard.grammar import parse, shell_text_of

if TYPE_CHECKING:
    from tree_sitter import Node

#: Nested `sh -c` and substitutions deeper than this are not read: the line counts as unreadable.
_DEEPEST = 6
#: A longer line is not parsed.
_LONGEST = 100_000

_SHELLS = frozenset({"sh", "bash", "zsh", "dash", "ksh", "fish", "ash"})
#: Programs that run the rest of their arguments, and which of their options take a value.
_WRAPPERS: dict[str, frozenset[str]] = {
    "sudo": frozenset({"-u", "-g", "-h", "-p", "-C", "-D", "-r", "-t", "-U"}),
    "doas": frozenset({"-u", "-C"}),
    "env": frozenset({"-u", "-C", "-S"}),
    "nohup": frozenset(),
    "time": frozenset({"-f", "-o"}),
    "nice": frozenset({"-n"}),
    "ionice": frozenset({"-c", "-n", "-p"}),
    "stdbuf": frozenset({"-i", "-o", "-e"}),
    "setsid": frozenset(),
    "command": frozenset(),
    "builtin": frozenset(),
    "exec": frozenset({"-a"}),
    "xargs": frozenset({"-I", "-n", "-P", "-L", "-d", "-a", "-s", "-E"}),
    "timeout": frozenset({"-s", "-k"}),
    "strace": frozenset({"-e", "-o", "-p"}),
    "watch": frozenset({"-n"}),
    "unbuffer": frozenset(),
    "chronic": frozenset(),
    "dotenv": frozenset({"-f", "-e"}),
    "cross-env": frozenset(),
    "npx": frozenset({"-p", "--package"}),
    "bunx": frozenset(),
    "uvx": frozenset({"--from", "--with"}),
    "pipx": frozenset(),
}
#: Two-word runners: `uv run X`, `poetry run X`.
_RUNNERS = {
    ("uv", "run"): frozenset(
        {"--with", "--group", "--extra", "-p", "--python", "--package", "--project", "--directory"}
    ),
    ("poetry", "run"): frozenset[str](),
    ("pdm", "run"): frozenset[str](),
    ("pipenv", "run"): frozenset[str](),
    ("hatch", "run"): frozenset[str](),
    ("rye", "run"): frozenset[str](),
    ("bundle", "exec"): frozenset[str](),
    ("pnpm", "exec"): frozenset[str](),
    ("pnpm", "dlx"): frozenset[str](),
    ("yarn", "dlx"): frozenset[str](),
    ("npm", "exec"): frozenset[str](),
    ("docker", "exec"): frozenset({"-u", "-w", "-e"}),
}
_ASSIGNMENT = expression(r"^[A-Za-z_]\w*=")
_DURATION = expression(r"^\d+(?:\.\d+)?[smhd]?$")


class Simple(msgspec.Struct, frozen=True):
    """One simple command: its words as the shell would pass them, as far as known, and the files it redirects to."""

    argv: tuple[str, ...]
    writes: tuple[str, ...] = ()


class Line(msgspec.Struct, frozen=True):
    """Everything a shell line would run. `unread` says why some of it cannot be known, "" where all is."""

    commands: tuple[Simple, ...]
    unread: str = ""


@lru_cache(maxsize=64)
def read(text: str) -> Line:
    """Return the simple commands of a shell line, those inside wrappers as well as the wrappers themselves."""
    if len(text) > _LONGEST:
        return Line((), "the command is too long to be read")
    try:
        return _read(text, 0)
    except ImportError:
        return Line((), "no shell grammar is installed: pip install 'loopwright[checks]'")


def _read(text: str, depth: int) -> Line:
    if depth > _DEEPEST:
        return Line((), "commands are nested too deep to be read")
    root = parse("bash", text)
    if root is None:
        return Line((), "its syntax cannot be read")
    commands: list[Simple] = []
    unread = "its syntax cannot be read" if root.has_error else ""
    for simple, opaque in _walk(root):
        commands.append(simple)
        unread = unread or opaque
        inner, why = _unwrap(simple, depth)
        commands.extend(inner)
        unread = unread or why
    if any(_reads_script(simple) for simple in commands):
        for script in _scripts(root, commands):
            line = _read(script, depth + 1)
            commands.extend(line.commands)
            unread = unread or line.unread
        if any(posixpath.basename(c.argv[0]) in _FETCHERS for c in commands if c.argv):
            unread = FETCHED
    return Line(tuple(commands), unread)


#: Why a line that pipes what it fetched into a shell cannot be known.
FETCHED = "it runs a script that it fetches"
_FETCHERS = frozenset({"curl", "wget", "fetch", "nc", "ftp"})


def _reads_script(simple: Simple) -> bool:
    """True for a shell that takes its script from its input."""
    name = posixpath.basename(simple.argv[0]) if simple.argv and simple.argv[0] else ""
    rest = [a for a in simple.argv[1:] if a != "-"]
    return name in _SHELLS and (not rest or all(a in ("-s", "-e", "-x", "-u", "-l") for a in rest))


def _scripts(root: Node, commands: list[Simple]) -> Iterator[str]:
    """What such a shell may be given: here-documents, here-strings, and what `echo` and `printf` print."""
    pending = [root]
    while pending:
        node = pending.pop()
        if node.type == "heredoc_body":
            yield shell_text_of(node)
        elif node.type == "herestring_redirect" and node.named_children:
            yield _word(node.named_children[-1])[0]
        pending.extend(node.children)
    for simple in commands:
        if simple.argv and posixpath.basename(simple.argv[0]) in ("echo", "printf"):
            yield " ".join(a for a in simple.argv[1:] if not a.startswith("-")).replace("\\n", "\n")


def _walk(root: Node) -> Iterator[tuple[Simple, str]]:
    pending = [root]
    while pending:
        node = pending.pop()
        if node.type == "command":
            yield _simple(node)
        elif node.type == "redirected_statement" and (written := _redirects(node)):
            yield Simple(("",), written), ""
        pending.extend(reversed(node.children))


def _simple(node: Node) -> tuple[Simple, str]:
    argv: list[str] = []
    opaque = ""
    for child in node.named_children:
        if child.type == "variable_assignment" or child.type.endswith("redirect"):
            continue
        word, known = _word(child.named_children[0] if child.type == "command_name" and child.named_children else child)
        if not argv and not known:
            opaque = "the program it runs is computed"
        argv.append(word)
    return Simple(tuple(argv), _redirects(node)), opaque


def _redirects(node: Node) -> tuple[str, ...]:
    written = []
    for child in node.children:
        if child.type == "file_redirect" and any(c.type in (">", ">>", "&>", "&>>", ">|") for c in child.children):
            target = child.named_children[-1] if child.named_children else None
            if target is not None:
                written.append(_word(target)[0])
    return tuple(written)


def _word(node: Node) -> tuple[str, bool]:
    """Return a word without its quotes, and whether it is a constant."""
    raw = shell_text_of(node)
    if node.type in ("word", "number", "command_name"):
        return re.sub(r"\\(.)", r"\1", raw), True
    if node.type == "raw_string":
        return raw[1:-1], True
    if node.type == "ansi_c_string":
        return raw[2:-1].encode().decode("unicode_escape", "replace"), True
    if node.type == "string":
        parts = [c for c in node.named_children if c.type != "string_content"]
        return re.sub(r'\\(["\\$`])', r"\1", raw[1:-1]), not parts
    if node.type == "concatenation":
        words = [_word(c) for c in node.children]
        return "".join(w for w, _ in words), all(k for _, k in words)
    return raw, False


def _unwrap(simple: Simple, depth: int) -> tuple[list[Simple], str]:
    """The commands that a wrapper runs: `sudo X`, `env A=1 X`, `timeout 5 X`, `sh -c 'X'`, `eval X`, `uv run X`."""
    argv = simple.argv
    found: list[Simple] = []
    for _ in range(_DEEPEST):
        if not argv or not argv[0]:
            return found, ""
        name = posixpath.basename(argv[0])
        if name in _SHELLS or name == "eval":
            return _script(argv, name, found, depth)
        inner = _inner(argv, name)
        if inner is None:
            return found, ""
        argv = inner
        if argv:
            found.append(Simple(argv))
    return found, "commands are nested too deep to be read"


def _script(argv: tuple[str, ...], name: str, found: list[Simple], depth: int) -> tuple[list[Simple], str]:
    if name == "eval":
        text: str | None = " ".join(argv[1:])
    else:
        flags = [i for i, a in enumerate(argv[1:], 1) if re.match(r"^-[a-zA-Z]*c$", a)]
        text = argv[flags[0] + 1] if flags and flags[0] + 1 < len(argv) else None
    if text is None:
        return found, ""
    line = _read(text, depth + 1)
    return [*found, *line.commands], line.unread


def _inner(argv: tuple[str, ...], name: str) -> tuple[str, ...] | None:
    if name == "find":
        for flag in ("-exec", "-execdir", "-ok"):
            if flag in argv:
                return tuple(a for a in argv[argv.index(flag) + 1 :] if a not in (";", "+", "\\;"))
        return None
    if (name, *argv[1:2]) in _RUNNERS:
        return _skip(argv[2:], _RUNNERS[name, argv[1]])
    if name not in _WRAPPERS:
        return None
    rest = _skip(argv[1:], _WRAPPERS[name])
    if name in ("timeout", "watch") and rest and _DURATION.match(rest[0]):
        rest = rest[1:]
    if name == "pipx" and rest[:1] == ("run",):
        rest = rest[1:]
    return rest


def _skip(words: tuple[str, ...], valued: frozenset[str]) -> tuple[str, ...]:
    """Leave out leading options and assignments."""
    index = 0
    while index < len(words):
        word = words[index]
        if word == "--":
            return words[index + 1 :]
        if word in valued:
            index += 2
        elif word.startswith("-") or _ASSIGNMENT.match(word):
            index += 1
        else:
            break
    return words[index:]


def matches(pattern: str, argv: tuple[str, ...]) -> bool:
    """True where argv is a run of the command written as pattern ("git push --force", "npm publish").

    The program and its leading words must agree in order, other options may stand between; each option of the pattern
    must be there. `npm run test` and `npm test` are the same command.
    """
    wanted, given = _wanted(pattern), _normal(argv)
    if not wanted or not given or wanted[0] != given[0]:
        return False
    words = [w for w in wanted[1:] if not w.startswith("-") and not _open(w)]
    options = [w for w in wanted[1:] if w.startswith("-")]
    rest = [g for g in given[1:] if not g.startswith("-")]
    if not all(_has_option(o, given) for o in options):
        return False
    return any(rest[skip : skip + len(words)] == words for skip in range(_values_first(given) + 1))


@lru_cache(maxsize=1024)
def _wanted(pattern: str) -> tuple[str, ...]:
    return _normal(tuple(pattern.split()))


def _values_first(given: tuple[str, ...]) -> int:
    """How many words at the start are values of global options (`git -C dir push`)."""
    count, after_option = 0, False
    for word in given[1:]:
        if word.startswith("-"):
            after_option = "=" not in word
        elif after_option:
            count, after_option = count + 1, False
        else:
            break
    return count


def _open(word: str) -> bool:
    return word.startswith(("<", "[")) or word in ("...", "…", "*")


def _has_option(option: str, given: tuple[str, ...]) -> bool:
    if option in given or any(g.startswith(option + "=") for g in given):
        return True
    name, valued, value = option.partition("=")
    if valued and any(pair == (name, value) for pair in pairwise(given)):
        return True
    short = {"--force": "f", "--all": "a", "--no-verify": "n", "--recursive": "r"}.get(option, "")
    letters = option[1:] if re.match(r"^-[a-zA-Z]+$", option) else short
    given_letters = "".join(g[1:] for g in given if re.match(r"^-[a-zA-Z]+$", g))
    return bool(letters) and all(letter in given_letters for letter in letters)


@lru_cache(maxsize=1024)
def _normal(argv: tuple[str, ...]) -> tuple[str, ...]:
    argv = tuple(a for a in argv if not _ASSIGNMENT.match(a)) if argv and _ASSIGNMENT.match(argv[0]) else argv
    if not argv:
        return ()
    head = posixpath.basename(argv[0])
    rest = argv[1:]
    if re.match(r"^python[\d.]*$", head):
        if rest[:1] == ("-m",) and len(rest) > 1:
            return (rest[1], *rest[2:])
        head = "python"
    if head in ("npm", "pnpm", "yarn", "bun") and rest[:1] == ("run",):
        rest = rest[1:]
    head = {"pip3": "pip", "py.test": "pytest"}.get(head, head)
    return (head, *rest)
