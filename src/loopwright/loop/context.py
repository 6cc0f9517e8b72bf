"""Keeps what the engine is shown within its window: old turns become a summary, the log keeps them all."""

from __future__ import annotations

from loopwright.core import events as e
from loopwright.core.state import Acted, Item, Observed, Said, size
from loopwright.loop.journal import Journal

#: Share of the window at which older turns are summarised, and the share of it that stays word for word.
FULL, KEEP = 0.8, 0.3
#: Characters a token stands for, where the provider has not yet counted for us.
CHARS_PER_TOKEN = 4.0


async def keep_within(window: int, journal: Journal) -> None:
    """Compact when the conversation has grown to FULL of `window` tokens."""
    state = journal.state
    last = state.proposal.tokens if state.proposal else None
    used = state.shown / CHARS_PER_TOKEN
    if last is not None and last.input:
        used = max(used, float(last.input + last.output))
    if used > FULL * window:
        await compact(journal, int(KEEP * window * CHARS_PER_TOKEN))


async def compact(journal: Journal, keep: int = 40_000) -> bool:
    """Replace all but about the last `keep` characters by a summary. Returns False where nothing can be saved.

    The cut falls before a proposal, so no call is parted from its result. The requirement, the rules, the plan
    and the todo list are not items, so they stay as they are.
    """
    state = journal.state
    cut, kept = len(state.items), 0
    for index in range(len(state.items) - 1, 0, -1):
        kept += size(state.items[index])
        if kept > keep and cut < len(state.items):
            break
        if isinstance(state.items[index], Acted):
            cut = index
    old = state.items[:cut]
    if cut >= len(state.items) or cut < 2 or sum(map(size, old)) < 2 * len(summary := _summarise(old)):
        return False
    upto = state.item_seqs[cut - 1]
    await journal.record(f"compacted/{upto}", e.Compacted(summary=summary, upto=upto))
    return True


def _summarise(items: tuple[Item, ...]) -> str:
    lines = ["Earlier turns, shortened (the full record is in the log):"]
    failed: dict[str, str] = {}
    for item in items:
        match item:
            case Said(by="summary"):
                lines.extend(item.text.splitlines()[1:][-60:])
            case Said():
                lines.append(f"- {item.by} said: {_short(item.text, 300)}")
            case Acted():
                if item.proposal.text:
                    lines.append(f"- turn {item.turn}: {_short(item.proposal.text, 160)}")
                for call in item.proposal.calls:
                    failed[call.id] = f"{call.tool} {_short(str(call.args), 120)}"
            case Observed():
                did = failed.get(item.result.call, item.result.call)
                lines.append(f"  - {did}: {'ok' if item.result.ok else 'FAILED: ' + _short(item.result.text, 160)}")
    return "\n".join(lines[:1] + lines[1:][-200:])


def _short(text: str, most: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"
