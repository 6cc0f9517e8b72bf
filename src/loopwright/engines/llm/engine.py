"""The language model engine: light to construct, the provider libraries come late and in a thread."""

from __future__ import annotations

from collections.abc import Mapping

from loopwright.core.calls import Proposal
from loopwright.core.ports import EngineContext
from loopwright.core.state import View
from loopwright.engines.llm.asking import Asking
from loopwright.engines.llm.catalog import Endpoint, resolve
from loopwright.engines.llm.library import Library
from loopwright.engines.llm.output import read_schema
from loopwright.engines.llm.retry import Retries

#: Seconds without a word after which an answer is given up and asked for again.
SILENCE = 600.0


class LlmEngine:
    """Asks one language model. `model` is PROVIDER:NAME, "" = the first provider whose key is in `env`.

    Raises ConfigError at once where the model's key is missing. `effort` is how much the model shall reason
    (minimal, low, medium, high), "" = the provider's default; `prompt` takes the place of the system prompt; `schema`
    is a JSON schema that the last message must fit; `timeout` is seconds of silence before asking again;
    `warm=False` puts off loading the libraries until they are needed.
    """

    name = "llm"

    def __init__(
        self,
        model: str,
        env: Mapping[str, str],
        *,
        effort: str = "",
        prompt: str = "",
        schema: str = "",
        retries: Retries = Retries(),
        timeout: float = SILENCE,
        warm: bool = True,
    ) -> None:
        self.endpoint: Endpoint = resolve(model, env)
        self._library = Library(self.endpoint, Asking(prompt, read_schema(schema), retries, timeout, effort))
        if warm:
            self.warm()

    def warm(self) -> None:
        """Begin to load the provider libraries in the background. Returns at once."""
        self._library.warm()

    async def propose(self, view: View, ctx: EngineContext) -> Proposal:
        """Return the model's proposal; a reply without a tool call is its claim to be done.

        Raises ProviderUnavailable after the last retry, ContextOverflow, BadProposal for an answer that cannot be
        read, EngineError where asking again is no use, and ConfigError where a library is missing.
        """
        dialogue = await self._library.dialogue()
        return await dialogue.propose(view, ctx)

    async def aclose(self) -> None:
        """Close the connections to the provider."""
        await self._library.aclose()
