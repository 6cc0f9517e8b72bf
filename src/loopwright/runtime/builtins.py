"""Registers everything Loopwright brings, through the same hub as plugins do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from loopwright.core.errors import ConfigError
from loopwright.core.ports import Engine, Sandbox
from loopwright.runtime.plugins import EngineOrder, Hub, load_plugins


def make_hub(enabled: Sequence[str] = ()) -> Hub:
    """Return the hub with the built-ins and the plugins the user enabled. Raises PluginError."""
    hub = Hub()
    register(hub)
    load_plugins(hub, enabled)
    return hub


def register(hub: Hub) -> None:
    """Register the built-in engines, tools, checks and sandboxes."""
    from loopwright.guard.checks import checks
    from loopwright.tools import all_tools

    hub.add_engine("scripted", _scripted)
    hub.add_engine("repair", _repair)
    hub.add_engine("llm", _llm)
    hub.add_engine("auto", _auto)
    for tool in all_tools():
        hub.add_tool(tool)
    hub.add_checks("built-in", checks)
    hub.add_sandbox("bubblewrap", _bubblewrap)
    hub.add_sandbox("docker", _docker)
    hub.add_sandbox("direct", _direct)


def _scripted(order: EngineOrder) -> Engine:
    from loopwright.engines.scripted import load

    return load(order.argument)


def _repair(order: EngineOrder) -> Engine:
    from loopwright.engines.repair import RepairEngine

    return RepairEngine(priors=order.options.get("priors"))


def _llm(order: EngineOrder) -> Engine:
    from loopwright.engines.llm import LlmEngine

    return LlmEngine(order.argument or order.model, order.env, schema=order.options.get("schema", ""))


def _auto(order: EngineOrder) -> Engine:
    from loopwright.engines.auto import AutoEngine

    try:
        model: Engine | None = _llm(order)
    except ConfigError as error:
        if order.model:
            raise
        return AutoEngine(_repair(order), None, missing=str(error))
    return AutoEngine(_repair(order), model)


def _bubblewrap(env: Mapping[str, str]) -> Sandbox:
    from loopwright.sandbox.bubblewrap import BubblewrapSandbox

    return BubblewrapSandbox(env)


def _docker(env: Mapping[str, str]) -> Sandbox:
    from loopwright.sandbox.docker import DockerSandbox

    return DockerSandbox(env)


def _direct(env: Mapping[str, str]) -> Sandbox:
    from loopwright.sandbox.direct import DirectSandbox

    return DirectSandbox(env)
