"""Taking up a session of 10,000 events."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import closing
from pathlib import Path

from benchmarks.processes import run
from benchmarks.turns import environment
from loopwright.core import events as e
from loopwright.core.calls import Decision, Proposal, ToolCall, ToolResult
from loopwright.runtime.config import load_config
from loopwright.runtime.home import find_home
from loopwright.runtime.host import Host

EVENTS = 10_000


def measure(repository: Path, home: Path) -> dict[str, float]:
    """Return wall and CPU seconds of `loopwright resume` from its start to its end, over a session of EVENTS events."""
    script = home / "script.jsonl"
    script.write_text(2 * (json.dumps({"text": "Nothing to do.", "done": True}) + "\n"))
    env = environment(home)
    engine = ["--engine", f"scripted:{script}"]
    first = _loopwright(["exec", "Look around.", "-C", str(repository), *engine], env, home)
    session = asyncio.run(_fill(home, repository))
    again = _loopwright(["resume", session, "Look again.", "-C", str(repository), *engine], env, home)
    return {"wall": again[0], "cpu": again[1], "fresh_wall": first[0], "fresh_cpu": first[1], "events": EVENTS}


def _loopwright(arguments: list[str], env: dict[str, str], home: Path) -> tuple[float, float]:
    output = home / "resume.txt"
    child = run([sys.executable, "-m", "loopwright", *arguments], env, str(home), output)
    if child.status:
        raise RuntimeError(f"loopwright {arguments[0]} ended with {child.status}: {output.read_text()[-1000:]}")
    return child.wall, child.cpu


async def _fill(home: Path, repository: Path) -> str:
    """Append turns to the session just made until it has EVENTS events, and return its id."""
    env = environment(home)
    found = find_home(env)
    host = Host(found, load_config(found.config, ()), env)
    session = host.find(None, repository)
    state = host.state(session)
    with closing(host.store.log(session)) as log:
        turn, seq = state.turn, state.seq
        while seq < EVENTS:
            turn += 1
            call = ToolCall(f"fill{turn}", "read", {"path": f"file{turn}.py"})
            await log.append(f"fill/{turn}/proposed", "engine", e.Proposed(turn, Proposal("Next.", (call,))))
            await log.append(f"fill/{turn}/decided", "policy", e.Decided(call.id, Decision("allow")))
            last = await log.append(f"fill/{turn}/returned", "read", e.Returned(ToolResult(call.id, True, "1\tx = 1")))
            seq = last.seq
    return session
