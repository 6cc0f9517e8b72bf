"""Configuration: the user's file, the command line over it, and a project that can only narrow."""

from __future__ import annotations

from pathlib import Path

import pytest

from loopwright.core.errors import ConfigError
from loopwright.runtime.config import Config, load_config, narrow, parse_size, set_value


@pytest.mark.parametrize(("text", "size"), [("512M", 512 << 20), ("1.5G", 3 << 29), ("4096", 4096), ("2 kb", 2048)])
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


def test_overrides_lie_over_the_file_and_the_file_over_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('engine = "repair"\n[limits]\nmemory = "1G"\n[budget]\nturns = 5\n')
    config = load_config(path, ["budget.turns=7", "model=openai:x"])
    assert (config.engine, config.budget.turns, config.model) == ("repair", 7, "openai:x")
    assert config.limits.memory == 1 << 30
    assert config.limits.pids == Config().limits.pids


@pytest.mark.parametrize(
    "text", ["engine = [", "nonsense = 1", 'sandbox = "open"', '[limits]\nmemory = "lots"', "engine = 3"]
)
def test_a_wrong_file_is_one_line_that_names_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        load_config(path)
    assert "\n" not in str(error.value)


def test_setting_keeps_comments_and_refuses_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "config.toml"
    set_value(path, "budget.turns", "9")
    path.write_text("# mine\n" + path.read_text())
    set_value(path, "engine", "repair")
    before = path.read_text()
    assert before.startswith("# mine\n") and load_config(path).budget.turns == 9
    with pytest.raises(ConfigError):
        set_value(path, "sandbox", "open")
    assert path.read_text() == before
    with pytest.raises(ConfigError, match=r"cannot be written: .*; LOOPWRIGHT_HOME"):
        set_value(Path("/proc/nobody/config.toml"), "engine", "repair")


def project(root: Path, text: str) -> Path:
    (root / ".loopwright").mkdir()
    (root / ".loopwright" / "config.toml").write_text(text)
    return root


def test_a_project_that_is_not_trusted_is_not_heeded_and_that_is_said(tmp_path: Path) -> None:
    root = project(tmp_path, 'sandbox = "read-only"\n')
    config, note = narrow(Config(), root)
    assert config == Config() and "trusted" in note


def test_a_trusted_project_narrows_and_never_widens(tmp_path: Path) -> None:
    text = (
        'sandbox = "danger-full-access"\napproval = "never"\n[limits]\nmemory = "64G"\npids = 8\nnetwork = "allow:x"\n'
    )
    root = project(tmp_path, text + "[budget]\nturns = 1000000\nseconds = 5\n")
    ours = Config(trusted=(str(root),))
    config, _ = narrow(ours, root)
    assert (config.sandbox, config.approval) == (ours.sandbox, ours.approval)
    assert (config.limits.memory, config.limits.pids, config.limits.network) == (ours.limits.memory, 8, "none")
    assert (config.budget.turns, config.budget.seconds) == (ours.budget.turns, 5)


def test_a_project_cannot_name_plugins_engines_or_writable_directories(tmp_path: Path) -> None:
    root = project(tmp_path, 'plugins = ["evil"]\nengine = "llm"\nwritable = ["/"]\nsandbox = "read-only"\n')
    config, note = narrow(Config(trusted=(str(root),)), root)
    assert (config.plugins, config.engine, config.writable, config.sandbox) == ((), "auto", (), "read-only")
    assert "plugins" in note and "engine" in note and "writable" in note


@pytest.mark.parametrize("reachable", [True, False])
def test_a_file_in_a_home_that_is_closed_to_us_is_none_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reachable: bool
) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refuse)
    monkeypatch.setattr("loopwright.runtime.config.os.access", lambda *_: reachable)
    if reachable:
        with pytest.raises(ConfigError, match="cannot be read"):
            load_config(tmp_path / "config.toml")
    else:
        assert load_config(tmp_path / "config.toml") == Config()
