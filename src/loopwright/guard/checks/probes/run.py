"""One probe of one tree: the application is started in a fresh view of it, asked, and stopped."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence

import msgspec

from loopwright.core.checks import Ref
from loopwright.core.fact import Fact
from loopwright.core.ports import CheckContext
from loopwright.core.rules import Directive
from loopwright.core.running import Limits, Ran, run
from loopwright.guard.checks.probes.start import Start, example_environment, find_routes, find_start
from loopwright.guard.checks.rules.delta import Delta

MARK = "LOOPWRIGHT-PROBE "
#: Seconds until an application must answer, and for all requests of one probe.
_STARTS, _ASKS = 20.0, 60.0
#: Quick requests after which an application counts as having no limit, and the seconds they may take.
_MOST_REQUESTS, _PATIENCE = 1500, 15.0
#: An application is probed as it is deployed; where it does not start so, as it is developed.
_MODES = ("production", "development")
_SCRIPT = (
    'PATH="$PWD/.venv/bin:$PWD/venv/bin:$PWD/node_modules/.bin:$PATH"; export PATH; '
    'command -v python3 >/dev/null || exit 127; exec python3 "$1" "$2"'
)


class Answer(Fact, frozen=True):
    """What one request was answered."""

    request: str
    status: int
    headers: dict[str, str] = {}
    body: str = ""


class Limit(Fact, frozen=True):
    """How many quick requests were sent, and the last answer."""

    sent: int
    answer: Answer | None = None


class Hash(Fact, frozen=True):
    """A password hash that was made of the canary."""

    name: str
    hash: str


class Observed(Fact, frozen=True, forbid_unknown_fields=False):
    """What a probe saw. `why` says why nothing was seen, "" where the application answered."""

    why: str = ""
    tail: tuple[str, ...] = ()
    errors: tuple[Answer, ...] = ()
    foreign: Answer | None = None
    insecure: Answer | None = None
    before: Answer | None = None
    after: Answer | None = None
    signups: tuple[Answer, ...] = ()
    limit: Limit | None = None
    hashes: tuple[Hash, ...] = ()
    written: tuple[str, ...] = ()
    out: tuple[str, ...] = ()
    err: tuple[str, ...] = ()
    command: str = ""
    source: str = ""
    mode: str = ""
    canary: str = ""


async def observe(ref: Ref, wants: Sequence[str], rules: Sequence[Directive], ctx: CheckContext) -> Observed:
    """Return what the application of a tree shows of what is wanted. Raises SandboxError."""
    seen = Observed(why="no way to start the application is known: name one in a Procfile or as the start script")
    for mode in _MODES:
        async with ctx.workspace.fresh(ref) as view:
            delta = Delta(await view.change(ref), ctx.blobs, view.files)
            start = find_start(delta, rules)
            if start is None:
                return seen
            plan = _plan(start, wants, mode, delta, view.executor.inside, rules)
            limits = Limits(timeout=_STARTS + _ASKS + _PATIENCE, output=32 << 20, memory=ctx.limits.memory)
            program = f"{view.executor.inside}/probe_http.py"
            ran = await run(view.executor, ("sh", "-c", _SCRIPT, "sh", program, json.dumps(plan)), limits)
        seen = _read(ran, start, mode, str(plan["canary"]))
        if not seen.why:
            break
    return seen


def _plan(
    start: Start, wants: Sequence[str], mode: str, delta: Delta, inside: str, rules: Sequence[Directive]
) -> dict[str, object]:
    canary, fault = f"Canary-{secrets.token_hex(8)}1!", f"/loopwright-fault-{secrets.token_hex(4)}"
    metrics = next(
        (str(r.params["path"]) for r in rules if r.params.get("sub") == "metrics" and r.params.get("path")), "/metrics"
    )
    faults = f"{inside}/probe_faults"
    return {
        "command": start.command,
        "seconds": _STARTS,
        "wants": list(wants),
        "routes": find_routes(delta),
        "canary": canary,
        "fault": fault,
        "metrics": metrics,
        "most": _MOST_REQUESTS,
        "patience": _PATIENCE,
        "env": {
            **example_environment(delta),
            "HOST": "127.0.0.1",
            **dict.fromkeys(("NODE_ENV", "APP_ENV", "ENVIRONMENT"), mode),
            "NODE_OPTIONS": f"--require {faults}/fault.cjs",
            "PYTHONPATH": faults,
            "LOOPWRIGHT_FAULT": fault,
            "LOOPWRIGHT_CANARY": canary,
        },
    }


def read_mark(ran: Ran) -> bytes:
    """Return what a program of ours said among what others printed; empty where it said nothing."""
    lines = [line for line in ran.merged.split(b"\n") if line.startswith(MARK.encode())]
    return lines[-1][len(MARK) :] if lines else b""


def _read(ran: Ran, start: Start, mode: str, canary: str) -> Observed:
    try:
        seen = msgspec.json.decode(read_mark(ran), type=Observed)
    except msgspec.DecodeError:
        text = ran.text().strip().splitlines()
        reason = "no python3 is there to send requests" if ran.exit.status == 127 else (text or [ran.exit.reason])[-1]
        seen = Observed(why=f"the probe could not run: {reason[:200]}")
    return msgspec.structs.replace(seen, command=start.command, source=start.source, mode=mode, canary=canary)
