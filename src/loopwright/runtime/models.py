"""The model providers, for `loopwright models`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec


def list_providers(env: Mapping[str, str], provider: str = "") -> list[dict[str, Any]]:
    """Return each provider with its key variables, whether one is set, and example models with prices."""
    from loopwright.engines.llm.listing import list_models

    return [msgspec.to_builtins(found) for found in list_models(env, provider)]
