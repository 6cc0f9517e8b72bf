"""A run of many turns against a model that answers at once: Loopwright's, and a bare loop's."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from benchmarks.requests import Watch
from loopwright.testing.model_server import ModelServer

BARE = str(Path(__file__).with_name("bare_loop.py"))


def environment(home: Path, url: str = "") -> dict[str, str]:
    """Return a clean environment with its own state and a key that opens nothing."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return kept | {"LOOPWRIGHT_HOME": str(home), "OPENAI_API_KEY": "none", "OPENAI_BASE_URL": url}


async def measure(turns: int, repository: Path, home: Path) -> tuple[dict[str, float], dict[str, float]]:
    """Return the summaries of Loopwright's run and of the bare loop's, `turns` turns each."""
    ours = Watch(turns)
    async with ModelServer(ours.answer, instant=True, record=False) as server:
        argv = [sys.executable, "-m", "loopwright", "exec", "Run what you are told.", "--json"]
        argv += ["-C", str(repository), "--engine", "llm", "-m", "openai-chat:fake", "-a", "never"]
        argv += ["--max-turns", str(turns + 10), "--budget-seconds", "3600"]
        await _drive(argv, environment(home, server.url), ours, home / "ours.txt")
    bare = Watch(turns)
    async with ModelServer(bare.answer, instant=True, record=False) as server:
        await _drive([sys.executable, BARE, str(server.port)], environment(home), bare, home / "bare.txt")
    return ours.summary(), bare.summary()


async def _drive(argv: list[str], env: dict[str, str], watch: Watch, output: Path) -> None:
    with output.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *argv, env=env, stdin=asyncio.subprocess.DEVNULL, stdout=out, stderr=out
        )
        watch.pid = process.pid
        await process.wait()
    if len(watch.at) <= watch.turns:
        raise RuntimeError(f"{argv[1:4]} stopped after {len(watch.at)} requests: {output.read_bytes()[-1000:]!r}")
