"""Shows the instructions of a directory when the engine first enters it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwright.core import events as e
from loopwright.core.calls import ToolCall
from loopwright.core.errors import ToolFailure
from loopwright.loop.journal import Journal
from loopwright.loop.ports import Ports

#: Bytes of one file that are shown: half of what the files at the root have together.
SHOWN = 16 << 10
#: Arguments that hold the text of files, where a path is only a word.
_CONTENT = frozenset({"content", "old", "new"})


async def meet(ports: Ports, journal: Journal) -> None:
    """Record the text of each instruction file whose directory the latest calls lead into for the first time."""
    state = journal.state
    below = [f for f in state.instruction_files if f.scope and f.bytes and not f.shown and f.path not in state.met]
    if not below or state.proposal is None:
        return
    said = "\n".join(text for call in state.proposal.calls for text in _texts(call)).replace(f"{state.workspace}/", "")
    for file in below:
        if re.search(rf"(?<![\w./-])(?:\./)?{re.escape(file.scope)}(?![\w.-])", said):
            await journal.record(f"met/{file.path}", e.InstructionsMet(file.path, _shown(ports, file.path, file.scope)))


async def rewritten(ports: Ports, journal: Journal) -> bool:
    """True in a live session whose files of rules were changed without consent: nothing lands until they are back."""
    state = journal.state
    if not state.settings.get("live") or "*" in state.consented:
        return False
    change = await ports.workspace.change(state.ref)
    rules = {f.path for f in state.instruction_files} - set(state.consented)
    touched = sorted(rules.intersection(change.paths))
    if touched:
        text = f"not landed: {', '.join(touched)} holds rules for agents and was changed without consent"
        await journal.record(f"held/{state.ref.id}", e.Noted(text, level="warning"))
    return bool(touched)


def _texts(call: ToolCall) -> Iterator[str]:
    for name, value in call.args.items():
        if name not in _CONTENT and isinstance(value, str):
            yield value


def _shown(ports: Ports, path: str, scope: str) -> str:
    head = f"You entered {scope}/, which has rules of its own. {path}:"
    try:
        data = ports.workspace.files.read(path)
    except ToolFailure as error:
        return f"{head}\n[it cannot be shown: {error}; its rules are enforced all the same]"
    text = data[:SHOWN].decode("utf-8", "ignore").strip()
    if len(data) > SHOWN:
        text += (
            f"\n[cut here: {len(data) - SHOWN} of {len(data)} bytes of {path} did not fit; all its rules are enforced]"
        )
    return f"{head}\n{text}"
