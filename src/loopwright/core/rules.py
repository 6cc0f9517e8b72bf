"""Rules read from instruction files, each with the file and line it came from."""

from __future__ import annotations

from typing import Literal

from loopwright.core.fact import Fact, JsonValue

Status = Literal["enforced", "partly", "advised", "not_understood"]
Level = Literal["block", "ask", "warn"]


class Directive(Fact, frozen=True):
    """One rule. `check` is the id of the check that enforces it; `level` what a violation does."""

    file: str  # as shown: relative to the workspace root where it lies inside
    line: int
    text: str
    status: Status
    kind: str
    params: dict[str, JsonValue] = {}
    check: str = ""
    level: Level = "block"
    scope: str = ""  # the directory, relative to the root, that the rule holds for; "" = everywhere
    why: str = ""  # how it is enforced, or why it is not
    digest: str = ""  # of the rule's text, so that a changed rule is seen

    @property
    def source(self) -> str:
        return f"{self.file}:{self.line}"


class InstructionFile(Fact, frozen=True):
    """One file of instructions: how many bytes it has and how many of them reached the prompt."""

    path: str
    bytes: int
    shown: int
    digest: str
    scope: str = ""
    note: str = ""  # why it was cut or left out
