"""Control runs in other surroundings, made where a change reads its surroundings or the clock more than before."""

from __future__ import annotations

from loopwright.core.checks import Change
from loopwright.core.ports import CheckContext
from loopwright.guard.checks.suite.aware import reads_callers, reads_clock, reads_environment
from loopwright.guard.checks.suite.files import belongs
from loopwright.guard.checks.suite.probe import Orders, Probed, run_plain, run_probed

_SOURCES = (".py", ".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs")
_YEAR = 365.25 * 86400
#: A day far off, at another hour, of another month and day of the week.
_SHIFT = 3 * _YEAR + 45.3 * 86400


async def other_surroundings(change: Change, command: str, ctx: CheckContext) -> tuple[str, ...]:
    """Return in which surroundings the command, green here, fails. Raises SandboxError."""
    wrong: list[str] = []
    environment, clock, callers = _readers(change, ctx)
    if environment:
        names = ", ".join(environment[:3])
        async with ctx.workspace.fresh(ctx.ref) as view:
            plain = await run_plain(view.executor, command, ctx.limits, env=_OTHER)
            if not plain.ok:
                wrong.append(f"{names} reads its surroundings, and without Loopwright's own the command fails")
            else:
                hidden = await run_probed(
                    view.executor, command, Orders("run", hide=True, unnamed=bool(callers)), ctx.limits
                )
                wrong += _told(hidden, f"{names} reads its surroundings, and where these do not show a test run")
    if clock and not wrong:
        async with ctx.workspace.fresh(ctx.ref) as view:
            later = await run_probed(view.executor, command, Orders("run", clock=_SHIFT), ctx.limits)
            wrong += _told(later, f"{', '.join(clock[:3])} reads the clock, and three years from now")
    return tuple(wrong)


#: A continuous-integration service and a desk look different to code; so do users and machines.
_OTHER = {"CI": "true", "GITHUB_ACTIONS": "true", "USER": "other", "LOGNAME": "other", "HOSTNAME": "elsewhere"}


def _told(probed: Probed, where: str) -> list[str]:
    if probed.ran.ok and not probed.tests_failed:
        return []
    failed = sorted(i for i, o in probed.outcomes.items() if o in ("failed", "error"))
    return [f"{where} the command fails" + (f": {', '.join(failed[:3])}" if failed else "")]


def _readers(change: Change, ctx: CheckContext) -> tuple[list[str], list[str], list[str]]:
    """Paths of changed source that reads its surroundings, the clock, and its callers' frames, more than before."""
    environment: list[str] = []
    clock: list[str] = []
    callers: list[str] = []
    for file in change.files:
        if file.after is None or not file.path.endswith(_SOURCES) or belongs(file.path) == "test":
            continue
        before = ctx.blobs.get(file.before).decode("utf-8", "replace") if file.before is not None else ""
        after = ctx.blobs.get(file.after).decode("utf-8", "replace")
        if reads_environment(before, after):
            environment.append(file.path)
        if reads_clock(before, after):
            clock.append(file.path)
        if reads_callers(before, after):
            callers.append(file.path)
    return environment, clock, callers
