"""Directories for tests: made from a table, and compared byte for byte."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path

Content = bytes | str | None
Snapshot = dict[bytes, tuple[int, int, int, bytes]]


def make_tree(root: Path, files: Mapping[str, Content]) -> Path:
    """Write files below root: bytes are a file's content, a string a link's target, None a directory."""
    root.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.mkdir(exist_ok=True)
        elif isinstance(content, str):
            path.symlink_to(content)
        else:
            path.write_bytes(content)
    return root


def make_repository(root: Path, files: Mapping[str, Content]) -> Path:
    """As make_tree, with all of it committed to a git repository."""
    make_tree(root, files)
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", "first")
    return root


def git(root: Path, *args: str) -> str:
    """Run git there as nobody in particular, and return what it printed."""
    who = ("-c", "user.name=Tester", "-c", "user.email=tester@example.org", "-c", "safe.directory=*")
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", "-C", str(root), *who, *args]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=env).stdout


def snapshot(root: Path) -> Snapshot:
    """Mode, owner and content of everything below root but `.git`."""
    found: Snapshot = {}
    top = os.fsencode(root)
    for at, directories, files in os.walk(top):
        directories[:] = [name for name in directories if name != b".git"]
        for name in (*directories, *files):
            path = Path(os.fsdecode(os.path.join(at, name)))
            info = path.lstat()
            content = b""
            if stat.S_ISLNK(info.st_mode):
                content = os.fsencode(path.readlink())
            elif stat.S_ISREG(info.st_mode):
                content = path.read_bytes()
            found[os.fsencode(path)[len(top) + 1 :]] = (info.st_mode, info.st_uid, info.st_gid, content)
    return found
