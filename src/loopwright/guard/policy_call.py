"""What one tool call would touch: the paths it writes and the commands it runs."""

from __future__ import annotations

import fnmatch
import posixpath
import re

from loopwright.core import patch as patches
from loopwright.core.calls import ToolCall
from loopwright.core.errors import ToolFailure

#: Programs whose operands are files they change, and how many leading operands are not files.
_WRITERS = {
    **dict.fromkeys(
        ["rm", "rmdir", "unlink", "mv", "cp", "tee", "touch", "truncate", "ln", "install", "dd", "shred"], 0
    ),
    **dict.fromkeys(("chmod", "chown"), 1),
}


def written_paths(call: ToolCall, root: str) -> tuple[str, ...]:
    """Return the paths that a call to `edit` or `write` changes, relative to root where they lie below it."""
    found: list[str] = []
    path = call.args.get("path")
    if isinstance(path, str) and path:
        found.append(path)
    patch = call.args.get("patch")
    if isinstance(patch, str):
        found.extend(_touched(patch))
    return tuple(dict.fromkeys(normal_path(p, root) for p in found))


def _touched(text: str) -> tuple[str, ...]:
    """Paths of a patch; none where it cannot be read, since then nothing of it is applied."""
    try:
        return patches.touched(patches.parse(text))
    except ToolFailure:
        return ()


def normal_path(path: str, root: str) -> str:
    """Return path relative to root with `.` and `..` resolved; one that leads out begins with `..`."""
    path = path.strip().removeprefix("file://")
    if path.startswith("/") and root:
        path = posixpath.relpath(posixpath.normpath(path), posixpath.normpath(root))
    return posixpath.normpath(path) if path else path


def command_line(call: ToolCall) -> str:
    """Return the shell line of a call, "" where it has none."""
    line = call.args.get("command")
    return line if isinstance(line, str) else ""


def changed_by(argv: tuple[str, ...], writes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the paths that a simple command names as files it changes; what a script hides is not seen."""
    found = list(writes)
    name = posixpath.basename(argv[0]) if argv else ""
    rest = argv[1:]
    if name in _WRITERS:
        found += [a for a in rest if not a.startswith("-")][_WRITERS[name] :]
    elif name in ("sed", "perl") and any(re.match(r"^-[a-zA-Z]*i", a) or a.startswith("--in-place") for a in rest):
        found += [a for a in rest if not a.startswith("-")]
    elif name == "git" and rest[:1] and rest[0] in ("rm", "mv", "checkout", "restore"):
        found += [a for a in rest[1:] if not a.startswith("-")]
    return tuple(found)


def path_matches(path: str, glob: str) -> bool:
    """True where a path lies in a glob as people write them: a bare name in any directory, a directory with all below.

    `**` spans directories, `*` does not, `{a,b}` are alternatives.
    """
    for each in _braces(glob):
        bare = each.removeprefix("./").removeprefix("/")
        if fnmatch.fnmatchcase(path, bare) and "*" not in bare:
            return True
        if _pattern(bare).match(path):
            return True
    return False


def _braces(glob: str) -> list[str]:
    """Return the alternatives of `{a,b}`, a hundred at most."""
    done: list[str] = []
    pending = [glob[:300]]
    while pending and len(done) + len(pending) <= 100:
        each = pending.pop()
        found = re.search(r"\{([^{}]*,[^{}]*)\}", each)
        if not found:
            done.append(each)
            continue
        pending += [each[: found.start()] + part + each[found.end() :] for part in found[1].split(",")]
    return done


#: Wildcards of one glob at most.
_STARS = 10

_CACHE: dict[str, re.Pattern[str]] = {}


def _pattern(glob: str) -> re.Pattern[str]:
    if glob not in _CACHE:
        _CACHE[glob] = re.compile(_expression(glob))
    return _CACHE[glob]


def _expression(glob: str) -> str:
    body, index = [], 0
    glob = re.sub(r"(?:\*\*/)+", "**/", re.sub(r"\*{3,}", "**", glob))[:300]
    if glob.count("*") > _STARS:  # a person writes no such glob, and matching it could take for ever
        return "(?!)"
    while index < len(glob):
        if glob.startswith("**/", index):
            body.append("(?:[^/]+/)*")
            index += 3
        elif glob.startswith("**", index):
            body.append(".*")
            index += 2
        elif glob[index] == "*":
            body.append("[^/]*")
            index += 1
        else:
            body.append("[^/]" if glob[index] == "?" else re.escape(glob[index]))
            index += 1
    return "(?:.*/)?" + "".join(body) + "(?:/.*)?$"
