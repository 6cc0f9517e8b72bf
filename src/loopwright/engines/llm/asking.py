"""How a model is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from loopwright.engines.llm.output import instruction
from loopwright.engines.llm.retry import Retries

SYSTEM = Path(__file__).parent.parent / "prompts" / "system.md"


class Asking(msgspec.Struct, frozen=True):
    """The settings of an engine that do not depend on the provider; see LlmEngine."""

    prompt: str
    schema: dict[str, Any]
    retries: Retries
    timeout: float
    effort: str

    def system(self) -> str:
        """Return the system prompt: the engine's own unless another was given, and what is said of the last message."""
        prompt = self.prompt or SYSTEM.read_text("utf-8").strip()
        return f"{prompt}\n\n{instruction(self.schema)}" if self.schema else prompt
