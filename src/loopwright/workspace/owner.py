"""Whose the user's tree is, and who owns a view of it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

#: Who runs commands when Loopwright runs as root on a tree of root's: no account has this number.
UNPRIVILEGED = 65533


@dataclass(frozen=True)
class Owner:
    """Whose the tree is, and who owns the view's files and runs the commands."""

    tree_uid: int
    tree_gid: int
    uid: int
    gid: int

    def seen(self, uid: int, gid: int) -> tuple[int, int]:
        """The owner in the view of what belongs to uid and gid in the tree."""
        return (self.uid if uid == self.tree_uid else uid, self.gid if gid == self.tree_gid else gid)


def owner_of(root: str) -> Owner:
    """Root never runs commands: the tree's owner does, or nobody where that is root as well."""
    info = Path(root).stat()
    if os.geteuid() != 0:
        return Owner(os.geteuid(), os.getegid(), os.geteuid(), os.getegid())
    if info.st_uid != 0:
        return Owner(info.st_uid, info.st_gid, info.st_uid, info.st_gid)
    return Owner(0, info.st_gid, UNPRIVILEGED, UNPRIVILEGED if info.st_gid == 0 else info.st_gid)
