"""What acceptance commands lead to: the scripts they run, the targets and scripts these run in turn.

A file that a command merely looks at (`grep -q x FILE`, `python -m doctest FILE`) is what is tested, not what tests it.
"""

from __future__ import annotations

import ast
import json
import posixpath
import re
import shlex
from collections.abc import Callable, Iterable

from loopwright.core.expression import expression

Read = Callable[[str], str | None]

_DEPTH = 6
_SEPARATORS = expression(r"&&|\|\||[;|&\n]")
_LOOKS_AT = frozenset(
    {"grep", "egrep", "fgrep", "rg", "test", "[", "[[", "cat", "head", "tail", "wc", "ls", "stat", "file", "jq", "sed"}
    | {"awk", "echo", "printf", "mypy", "pyright", "ruff", "black", "flake8", "pylint", "bandit", "tsc", "eslint"}
    | {"prettier", "rm", "cp", "mv", "touch", "mkdir", "chmod", "export", "set"}
)
_MODULES_LOOK_AT = frozenset({"doctest", "py_compile", "compileall", "mypy", "ruff", "black", "flake8", "json.tool"})
_INTERPRETERS = expression(
    r"(?:python[\d.]*|node|sh|bash|dash|zsh|ruby|perl|php|deno|bun|tsx|ts-node|uv|poetry|env|time|xargs|exec)$"
)
_MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
_TEXT = expression(r"\.(?:sh|bash|mk|make)$|^[^.]+$")
_JUDGES = expression(r"\b(?:assert|raise|exit|unittest|pytest|AssertionError)\b")


def entrances(commands: Iterable[str], read: Read) -> frozenset[str]:
    """Return the files of the tree that run when the commands do, apart from the code they test."""
    found: set[str] = set()
    for command in commands:
        _follow(command, "", read, found, _DEPTH)
    return frozenset(found)


def npm_scripts(commands: Iterable[str], scripts: dict[str, object]) -> frozenset[str]:
    """Return the scripts of a package.json that the commands run, with those that these run in turn."""
    wanted: set[str] = set()
    queue = list(commands)
    while queue:
        for words in _parts(queue.pop()):
            for name in _npm(words):
                for each in (f"pre{name}", name, f"post{name}"):
                    if each not in wanted and isinstance(text := scripts.get(each), str):
                        wanted.add(each)
                        queue.append(text)
                wanted |= {f"pre{name}", name, f"post{name}"}
    return frozenset(wanted)


def _follow(command: str, folder: str, read: Read, found: set[str], depth: int) -> None:
    if depth <= 0:
        return
    for words in _parts(command):
        if words[0] == "cd" and len(words) > 1:
            folder = posixpath.normpath(posixpath.join(folder, words[1]))
        elif words[0] in ("make", "gmake"):
            _make(words[1:], folder, read, found, depth)
        elif _npm(words):
            _scripts(words, folder, read, found, depth)
        elif words[0].rsplit("/", 1)[-1] not in _LOOKS_AT:
            for path in _runs(words, folder, read):
                if path not in found:
                    found.add(path)
                    if _TEXT.search(posixpath.basename(path)):
                        _follow(read(path) or "", folder, read, found, depth - 1)


def _runs(words: list[str], folder: str, read: Read) -> list[str]:
    """Files among the words of one command: as programs, modules or arguments."""
    if "-m" in words[:-1]:
        module = words[words.index("-m") + 1]
        if module in _MODULES_LOOK_AT:
            return []
        places = (f"{module.replace('.', '/')}.py", f"{module.replace('.', '/')}/__main__.py")
        words = [*words, *places]
    paths = []
    for word in words:
        path = posixpath.normpath(posixpath.join(folder, word.split("::")[0]))
        text = read(path) if path not in (".", "") and not path.startswith(("/", "..")) else None
        if text is not None and not _is_program(path, text, words):
            paths.append(path)
    return paths


def _is_program(path: str, text: str, words: list[str]) -> bool:
    """True for a file that is run to see whether it works and checks nothing itself: it is what is tested."""
    if not path.endswith((".py", ".js", ".mjs", ".ts", ".rb", ".php", ".pl")):
        return False
    if not _INTERPRETERS.search(words[0].rsplit("/", 1)[-1]):
        return False
    if path.endswith(".py"):
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError):
            return not _JUDGES.search(text)
        return not any(isinstance(n, ast.Assert | ast.Raise) for n in ast.walk(tree)) and not _JUDGES.search(text)
    return not re.search(r"assert|expect|throw|exit|die\b", text)


def _make(words: list[str], folder: str, read: Read, found: set[str], depth: int) -> None:
    directory, file, targets = folder, "", []
    it = iter(words)
    for word in it:
        if word in ("-C", "--directory"):
            directory = posixpath.normpath(posixpath.join(folder, next(it, "")))
        elif word in ("-f", "--file"):
            file = next(it, "")
        elif not word.startswith("-") and "=" not in word:
            targets.append(word)
    names = [file] if file else list(_MAKEFILES)
    path = next((p for n in names if read(p := posixpath.normpath(posixpath.join(directory, n))) is not None), "")
    if not path:
        return
    if file:
        found.add(path)
    text = read(path) or ""
    for included in re.findall(r"^-?include\s+(.+)$", text, re.MULTILINE):
        for name in included.split():
            if (more := read(other := posixpath.normpath(posixpath.join(directory, name)))) is not None:
                found.add(other)
                text += f"\n{more}"
    recipes = targets_of(text)
    for target in reached(recipes, targets):
        for line in recipes[target]:
            _follow(line.lstrip("@-+"), directory, read, found, depth - 1)


def _scripts(words: list[str], folder: str, read: Read, found: set[str], depth: int) -> None:
    try:
        scripts = (
            json.loads(read(posixpath.normpath(posixpath.join(folder, "package.json"))) or "{}").get("scripts") or {}
        )
    except (ValueError, AttributeError):
        return
    for name in npm_scripts([shlex.join(words)], scripts):
        if isinstance(text := scripts.get(name), str):
            _follow(text, folder, read, found, depth - 1)


def targets_of(text: str) -> dict[str, list[str]]:
    """Recipes by target, the line that names it first; what stands outside every target is under the empty name."""
    found: dict[str, list[str]] = {"": []}
    target = ""
    for line in text.splitlines():
        head = re.match(r"^([A-Za-z0-9_.-]+)[^:=]*:(?!=)", line)
        if head:
            target = head[1]
        elif line.strip() and not line.startswith(("\t", " ", "#")):
            target = ""
        if line.strip() and not line.lstrip().startswith("#"):
            found.setdefault(target, []).append(line.strip())
    found.pop(".PHONY", None)
    return found


def reached(recipes: dict[str, list[str]], targets: Iterable[str]) -> list[str]:
    """The targets given, or the first, with the prerequisites that they name."""
    first = next((t for t in recipes if t and not t.startswith(".")), "")
    queue, seen = list(targets) or [first], []
    while queue:
        target = queue.pop()
        if target in seen or target not in recipes:
            continue
        seen.append(target)
        heads = [line for line in recipes[target] if re.match(rf"{re.escape(target)}\b[^:=]*:", line)]
        queue += [word for line in heads for word in line.split(":", 1)[1].split()]
        queue += [word for line in recipes[target] if "$(MAKE)" in line for word in line.split()[1:]]
    return seen


def _npm(words: list[str]) -> list[str]:
    if words[0] not in ("npm", "yarn", "pnpm", "bun") or len(words) < 2:
        return []
    rest = [w for w in words[1:] if not w.startswith("-")]
    if rest[:1] in (["run"], ["run-script"]):
        return rest[1:2]
    return [{"t": "test", "tst": "test"}.get(rest[0], rest[0])] if rest else []


def _parts(command: str) -> list[list[str]]:
    """The simple commands of a line of shell, each in words, without its assignments."""
    parts = []
    for part in _SEPARATORS.split(command):
        try:
            words = shlex.split(part, comments=True)
        except ValueError:
            words = part.split()
        while words and (
            re.match(r"\w+=", words[0]) or words[0] in ("!", "(", "{", "then", "do", "else", "if", "while")
        ):
            words.pop(0)
        if words:
            parts.append(words)
    return parts
