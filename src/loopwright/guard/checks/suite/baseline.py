"""What a command's tests were on the base tree, and what of them is gone from a run on the new one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from loopwright.core.ports import CheckContext
from loopwright.guard.checks.suite.probe import RAN, Orders, Probed, Session, run_plain, run_probed
from loopwright.guard.checks.suite.reports import Counts, count

_SKIPPED = frozenset({"skipped", "xfailed"})


class Baseline:
    """Collections on the base tree, made once for each tree and command in this process."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Probed] = {}
        self._counts: dict[tuple[str, str], Counts | None] = {}

    async def collect(self, ctx: CheckContext, command: str) -> Probed:
        """What the command collects on the base; nothing is run of what the probe can see. Raises SandboxError."""
        key = (ctx.base.id, command)
        if key not in self._known:
            async with ctx.workspace.fresh(ctx.base) as view:
                self._known[key] = await run_probed(view.executor, command, Orders("collect"), ctx.limits)
        return self._known[key]

    async def counts(self, ctx: CheckContext, command: str) -> Counts | None:
        """What the command's own summary says on the base; for tools without a probe. Raises SandboxError."""
        key = (ctx.base.id, command)
        if key not in self._counts:
            async with ctx.workspace.fresh(ctx.base) as view:
                self._counts[key] = count((await run_plain(view.executor, command, ctx.limits)).text())
        return self._counts[key]

    async def run(self, ctx: CheckContext, command: str) -> Probed:
        """The command run on the base to its end. Raises SandboxError."""
        async with ctx.workspace.fresh(ctx.base) as view:
            return await run_probed(view.executor, command, Orders(), ctx.limits)


def replaced(base: Probed, new: Probed) -> tuple[str, ...]:
    """Return whether code under test put something in the place of what tests judge with, as it did not before."""
    before = {name for session in base.sessions for name in session.altered}
    now = sorted({name for session in new.sessions for name in session.altered} - before)
    return (f"what tests judge with was replaced while they ran: {_some(now)}",) if now else ()


async def missing(
    base: Probed, new: Probed, command: str, ctx: CheckContext, excused: Callable[[str], bool]
) -> tuple[str, ...]:
    """Return which tests of the base no longer run in `new`, or run from another file. Raises SandboxError.

    `excused` says of a test that is gone whether the change accounts for it.
    """
    wrong: list[str] = []
    fates = Counter({_function(name): 0 for name in new.outcomes})
    fates.update(_function(name) for name, outcome in new.outcomes.items() if outcome in RAN)
    unmarked = {t.id for s in base.sessions for t in s.collected if not t.mark}
    able = Counter(_function(test) for test in unmarked)
    gone = sorted(name for name in able if name not in fates and not excused(name))
    if gone:
        wrong.append(f"tests that the command ran before are gone: {_some(gone)}")
    skipped = [name for name in able if name in fates and fates[name] < able[name] and not excused(name)]
    if skipped:
        known = {t.id for s in base.sessions for t in s.collected}
        cases = Counter(_function(name) for name in new.outcomes)
        wrong += await _skipped_now(skipped, {n for n in skipped if cases[n] < able[n]}, known, new, command, ctx)
    return (*wrong, *_moved(base.sessions, new.sessions))


async def _skipped_now(
    names: list[str], short: set[str], known: set[str], new: Probed, command: str, ctx: CheckContext
) -> list[str]:
    """Tests of which fewer cases ran than the base collects: fine where the base skips them at run time too.

    A skipped case that the base does not know, such as pytest's for an empty list, stands for none that is gone.
    """
    skipped = [i for i, o in new.outcomes.items() if o in _SKIPPED]
    fewer = [n for n in names if not any(_function(i) == n and (n not in short or i in known) for i in skipped)]
    wrong = [f"tests have fewer cases than before: {_some(sorted(fewer))}"] if fewer else []
    ids = tuple(i for i, o in new.outcomes.items() if o in _SKIPPED and _function(i) in names)
    if ids:
        async with ctx.workspace.fresh(ctx.base) as view:
            before = await run_probed(view.executor, command, Orders("run", only=ids), ctx.limits)
        now = sorted(i for i in ids if before.outcomes.get(i, "skipped") not in _SKIPPED)
        if now:
            wrong.append(f"tests that ran before are skipped now: {_some(now)}")
    return wrong


def _moved(base: tuple[Session, ...], new: tuple[Session, ...]) -> list[str]:
    """Tests whose code now comes from another file than before."""
    was = {t.id: t.origin for s in base for t in s.collected if t.origin}
    now = {t.id: t.origin for s in new for t in s.collected if t.origin}
    moved = sorted(i for i in was.keys() & now.keys() if was[i] != now[i])
    return [f"tests are no longer those of their file: {_some(moved)} now from {now[moved[0]]}"] if moved else []


def _function(identifier: str) -> str:
    """A test without its parameters."""
    return identifier.split("[", 1)[0]


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
