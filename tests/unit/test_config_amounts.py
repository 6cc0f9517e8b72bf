"""Numbers that are none, and where a refused setting was written."""

from __future__ import annotations

from pathlib import Path

import pytest

from loopwright.core.errors import ConfigError
from loopwright.runtime.config import load_config, set_value


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "0", "-5"])
@pytest.mark.parametrize("key", ["budget.seconds", "budget.usd", "limits.cpus", "limits.timeout"])
def test_an_amount_is_a_finite_number_above_zero(tmp_path: Path, key: str, value: str) -> None:
    file = tmp_path / "config.toml"
    with pytest.raises(ConfigError, match=f"{key} must be a number above 0"):
        load_config(file, [f"{key}={value}"])
    with pytest.raises(ConfigError, match=key):
        set_value(file, key, value)
    assert not file.exists()


def test_a_wrong_override_is_named_as_one_and_not_as_a_line_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^-c nosuch=1: "):
        load_config(tmp_path / "config.toml", ["nosuch=1"])


def test_a_setting_below_one_that_is_no_table_is_refused_and_the_file_kept(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('engine = "repair"\n')
    with pytest.raises(ConfigError, match="engine is no table"):
        set_value(file, "engine.x", "1")
    assert file.read_text() == 'engine = "repair"\n'
