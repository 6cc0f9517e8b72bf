"""The talk with one model over one session: View in, Proposal out, asked again where that may help."""

from __future__ import annotations

import msgspec
from pydantic_ai.messages import ModelMessage, ModelMessagesTypeAdapter, ModelResponse
from pydantic_ai.models import ModelRequestParameters

from loopwright.core.calls import Delta, Proposal, Tokens, ToolSpec
from loopwright.core.errors import BadProposal, EngineError, ProviderUnavailable
from loopwright.core.ports import Emit, EngineContext
from loopwright.core.state import View
from loopwright.engines.llm.ask import Incomplete, ask, parameters
from loopwright.engines.llm.asking import Asking
from loopwright.engines.llm.call_ids import fitting
from loopwright.engines.llm.catalog import Endpoint
from loopwright.engines.llm.connect import connect
from loopwright.engines.llm.conversation import NAME, Conversation
from loopwright.engines.llm.cost import Meter
from loopwright.engines.llm.output import fitted
from loopwright.engines.llm.reply import to_proposal
from loopwright.engines.llm.retry import Trouble
from loopwright.engines.llm.trouble import judge


class Dialogue:
    """Holds the connection, the conversation as the provider sees it, and the meter."""

    def __init__(self, endpoint: Endpoint, asking: Asking) -> None:
        self._endpoint = endpoint
        self._asking = asking
        self._connection = connect(endpoint, asking.timeout, asking.effort)
        self._conversation = Conversation(asking.system(), fitting(endpoint.provider.name))
        ModelMessagesTypeAdapter.rebuild()  # now, off the event loop, and not at the first answer
        self._meter = Meter(endpoint)
        self._tools: tuple[ToolSpec, ...] = ()
        self._wanted = ModelRequestParameters()
        self._overhead = 0
        self._lost = Tokens(usd=0.0)  # of attempts at the proposal under way that came to nothing

    async def propose(self, view: View, ctx: EngineContext) -> Proposal:
        """Return the model's proposal. Raises EngineError and its kinds."""
        self._offer(view.tools)
        messages = self._conversation.follow(view)
        self._lost = Tokens(usd=0.0)
        try:
            response = await self._answer(messages, ctx)
            tokens = self._meter.read(messages, self._overhead, response)
            proposal = self._attempt(response, tokens)
        except EngineError as error:
            error.tokens = self._lost if self._lost.output else None
            raise
        return msgspec.structs.replace(
            proposal,
            engine=NAME,
            model=self._endpoint.ref,
            tokens=self._settle(tokens),
            opaque=self._conversation.memo(response),
        )

    async def aclose(self) -> None:
        await self._connection.aclose()

    def _attempt(self, response: ModelResponse, tokens: Tokens) -> Proposal:
        """Read an answer; one that cannot be used has cost what it cost."""
        try:
            return self._read(response)
        except EngineError:
            self._lost = _sum(self._lost, tokens)
            raise

    def _read(self, response: ModelResponse) -> Proposal:
        proposal = to_proposal(response)
        if proposal.done and self._asking.schema:
            return msgspec.structs.replace(proposal, text=fitted(proposal.text, self._asking.schema))
        return proposal

    def _offer(self, tools: tuple[ToolSpec, ...]) -> None:
        if tools is not self._tools and tools != self._tools:
            self._tools, self._wanted = tools, parameters(tools)
            self._overhead = len(msgspec.json.encode(tools))

    def _settle(self, tokens: Tokens) -> Tokens:
        """Add the money of failed attempts; not their tokens, which would misstate the size of the context."""
        return msgspec.structs.replace(tokens, usd=_sum(self._lost, tokens).usd)

    async def _answer(self, messages: list[ModelMessage], ctx: EngineContext) -> ModelResponse:
        failed = 0
        while True:
            shown: list[int] = []
            try:
                return await ask(self._connection, messages, self._wanted, _counting(ctx, shown))
            except BadProposal:
                self._lose(messages, shown)
                raise
            except Incomplete as error:
                trouble = Trouble(f"no whole answer from {self._endpoint.ref}: {error}", again=True)
            except Exception as error:
                trouble = judge(error, self._endpoint)
            failed += 1
            self._lose(messages, shown)
            wait = self._asking.retries.delay(failed, trouble, ctx.seconds)
            if wait is None:
                tries = f" ({failed} tries)" if failed > 1 else ""
                raise (ProviderUnavailable if trouble.again else EngineError)(f"{trouble.message}{tries}")
            ctx.emit(Delta("progress", f"{trouble.message}; asking again in {wait:.0f} s"))
            await self._asking.retries.sleep(wait)

    def _lose(self, messages: list[ModelMessage], shown: list[int]) -> None:
        """Count an answer that broke off: by what was seen of it, since the provider did not say."""
        if shown:
            guess = self._meter.estimate(self._meter.sent(messages, self._overhead), sum(shown))
            self._lost = _sum(self._lost, guess)


def _sum(one: Tokens, other: Tokens) -> Tokens:
    """Add two counts; a price that is not known makes the sum unknown."""
    return Tokens(
        one.input + other.input,
        one.cached + other.cached,
        one.cache_write + other.cache_write,
        one.output + other.output,
        one.reasoning + other.reasoning,
        None if one.usd is None or other.usd is None else one.usd + other.usd,
        one.estimated or other.estimated,
    )


def _counting(ctx: EngineContext, shown: list[int]) -> Emit:
    """Pass deltas on and keep their sizes: what a broken answer is charged by."""

    def emit(delta: Delta) -> None:
        shown.append(len(delta.text))
        ctx.emit(delta)

    return emit
