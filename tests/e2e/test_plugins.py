"""A third-party package adds a tool, an engine, a check and a sandbox; only the user's configuration enables it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import User

PLUGIN = """
from loopwright.core.calls import Effect, Proposal, ToolCall, ToolResult
from loopwright.core.checks import Verdict
from loopwright.core.ports import Capability
from loopwright.sandbox.bubblewrap import BubblewrapSandbox
import msgspec


class Args(msgspec.Struct):
    text: str


class Shout:
    name, description, effect, args = "shout", "write a text in capitals", Effect.WRITE, Args

    async def run(self, args, ctx):
        ctx.workspace.files.write("loud.txt", args.text.upper().encode())
        return ToolResult(ctx.call, True, "shouted")


class Shouter:
    name = "shouter"

    async def propose(self, view, ctx):
        if view.turn > 1:
            return Proposal(text="said", done=True)
        return Proposal(calls=(ToolCall("", "shout", {"text": "hello"}),))

    async def aclose(self):
        pass


class Loud:
    id, cost = "loud", 1

    async def run(self, change, ctx):
        async with ctx.workspace.fresh(ctx.ref) as view:
            ok = view.files.read("loud.txt") == b"HELLO"
        return (Verdict("loud", "command", "is it loud", "passed" if ok else "failed", exit=0 if ok else 1),)


class Marked:
    name = "marked"

    def __init__(self, env):
        self._inner = BubblewrapSandbox(env)

    async def open(self, mount, profile, limits):
        return await self._inner.open(mount, profile, limits)

    def probe(self):
        return (Capability("marked", True, "a sandbox of a plugin"),)


def register(hub):
    hub.add_tool(Shout())
    hub.add_engine("shouter", lambda order: Shouter())
    hub.add_checks("loud", lambda: (Loud(),))
    hub.add_sandbox("marked", Marked)
"""


@pytest.fixture
def plugin(user: User, tmp_path: Path) -> User:
    site = tmp_path / "site"
    info = site / "loud-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "loud_plugin.py").write_text(PLUGIN)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: loud\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[loopwright.plugins]\nloud = loud_plugin:register\n")
    inherited = user.env.get("PYTHONPATH", "")
    user.env["PYTHONPATH"] = f"{site}:{inherited}" if inherited else str(site)
    return user


def test_a_plugin_brings_a_tool_an_engine_a_check_and_a_sandbox(plugin: User) -> None:
    assert plugin.run("config", "set", "plugins", '["loud"]').status == 0
    ran = plugin.run("exec", "say hello", "--engine", "shouter", "--backend", "marked", "--json")
    assert ran.status == 0, ran.out + ran.err
    assert (plugin.project / "loud.txt").read_text() == "HELLO"
    assert "is it loud" in [c["name"] for c in ran.proof["checks"]]
    assert any(c["name"] == "marked" for c in plugin.run("doctor", "--json").lines[0]["capabilities"])


def test_installed_is_not_enabled(plugin: User) -> None:
    ran = plugin.run("exec", "say hello", "--engine", "shouter")
    assert ran.status == 2 and "shouter" in ran.err


@pytest.mark.real
def test_a_project_file_cannot_enable_a_plugin(plugin: User) -> None:
    (plugin.project / ".loopwright").mkdir()
    (plugin.project / ".loopwright" / "config.toml").write_text('plugins = ["loud"]\n')
    plugin.run("config", "set", "trusted", f'["{plugin.project}"]')
    ran = plugin.run("exec", "say hello", "--engine", "shouter")
    assert ran.status == 2 and "shouter" in ran.err
    ran = plugin.run("exec", "hm", "--engine", plugin.script({"text": "hm", "done": True}), "--json")
    assert "plugins" in ran.out


def test_a_plugin_that_does_not_load_is_one_line(plugin: User, tmp_path: Path) -> None:
    (tmp_path / "site" / "loud_plugin.py").write_text("raise RuntimeError('broken')\n")
    plugin.run("config", "set", "plugins", '["loud"]')
    ran = plugin.run("exec", "say hello", "--engine", "shouter")
    assert ran.status == 2 and "broken" in ran.err and len(ran.err.splitlines()) == 1
    plugin.run("config", "set", "plugins", '["absent"]')
    ran = plugin.run("doctor")
    assert ran.status == 2 and "absent" in ran.err and sys.executable not in ran.err
