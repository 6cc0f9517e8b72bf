"""What a manifest newly asks for: dependencies, where they come from, and commands that run when it is installed."""

from __future__ import annotations

import json
import posixpath

from loopwright.core.expression import expression
from loopwright.core.rules import Level
from loopwright.guard.checks.safety import source
from loopwright.guard.checks.safety.finding import Found, Name, SafetyConfig
from loopwright.guard.checks.safety.installs import judge_listed, judge_requirement

_ADDRESS = expression(r"(?:git\+)?(?:https?|git|ftp)://[^\s\"',;]+")
#: Scripts of package.json that run whenever the package is installed.
_UNASKED = frozenset({"preinstall", "install", "postinstall", "prepare", "preuninstall", "postuninstall"})


class _Findings:
    """Findings of one manifest."""

    def __init__(self, config: SafetyConfig) -> None:
        self.config = config
        self.within = False
        self.found: list[Found] = []

    def report(self, name: Name, level: Level, line: int, reason: str) -> None:
        self.found.append(Found(name, level, line, reason))


def judge_manifest(path: str, text: str, old: str, config: SafetyConfig) -> list[Found]:
    """Return what the text of a manifest asks for that its `old` text did not, with the lines it stands on."""
    to = _Findings(config)
    for each, verdict in judge_listed(path, text, old, config):
        to.report("imports", "block", _line_of(text, each), verdict)
    name = posixpath.basename(path)
    if name == "package.json" or name.startswith(("requirements", "setup", "Pipfile")):
        for found in dict.fromkeys(_ADDRESS.findall(text)):
            if found not in old:
                judge_requirement(to, found, "pip", _line_of(text, found))
    if name == "package.json":
        _judge_scripts(to, text, old)
    return to.found


def _judge_scripts(to: _Findings, text: str, old: str) -> None:
    before = _scripts(old)
    for name, command in _scripts(text).items():
        if before.get(name) == command:
            continue
        line = _line_of(text, f'"{name}"')
        found = source.judge(command, "shell", to.config, 1)
        for each in found:
            to.report(each.name, each.level, line, f"the script `{name}`: {each.reason}")
        if name in _UNASKED and not any(f.level == "block" for f in found) and name != "prepare":
            to.report("privilege", "ask", line, f"`{name}` runs `{command[:80]}` whenever the package is installed")


def _scripts(text: str) -> dict[str, str]:
    try:
        scripts = json.loads(text or "{}").get("scripts", {})
    except (ValueError, AttributeError, RecursionError):
        return {}
    return {k: c for k, c in scripts.items() if isinstance(c, str)} if isinstance(scripts, dict) else {}


def _line_of(text: str, piece: str) -> int:
    at = text.lower().find(piece.lower())
    return text.count("\n", 0, at) + 1 if at >= 0 else 1
