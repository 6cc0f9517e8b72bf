"""Test data kept from production: the tests pass, and reach nothing, while production's variables lead nowhere."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import msgspec

from loopwright.core.checks import Ref
from loopwright.core.expression import expression
from loopwright.core.fact import Fact
from loopwright.core.ports import CheckContext
from loopwright.core.rules import Directive
from loopwright.core.running import Limits, run
from loopwright.guard.checks.probes.judge import Outcome
from loopwright.guard.checks.probes.run import read_mark
from loopwright.guard.checks.probes.start import variables
from loopwright.guard.checks.rules.delta import Delta
from loopwright.guard.policy_directives import strings

_SECONDS = 300.0
#: Variables that commonly name where production's data is, and those that a name tells.
_USUAL = ("MONGO_URI", "MONGO_URL", "MONGODB_URI", "DATABASE_URL", "DB_URL", "POSTGRES_URL", "MYSQL_URL", "REDIS_URL")
_NAMES_STORE = expression(r"(?:^|_)(?:DATABASE|DB|MONGO(?:DB)?|POSTGRES|PG|MYSQL|REDIS)(?:_\w+)?_?(?:URL|URI|DSN)$")
_SCHEMES = (("MONGO", "mongodb"), ("REDIS", "redis"), ("MYSQL", "mysql"))
_SCRIPT = (
    'PATH="$PWD/.venv/bin:$PWD/venv/bin:$PWD/node_modules/.bin:$PATH"; export PATH; '
    'command -v python3 >/dev/null || exit 127; exec python3 "$1" "$2"'
)


class Heard(Fact, frozen=True):
    """How the tests ended, and how many connections came to production's address."""

    exit: int
    heard: int


async def judge_tests(ref: Ref, rules: Sequence[Directive], ctx: CheckContext) -> Outcome:
    """Return whether the tests need anything at the addresses that production's variables name. Raises SandboxError."""
    async with ctx.workspace.fresh(ref) as view:
        delta = Delta(await view.change(ref), ctx.blobs, view.files)
        command = _test_command(delta, rules)
        if not command:
            return Outcome(None, "not probed: no test command is known")
        names = dict.fromkeys((*_USUAL, *(v for v in variables(delta) if _NAMES_STORE.search(v))))
        plan = {"command": command, "variables": {n: _address(n) for n in names}}
        limits = Limits(timeout=ctx.limits.timeout or _SECONDS, output=32 << 20, memory=ctx.limits.memory)
        program = f"{view.executor.inside}/probe_tests.py"
        ran = await run(view.executor, ("sh", "-c", _SCRIPT, "sh", program, json.dumps(plan)), limits)
        try:
            heard = msgspec.json.decode(read_mark(ran), type=Heard)
        except msgspec.DecodeError:
            return Outcome(None, f"not probed: `{command}` did not end: {ran.exit.reason or ran.exit.status}")
    if heard.heard:
        return Outcome(False, f"`{command}` opened {heard.heard} connections to the address of production's variables")
    if not heard.exit:
        return Outcome(True, f"`{command}` passes while production's variables lead nowhere, and opened no connection")
    async with ctx.workspace.fresh(ref) as view:
        plain = await run(view.executor, ("sh", "-c", command), limits)
    if plain.ok:
        return Outcome(False, f"`{command}` passes only while production's variables are as they are")
    return Outcome(None, f"not probed: `{command}` fails anyway, with status {plain.exit.status}")


def _address(name: str) -> str:
    scheme = next((s for word, s in _SCHEMES if word in name), "postgresql")
    return f"{scheme}://production:secret@127.0.0.1:{{port}}/production"


def _test_command(delta: Delta, rules: Sequence[Directive]) -> str:
    for rule in rules:
        if rule.kind == "command" and rule.params.get("purpose") == "test" and not rule.params.get("placeholder"):
            for command in strings(rule, "commands"):
                return command
    try:
        scripts = json.loads(delta.read("package.json") or "{}").get("scripts", {})
    except (ValueError, AttributeError):
        scripts = {}
    if isinstance(scripts, dict) and "test" in scripts:
        return "npm test"
    is_python = any(re.search(r"(?:^|/)test_[^/]+\.py$", p) for p in delta.tree())
    return "python -m pytest -q" if is_python else ""
