"""What no rule file can permit or forget: repository metadata, instruction files, destructive commands, the profile."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from loopwright.core.calls import Decision, Effect, ToolCall
from loopwright.core.expression import expression
from loopwright.core.ports import Profile
from loopwright.core.state import State
from loopwright.guard import policy_call as calls
from loopwright.guard import policy_shell as shell
from loopwright.guard.directives.discovery import FALLBACKS, is_instruction

#: Git commands that lose work or rewrite what others have.
_DESTRUCTIVE = (
    "git reset --hard",
    "git clean -f",
    "git push --force",
    "git push --force-with-lease",
    "git push --mirror",
    "git push --delete",
    "git push --prune",
    "git branch -D",
    "git branch --delete --force",
    "git tag -d",
    "git stash drop",
    "git stash clear",
    "git reflog expire",
    "git filter-branch",
    "git filter-repo",
    "git gc --prune=now",
    "git update-ref -d",
    "git checkout --force",
    "git checkout -- .",
    "git checkout .",
    "git checkout HEAD -- .",
    "git switch --force",
    "git switch --discard-changes",
    "git restore .",
    "git reset --merge",
    "git read-tree --reset",
    "git checkout-index --force",
    "git rm -r .",
    "git submodule deinit --force",
    "git worktree remove --force",
    "svn revert",
)
_REMOVERS = frozenset({"rm", "rmdir", "find", "unlink", "truncate", "mv"})
_RAW = expression(r"^(?:mkfs(?:\.\w+)?|fdisk|parted|wipefs|shutdown|reboot|halt|poweroff|shred)$")


class ProfilePolicy:
    """Holds calls to the profile: nothing is written in read-only, the network is asked for, `ask` asks."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile

    async def decide(self, call: ToolCall, effect: Effect, state: State) -> Decision:
        if call.tool == "ask":
            return Decision("ask", str(call.args.get("question", "")), "ask")
        if self._profile == "read-only" and effect & Effect.WRITE:
            return Decision("deny", "the session is read-only: nothing may be changed", "profile:read-only")
        if self._profile != "danger-full-access" and effect & Effect.NETWORK:
            return Decision("ask", f"{call.tool} uses the network", f"profile:{self._profile}")
        return Decision("allow")


class MetadataPolicy:
    """Never `.git`; never a path that leads out of the workspace."""

    async def decide(self, call: ToolCall, effect: Effect, state: State) -> Decision:
        line = calls.command_line(call)
        simple = shell.read(line).commands if line else ()
        direct = calls.written_paths(call, state.workspace) if effect & Effect.WRITE else ()
        for path in direct:
            if path.startswith(("..", "/")):
                return Decision("deny", f"{path} lies outside the workspace", "safety:outside")
        indirect = [calls.normal_path(p, state.workspace) for s in simple for p in calls.changed_by(s.argv, s.writes)]
        for path in (*direct, *indirect):
            if ".git" in path.casefold().split("/"):
                return Decision(
                    "deny", f"{path} is repository metadata, which is never written directly", "safety:.git"
                )
        return Decision("allow")


class InstructionPolicy:
    """A change to a file of instructions needs a person's consent, whoever proposes it."""

    def __init__(self, fallbacks: Sequence[str] = FALLBACKS) -> None:
        self._fallbacks = tuple(fallbacks)

    async def decide(self, call: ToolCall, effect: Effect, state: State) -> Decision:
        line = calls.command_line(call)
        paths = list(calls.written_paths(call, state.workspace)) if effect & Effect.WRITE else []
        for simple in shell.read(line).commands if line else ():
            paths += [calls.normal_path(p, state.workspace) for p in calls.changed_by(simple.argv, simple.writes)]
        for path in paths:
            if is_instruction(path, self._fallbacks):
                return Decision("ask", f"{path} holds rules for agents: may it be changed?", "safety:instructions")
        return Decision("allow")


class DestructivePolicy:
    """Commands that lose work ask, in every mode; so does a line that cannot be read."""

    async def decide(self, call: ToolCall, effect: Effect, state: State) -> Decision:
        text = calls.command_line(call)
        if not text or not effect & Effect.EXECUTE:
            return Decision("allow")
        line = shell.read(text)
        for simple in line.commands:
            if reason := _loses(simple, state.workspace):
                return Decision("ask", f"`{' '.join(simple.argv)[:160]}` {reason}", "safety:destructive")
        if line.unread == shell.FETCHED or line.unread.startswith("no shell grammar"):
            return Decision("ask", line.unread, "safety:unread")
        return Decision("allow")


def _loses(simple: shell.Simple, root: str) -> str:
    argv = simple.argv
    name = posixpath.basename(argv[0]) if argv and argv[0] else ""
    if any(shell.matches(pattern, argv) for pattern in _DESTRUCTIVE) or _forced_push(argv):
        return "loses work or rewrites history"
    if _RAW.match(name) or (name == "dd" and any(a.startswith("of=/dev/") for a in argv)):
        return "is destructive"
    if name == "rm" and all(a.startswith("-") for a in argv[1:]):
        return "removes whatever it is given"
    if name in _REMOVERS and (name != "find" or "-delete" in argv or "rm" in argv):
        for target in argv[1:]:
            if not target.startswith("-") and _outside(target, root):
                return "removes what lies outside the workspace"
    return ""


def _forced_push(argv: tuple[str, ...]) -> bool:
    return shell.matches("git push", argv) and any(a[0] in "+:" and len(a) > 1 for a in argv[2:] if a)


def _outside(target: str, root: str) -> bool:
    """True for a removal target that is the workspace itself, its contents as a whole, or lies outside of it."""
    if target.startswith("~") or re.match(r"^\$\{?(?:HOME|OLDPWD)\b", target):
        return True
    path = calls.normal_path(target, root)
    return path.startswith(("..", "/")) or path in (".", "*", ".*") or bool(re.match(r"^\$\w+/?\*?$", target))
