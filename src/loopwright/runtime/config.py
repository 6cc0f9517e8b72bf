"""Configuration: the user's file, then the command line; a trusted project's file may only narrow."""

from __future__ import annotations

import math
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any, Literal

import msgspec

from loopwright.core.budget import Budget
from loopwright.core.errors import ConfigError, SandboxError
from loopwright.core.expression import expression
from loopwright.core.fact import Fact
from loopwright.core.oversight import Thresholds
from loopwright.core.ports import Profile
from loopwright.core.running import DEFAULT_LIMITS, Limits
from loopwright.sandbox.docker_options import DockerOptions

Approvals = Literal["on-request", "never", "always"]

PROFILES: tuple[Profile, ...] = ("read-only", "workspace-write", "danger-full-access")
APPROVALS: tuple[Approvals, ...] = ("always", "on-request", "never")
_SIZE = expression(r"(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?", re.I)
_SIZED = ("memory", "disk", "output")
_AMOUNTS = (
    *("window", "budget.turns", "budget.seconds", "budget.tokens", "budget.usd", "limits.memory", "limits.cpus"),
    *("limits.pids", "limits.disk", "limits.inodes", "limits.timeout", "limits.output"),
)


class Config(Fact, frozen=True):
    """Everything a person can set; the defaults are safe ones."""

    engine: str = "auto"
    model: str = ""
    sandbox: Profile = "workspace-write"
    backend: str = "bubblewrap"
    approval: Approvals = "on-request"
    judge: bool = True  # a model, where one is configured, is asked about rules that no check can hold
    window: int = 128_000  # tokens of context shown to a model
    budget: Budget = Budget()
    limits: Limits = DEFAULT_LIMITS
    anomalies: Thresholds = Thresholds()  # beyond which a command is ended
    plugins: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()  # projects whose .loopwright/config.toml is read
    instruction_files: tuple[str, ...] = ("CLAUDE.md", "GEMINI.md")
    readable: tuple[str, ...] = ()  # more directories the sandbox may read
    writable: tuple[str, ...] = ()  # more directories the sandbox may write
    env: tuple[str, ...] = ()  # variables of the caller that the sandbox keeps
    keyring: bool = False  # keys that the environment lacks are looked for in the system's keyring
    docker: DockerOptions = DockerOptions()  # for the backend of that name


def parse_size(text: str | int) -> int:
    """Return bytes: 512M, 1.5G, 4096. Raises ConfigError."""
    found = _SIZE.fullmatch(str(text).strip())
    if not found:
        raise ConfigError(f"{text!r} is not a size: write for example 512M or 2G")
    return int(float(found[1]) * 1024 ** " KMGT".index(found[2].upper() or " "))


def checked_network(text: str) -> str:
    """Return the permission as it is where it can be understood. Raises ConfigError."""
    from loopwright.sandbox.network_rules import parse_network

    try:
        parse_network(text)
    except SandboxError as error:
        raise ConfigError(str(error)) from None
    return text


def load_config(path: Path, overrides: Sequence[str] = ()) -> Config:
    """Return the user's configuration with `key=value` overrides laid over. Raises ConfigError in one line."""
    table = _read(path)
    config = _convert(table, str(path))
    for override in overrides:
        _override(table, override)
        config = _convert(table, f"-c {override}")
    return config


def narrow(config: Config, root: Path) -> tuple[Config, str]:
    """Return config narrowed by the project's own file, and a note where that file was not (wholly) heeded."""
    path = root / ".loopwright" / "config.toml"
    if not path.is_file():
        return config, ""
    if str(root) not in config.trusted:
        return config, f"{path} is not read: add {str(root)!r} to `trusted` in your own configuration to heed it"
    asked = _read(path)
    wider = sorted(set(asked) - {"sandbox", "approval", "limits", "budget"})
    project = _convert({k: v for k, v in asked.items() if k not in wider}, str(path))
    narrowed = msgspec.structs.replace(
        config,
        sandbox=min(config.sandbox, project.sandbox, key=PROFILES.index) if "sandbox" in asked else config.sandbox,
        approval=min(config.approval, project.approval, key=APPROVALS.index)
        if "approval" in asked
        else config.approval,
        limits=_lower(config.limits, project.limits, asked.get("limits", {})),
        budget=_lower(config.budget, project.budget, asked.get("budget", {})),
    )
    note = f"{path}: a project cannot set {', '.join(wider)}; ignored" if wider else ""
    return narrowed, note


def _lower(ours: Any, theirs: Any, asked: Mapping[str, Any]) -> Any:
    changes: dict[str, Any] = {}
    for name in asked:
        mine, other = getattr(ours, name), getattr(theirs, name)
        if isinstance(other, str):
            changes[name] = other if other == "none" else mine
        else:
            changes[name] = other if mine is None else min(mine, other)
    return msgspec.structs.replace(ours, **changes)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from None
    except OSError as error:
        if isinstance(error, PermissionError) and not os.access(path.parent, os.X_OK):
            return {}  # $HOME is somebody else's, as after a change of user that kept the environment
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None


def _override(table: dict[str, Any], override: str) -> None:
    key, equals, value = override.partition("=")
    if not equals or not key.strip():
        raise ConfigError(f"-c takes key=value, not {override!r}")
    *parents, last = key.strip().split(".")
    for parent in parents:
        table = table.setdefault(parent, {})
        if not isinstance(table, dict):
            raise ConfigError(f"{key.strip()} is not a setting: {parent} is no table")
    table[last] = parse_value(value.strip())


def parse_value(text: str) -> Any:
    """Return a TOML value; what is not TOML is taken as a plain string."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _convert(table: dict[str, Any], where: str) -> Config:
    limits = table.get("limits", {})
    if isinstance(limits, dict):
        sized = {k: parse_size(v) if k in _SIZED and v is not None else v for k, v in limits.items()}
        merged = {**msgspec.to_builtins(DEFAULT_LIMITS), **sized}
        table = {**table, "limits": merged}
    try:
        config = msgspec.convert(table, Config)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where}: {error}") from None
    if config.limits.network != "none":
        checked_network(config.limits.network)
    for name in _AMOUNTS:
        amount = attrgetter(name)(config)
        if amount is not None and not (math.isfinite(amount) and amount > 0):
            raise ConfigError(f"{where}: {name} must be a number above 0, not {amount}")
    return config


def set_value(path: Path, key: str, value: str) -> None:
    """Write one setting into the user's file, comments kept. Raises ConfigError, and then nothing is written."""
    import tomlkit

    _read(path)
    document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.is_file() else tomlkit.document()
    table: Any = document
    *parents, last = key.split(".")
    for parent in parents:
        table = table.setdefault(parent, tomlkit.table())
        if not isinstance(table, dict):
            raise ConfigError(f"{key} is not a setting: {parent} is no table")
    table[last] = parse_value(value)
    _convert(tomllib.loads(tomlkit.dumps(document)), str(path))
    scratch = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch.write_text(tomlkit.dumps(document), encoding="utf-8")
        scratch.replace(path)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}; LOOPWRIGHT_HOME names another place") from None
