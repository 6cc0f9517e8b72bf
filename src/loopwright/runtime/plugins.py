"""The hub: built-ins and strangers register here in the same way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from loopwright.core.errors import PluginError
from loopwright.core.ports import Check, Engine, Policy, Sandbox, Tool

#: The entry point group in which a package names its `register(hub)`.
GROUP = "loopwright.plugins"


@dataclass(frozen=True, slots=True)
class EngineOrder:
    """What an engine is made from: the part after `name:`, the model, and the caller's environment."""

    argument: str
    model: str
    env: Mapping[str, str]
    options: Mapping[str, Any]
    hub: Hub


@dataclass(slots=True)
class Hub:
    """What can be wired. Each name is given once."""

    engines: dict[str, Callable[[EngineOrder], Engine]] = field(default_factory=dict)
    tools: dict[str, Tool[Any]] = field(default_factory=dict)
    checks: dict[str, Callable[[], Sequence[Check]]] = field(default_factory=dict)
    sandboxes: dict[str, Callable[[Mapping[str, str]], Sandbox]] = field(default_factory=dict)
    policies: dict[str, Callable[[], Policy]] = field(default_factory=dict)

    def add_engine(self, name: str, make: Callable[[EngineOrder], Engine]) -> None:
        """Register an engine chosen by `--engine NAME`. Raises PluginError where the name is taken."""
        self._add(self.engines, "engine", name, make)

    def add_tool(self, tool: Tool[Any]) -> None:
        """Register a tool under its own name. Raises PluginError where the name is taken."""
        self._add(self.tools, "tool", tool.name, tool)

    def add_checks(self, name: str, make: Callable[[], Sequence[Check]]) -> None:
        """Register a family of checks that run at every verification. Raises PluginError."""
        self._add(self.checks, "check", name, make)

    def add_sandbox(self, name: str, make: Callable[[Mapping[str, str]], Sandbox]) -> None:
        """Register a sandbox chosen by `--backend NAME`, made from the caller's environment. Raises PluginError."""
        self._add(self.sandboxes, "sandbox", name, make)

    def add_policy(self, name: str, make: Callable[[], Policy]) -> None:
        """Register a policy asked before every call: it can refuse or ask, never widen. Raises PluginError."""
        self._add(self.policies, "policy", name, make)

    @staticmethod
    def _add(table: dict[str, Any], what: str, name: str, value: object) -> None:
        if name in table:
            raise PluginError(f"two plugins bring a {what} named {name!r}: enable only one of them")
        table[name] = value


def load_plugins(hub: Hub, enabled: Sequence[str]) -> None:
    """Let each plugin named in the user's configuration register itself. Raises PluginError in one line.

    Plugins run with the user's rights, so only the user's own configuration can name them.
    """
    found: dict[str, EntryPoint] = {point.name: point for point in entry_points(group=GROUP)}
    for name in enabled:
        if name not in found:
            there = ", ".join(sorted(found)) or "none"
            raise PluginError(f"plugin {name!r} is enabled but not installed (installed: {there})")
        try:
            register = found[name].load()
            register(hub)
        except PluginError:
            raise
        except Exception as error:
            raise PluginError(f"plugin {name!r} does not load: {type(error).__name__}: {error}") from error
