"""What one answer used and cost: the provider's own count, else an estimate; prices from genai-prices, offline."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from genai_prices import Usage, calc_price
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.usage import RequestUsage

from loopwright.core.calls import Tokens
from loopwright.engines.llm.catalog import Endpoint

#: Characters of one token where no answer has told us better (English prose and code, GPT-4 class vocabularies).
CHARACTERS_PER_TOKEN = 4.0


class Meter:
    """Counts the tokens of answers; learns how many characters a token has from those that are counted for it."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._per_token = CHARACTERS_PER_TOKEN
        self._sizes: list[int] = []  # of the messages measured so far
        self._listed = True  # the price list has this model; it is searched to its end for one that it has not

    def read(self, messages: Sequence[ModelMessage], overhead: int, response: ModelResponse) -> Tokens:
        """Return what `response` to `messages` used. `overhead` is the characters of tool schemas beside them."""
        sent = self._measure(messages) + overhead
        usage = response.usage
        if usage.input_tokens:
            self._per_token = min(8.0, max(1.5, sent / usage.input_tokens))
            return self._counted(usage)
        return self.estimate(sent, _size(response))

    def estimate(self, sent: int, received: int) -> Tokens:
        """Return an estimate from characters sent and received."""
        usage = RequestUsage(
            input_tokens=round(sent / self._per_token), output_tokens=max(1, round(received / self._per_token))
        )
        return msgspec.structs.replace(self._counted(usage), estimated=True)

    def sent(self, messages: Sequence[ModelMessage], overhead: int) -> int:
        """Return the characters of a request."""
        return self._measure(messages) + overhead

    def _counted(self, usage: RequestUsage) -> Tokens:
        return Tokens(
            input=usage.input_tokens,
            cached=usage.cache_read_tokens,
            cache_write=usage.cache_write_tokens,
            output=usage.output_tokens,
            reasoning=usage.output_reasoning_tokens or usage.details.get("reasoning_tokens", 0),
            usd=self._price(usage),
        )

    def _price(self, usage: RequestUsage) -> float | None:
        if self._endpoint.local:
            return 0.0
        if usage.cost is not None:
            return float(usage.cost)
        if not self._listed:
            return None
        used = Usage(
            input_tokens=usage.input_tokens,
            cache_read_tokens=usage.cache_read_tokens,
            cache_write_tokens=usage.cache_write_tokens,
            output_tokens=usage.output_tokens,
        )
        try:
            price = calc_price(used, model_ref=self._endpoint.model, provider_id=self._endpoint.provider.prices)
        except LookupError:
            self._listed = False
            return None
        except ValueError:
            return None
        return float(price.total_price)

    def _measure(self, messages: Sequence[ModelMessage]) -> int:
        """Characters of the messages; those measured before are not read again."""
        if len(messages) < len(self._sizes):
            self._sizes.clear()
        self._sizes += [_size(message) for message in messages[len(self._sizes) :]]
        return sum(self._sizes)


def _size(message: ModelMessage) -> int:
    return sum(len(_text(part)) for part in message.parts)


def _text(part: object) -> str:
    content = getattr(part, "content", None)
    if isinstance(content, str):
        return content
    args = getattr(part, "args", None)
    return f"{getattr(part, 'tool_name', '')}{args or ''}"
