"""The language model engine: light to construct, the provider libraries come late and in a thread."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from loopwright.core.calls import Proposal
from loopwright.core.ports import EngineContext
from loopwright.core.project import View
from loopwright.engines.llm.catalog import Endpoint, resolve
from loopwright.engines.llm.library import Library
from loopwright.engines.llm.retry import Retries

if TYPE_CHECKING:
    from loopwright.engines.llm.dialogue import Dialogue

PROMPTS = Path(__file__).parent.parent / "prompts"
#: Seconds without a word after which an answer is given up and asked for again.
SILENCE = 600.0


class LlmEngine:
    """Asks one language model. `model` is PROVIDER:NAME, "" = the first provider whose key is in `env`.

    Raises ConfigError at once where the model's key is missing. `effort` is how much the model shall reason
    (minimal, low, medium, high), "" = the provider's default; `prompt` takes the place of the system prompt.
    """

    name = "llm"

    def __init__(
        self,
        model: str,
        env: Mapping[str, str],
        *,
        effort: str = "",
        prompt: str = "",
        retries: Retries = Retries(),
        timeout: float = SILENCE,
    ) -> None:
        self.endpoint: Endpoint = resolve(model, env)
        self._effort = effort
        self._prompt = prompt
        self._retries = retries
        self._timeout = timeout
        self._library = Library()
        self._dialogue: Dialogue | None = None
        self.warm()

    def warm(self) -> None:
        """Begin to load the provider libraries in the background. Returns at once."""
        self._library.warm()

    async def propose(self, view: View, ctx: EngineContext) -> Proposal:
        """Return the model's proposal; a reply without a tool call is its claim to be done.

        Raises ProviderUnavailable after the last retry, ContextOverflow, BadProposal for an answer that cannot be
        read, EngineError where asking again is no use, and ConfigError where a library is missing.
        """
        if self._dialogue is None:
            dialogue = await self._library.dialogue()
            prompt = self._prompt or (PROMPTS / "system.md").read_text("utf-8").strip()
            self._dialogue = dialogue(self.endpoint, prompt, self._retries, self._timeout, self._effort)
        return await self._dialogue.propose(view, ctx)

    async def aclose(self) -> None:
        """Close the connections to the provider."""
        if self._dialogue is not None:
            await self._dialogue.aclose()
