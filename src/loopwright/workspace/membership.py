"""Which names of a view belong to its tree: tracked by git, or named by no .gitignore as the view has it."""

from __future__ import annotations

from collections.abc import Iterable

from loopwright.workspace.git import Git, Listing
from loopwright.workspace.layer import Entry, Layer
from loopwright.workspace.names import is_cache, is_git
from loopwright.workspace.scan import left_out
from loopwright.workspace.tree import Tree


class Membership:
    """Answers for one view; asks git only about names it has not seen under the same .gitignore files."""

    def __init__(self, listing: Listing, git: Git | None) -> None:
        self._listing, self._git = listing, git
        self._ignored: dict[bytes, bool] = {}
        self._rules: tuple[tuple[bytes, Entry], ...] = ()

    def changed_rules(self, layer: Layer) -> bool:
        """True where the view's .gitignore files are not those of the base."""
        rules = tuple((p, e) for p, e in layer.items() if p.rpartition(b"/")[2] == b".gitignore" and e.kind != "d")
        if rules != self._rules:
            self._rules = rules
            self._ignored.clear()
        return bool(rules) and self._git is not None

    def members(self, paths: Iterable[bytes], base: Tree, changed_rules: bool) -> set[bytes]:
        """Those of the paths that belong to the tree."""
        found: set[bytes] = set()
        asked: list[bytes] = []
        for path in paths:
            if is_cache(path) or is_git(path):
                continue
            if path in self._listing.tracked or (path in base.items and not changed_rules):
                found.add(path)
            elif self._git is None:
                if not left_out(path):
                    found.add(path)
            elif path not in self._ignored:
                asked.append(path)
            elif not self._ignored[path]:
                found.add(path)
        if asked and self._git is not None:
            ignored = self._git.ignored(asked, self._listing.nested)
            for path in asked:
                self._ignored[path] = path in ignored
            found |= set(asked) - ignored
        return found

    def unignored(self) -> set[bytes]:
        """All files of the view that its changed .gitignore files leave in the tree."""
        if self._git is None:
            return set(self._listing.paths)
        others = {path for path in self._git.list_others() if not path.endswith(b"/")}
        nested = {p for p in self._listing.others if any(p.startswith(d + b"/") for d in self._listing.nested)}
        kept = {path for path in others if not is_cache(path) and not is_git(path)}
        return set(self._listing.tracked) | kept | nested
