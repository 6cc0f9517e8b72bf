"""What the engine made of a tree in a row: where it began, and each state that it proposed and that did not do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from loopwright.core.errors import ToolFailure
from loopwright.core.ports import Files
from loopwright.core.state import Acted, Said, View

Contents = Mapping[str, bytes]


@dataclass
class Trail:
    """`base` is what each file held that was edited since, `states` what those files were made to hold, in turn."""

    base: dict[str, bytes] = field(default_factory=dict)
    states: list[Contents] = field(default_factory=list)

    def add(self, before: Contents, made: Contents) -> None:
        """Remember a proposal: what the edited files held where the trail begins, and what it makes of them."""
        self.base = {**before, **self.base}
        self.states.append(dict(made))

    def leads_here(self, files: Files) -> bool:
        """True where the tree is still as the last proposal left it."""
        try:
            return bool(self.states) and all(files.read(path) == self._last(path) for path in self.base)
        except ToolFailure:
            return False

    def _last(self, path: str) -> bytes:
        return self.states[-1].get(path, self.base[path])

    def knows(self, made: Contents) -> bool:
        """True where these contents were proposed before."""
        return any(
            all(made.get(p, self.base.get(p)) == state.get(p, self.base.get(p)) for p in {*made, *state})
            for state in self.states
        )

    @contextmanager
    def gone_back(self, files: Files) -> Iterator[Contents]:
        """The tree as it was where the trail begins; yields what the edited files hold now."""
        now = {path: files.read(path) for path in self.base}
        try:
            for path, data in self.base.items():
                files.write(path, data)
            yield now
        finally:
            for path, data in now.items():
                files.write(path, data)


def last_word(view: View, name: str) -> bool:
    """True where no other engine, and no person, has said anything since this engine did."""
    for item in reversed(view.items):
        if isinstance(item, Acted):
            return item.proposal.engine == name
        if isinstance(item, Said) and item.by == "user":
            return False
    return False
