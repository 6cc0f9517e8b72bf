"""What git says is tracked and ignored, asked so that an untrusted repository runs nothing and changes nothing."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from loopwright.core.errors import WorkspaceError
from loopwright.workspace.names import is_cache, is_git

_GIT = (
    *("git", "-c", "safe.directory=*", "-c", "core.fsmonitor=false", "-c", "core.untrackedCache=false"),
    *("-c", "core.hooksPath=/dev/null", "-c", "core.quotePath=false"),
)
_SECONDS = 120


@dataclass(frozen=True)
class Listing:
    """The files of a tree as git sees them. Paths are relative to the root."""

    tracked: frozenset[bytes]
    others: frozenset[bytes]  # neither tracked nor ignored
    nested: tuple[bytes, ...] = ()  # directories that are repositories of their own, deepest first
    git_dir: str = ""  # the repository the root lies in; "" = none, or there is no git
    work_tree: str = ""  # its top directory

    @property
    def paths(self) -> frozenset[bytes]:
        return self.tracked | self.others


@dataclass(frozen=True)
class Git:
    """Runs git on one tree.

    In a view `enter` is the command that first enters its namespace, and the repository is the one found outside:
    what a command wrote into the view cannot name another.
    """

    root: str
    enter: tuple[str, ...] = ()
    passed: tuple[int, ...] = ()
    git_dir: str = ""
    work_tree: str = ""

    def run(self, args: Sequence[str], below: bytes = b"", stdin: bytes = b"") -> tuple[int, bytes]:
        """Exit status and standard output. Raises FileNotFoundError where there is no git."""
        kept = ("PATH", "HOME", "XDG_CONFIG_HOME")
        env = {name: os.environ[name] for name in kept if name in os.environ}
        env |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
        env |= {"GIT_ALLOW_PROTOCOL": "", "GIT_NO_LAZY_FETCH": "1"}  # a partial clone may name any transport
        if self.git_dir and not below:
            env |= {"GIT_DIR": self.git_dir, "GIT_WORK_TREE": self.work_tree}
        at = os.path.join(os.fsencode(self.root), below)
        done = subprocess.run(
            [*self.enter, *_GIT, "-C", at, *args],
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=env,
            pass_fds=self.passed,
            timeout=_SECONDS,
            check=False,
        )
        return done.returncode, done.stdout

    def list_files(self) -> Listing | None:
        """Tracked and unignored files; None where the root is in no repository, or ignored by the one it is in."""
        try:
            status, out = self.run(["rev-parse", "--show-prefix", "--absolute-git-dir", "--show-toplevel"])
            prefix, git_dir, top = (out.split(b"\n") + [b""] * 3)[:3]
            if status != 0 or (prefix and self.run(["check-ignore", "-q", "."])[0] == 0):
                return None
            listing = self._list(b"")
            return replace(listing, git_dir=os.fsdecode(git_dir), work_tree=os.fsdecode(top))
        except FileNotFoundError:
            return None
        except subprocess.TimeoutExpired:
            raise WorkspaceError(f"git took longer than {_SECONDS} s to list {self.root}") from None

    def _ask(self, args: Sequence[str], below: bytes, stdin: bytes = b"", good: Sequence[int] = (0,)) -> bytes:
        """What git printed. A list that may lack files is worse than none: raises WorkspaceError."""
        status, out = self.run(args, below, stdin)
        if status not in good:
            at = os.path.join(self.root, os.fsdecode(below))
            raise WorkspaceError(f"git cannot list the files of {at}: `git -C {at} status` says why")
        return out

    def _list(self, below: bytes) -> Listing:
        staged = self._ask(["ls-files", "-z", "--stage"], below)
        tracked: set[bytes] = set()
        nested: list[bytes] = []
        prefix = below + b"/" if below else b""
        for line in staged.split(b"\0")[:-1]:
            head, _, path = line.partition(b"\t")
            (nested.append if head.startswith(b"160000") else tracked.add)(prefix + path)
        others: set[bytes] = set()
        for path in self.list_others(below):
            (nested.append(path[:-1]) if path.endswith(b"/") else others.add(path))
        found: list[bytes] = []
        for directory in nested:
            if is_git(directory) or not Path(self.root, os.fsdecode(directory)).is_dir():
                continue
            found.append(directory)
            if self._is_repository(directory):
                inner = self._list(directory)
                tracked |= inner.tracked
                others |= inner.others
                found += inner.nested
        keep = [frozenset(p for p in some if not is_cache(p) and not is_git(p)) for some in (tracked, others)]
        return Listing(keep[0], keep[1] - keep[0], tuple(sorted(found, reverse=True)))

    def _is_repository(self, directory: bytes) -> bool:
        there = os.path.lexists(Path(self.root, os.fsdecode(directory), ".git"))
        return there and self.run(["rev-parse"], directory)[0] == 0

    def list_others(self, below: bytes = b"") -> list[bytes]:
        """Untracked, unignored files; a nested repository is one name that ends with a slash."""
        out = self._ask(["ls-files", "-z", "--others", "--exclude-standard"], below)
        prefix = below + b"/" if below else b""
        return [prefix + path for path in out.split(b"\0")[:-1]]

    def ignored(self, paths: Iterable[bytes], nested: Sequence[bytes]) -> set[bytes]:
        """Those of the paths that a .gitignore, the repository's or the user's excludes name."""
        groups: dict[bytes, list[bytes]] = {}
        for path in paths:
            home = next((d for d in nested if path.startswith(d + b"/")), b"")
            groups.setdefault(home, []).append(path[len(home) + 1 :] if home else path)
        found: set[bytes] = set()
        for home, names in groups.items():
            asked = ["check-ignore", "-z", "--stdin", "--no-index"]
            # "./" keeps git from reading a name that starts with a colon as a pattern.
            out = self._ask(asked, home, b"".join(b"./" + name + b"\0" for name in names), good=(0, 1))
            prefix = home + b"/" if home else b""
            found |= {prefix + name[2:] for name in out.split(b"\0")[:-1]}
        return found
