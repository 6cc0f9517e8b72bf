"""Where Loopwright keeps its files: configuration, state, credentials never."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_config_path, user_state_path


@dataclass(frozen=True, slots=True)
class Home:
    """The user's configuration file and the directory of the log."""

    config: Path
    state: Path


def find_home(env: Mapping[str, str]) -> Home:
    """Return the home named by LOOPWRIGHT_HOME, else by the XDG variables, else the platform's own."""
    if moved := env.get("LOOPWRIGHT_HOME"):
        root = Path(moved).expanduser().absolute()
        return Home(config=root / "config.toml", state=root / "state")
    config, state = env.get("XDG_CONFIG_HOME"), env.get("XDG_STATE_HOME")
    return Home(
        config=(Path(config) / "loopwright" if config else user_config_path("loopwright")) / "config.toml",
        state=Path(state) / "loopwright" if state else user_state_path("loopwright"),
    )
