"""What one session was started with; kept in its first event so that a resume remembers it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from loopwright.core.budget import Budget
from loopwright.core.fact import Fact, JsonValue
from loopwright.core.ports import Profile
from loopwright.core.running import Limits
from loopwright.runtime.config import Approvals, Config, checked_network
from loopwright.sandbox.docker_options import DockerOptions


class Settings(Fact, frozen=True):
    """The choices of one session."""

    engine: str = "auto"
    model: str = ""
    tests: tuple[str, ...] = ()
    fix: bool = False  # make the tests pass without touching them
    live: bool = False  # each turn's change lands at once
    sandbox: Profile = "workspace-write"
    backend: str = "bubblewrap"
    approval: Approvals = "on-request"
    budget: Budget = Budget()
    limits: Limits = Limits()
    readable: tuple[str, ...] = ()
    writable: tuple[str, ...] = ()
    env: tuple[str, ...] = ()  # names of variables that commands keep
    docker: DockerOptions = DockerOptions()
    schema: str = ""  # JSON schema of the last message

    def to_json(self) -> dict[str, JsonValue]:
        """Return the settings as the log keeps them: every one, so that a later default changes no old session."""
        return {name: msgspec.to_builtins(getattr(self, name)) for name in self.__struct_fields__}


def make_settings(config: Config, **chosen: Any) -> Settings:
    """Return the configuration's choices with those of the command line (None = not given) laid over."""
    given = {name: value for name, value in chosen.items() if value is not None}
    return msgspec.structs.replace(
        Settings(
            engine=config.engine,
            model=config.model,
            sandbox=config.sandbox,
            backend=config.backend,
            approval=config.approval,
            budget=config.budget,
            limits=config.limits,
            readable=config.readable,
            writable=config.writable,
            env=config.env,
            docker=config.docker,
        ),
        **given,
    )


def lay_over(settings: Settings, chosen: Mapping[str, Any]) -> Settings:
    """Return the settings with what was chosen laid over, None = not given; `budget` gives some fields of the budget,
    `network` the permission among the limits. Raises ConfigError."""
    given = {name: value for name, value in chosen.items() if value is not None}
    budget = msgspec.structs.replace(settings.budget, **given.pop("budget", {}))
    limits = settings.limits
    if network := given.pop("network", ""):
        limits = msgspec.structs.replace(limits, network=checked_network(network))
    return msgspec.structs.replace(settings, **{"limits": limits, **given, "budget": budget})


def recall_settings(stored: dict[str, JsonValue]) -> Settings:
    """Return the settings of a stored session."""
    return msgspec.convert(stored, Settings)
