"""The model providers, for `loopwright models`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def list_models(env: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return each provider with its key variables, whether one is set, and example models with prices."""
    from loopwright.engines.llm import models

    return models(env)
