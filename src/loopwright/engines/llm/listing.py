"""The models that could be used: which providers are set up, what their models cost, how much they can read.

Prices and context windows are genai-prices' bundled table: no network.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from loopwright.core.errors import ConfigError
from loopwright.core.fact import Fact
from loopwright.engines.llm.catalog import PROVIDERS, Endpoint, Provider, configured

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot

#: Ids of models that do not write text; the table does not say it in another way.
NOT_TEXT = (
    "embed",
    "image",
    "audio",
    "tts",
    "transcribe",
    "realtime",
    "whisper",
    "moderation",
    "live",
    "ocr",
    "voxtral",
)


class ListedModel(Fact, frozen=True):
    """One model. Prices are dollars for a million tokens, None where not known."""

    ref: str  # as for -m
    context: int | None = None  # tokens it can read
    input: float | None = None
    cached: float | None = None
    output: float | None = None


class ListedProvider(Fact, frozen=True):
    """One provider. `configured` is the variable that is set, "" where none of `variables` is."""

    name: str
    title: str
    variables: tuple[str, ...]
    configured: str
    ready: bool  # configured, or none needed
    models: tuple[ListedModel, ...] = ()


def list_models(env: Mapping[str, str], provider: str = "") -> tuple[ListedProvider, ...]:
    """Return every provider with example models, or the one named with all its models that write text.

    Raises ConfigError for a provider that does not exist, or where the price table is not installed.
    """
    chosen = [p for p in PROVIDERS if provider in ("", p.name)]
    if not chosen:
        raise ConfigError(f"no provider '{provider}': there are {', '.join(p.name for p in PROVIDERS)}")
    return tuple(_listed(p, env, everything=bool(provider)) for p in chosen)


def context_window(endpoint: Endpoint) -> int | None:
    """Return how many tokens a model can read, None where it is not known."""
    return _model(endpoint.provider, endpoint.model).context


def _listed(provider: Provider, env: Mapping[str, str], *, everything: bool) -> ListedProvider:
    names = tuple(_names(provider)) if everything and provider.prices else provider.models
    variable = configured(provider, env)
    return ListedProvider(
        name=provider.name,
        title=provider.title,
        variables=tuple(v for v in (*provider.keys, provider.base) if v),
        configured=variable,
        ready=bool(variable) or provider.keyless,
        models=tuple(_model(provider, name) for name in names),
    )


def _names(provider: Provider) -> Iterator[str]:
    for known in _snapshot().providers:
        if known.id == provider.prices:
            yield from (m.id for m in known.models if not m.deprecated and not any(x in m.id for x in NOT_TEXT))


def _model(provider: Provider, name: str) -> ListedModel:
    ref = f"{provider.name}:{name}"
    if not provider.prices:
        return ListedModel(ref)
    try:
        _, found = _snapshot().find_provider_model(name, None, provider.prices, None)
    except LookupError:
        return ListedModel(ref)
    price = found.get_prices(datetime.now(UTC))
    return ListedModel(
        ref,
        found.context_window,
        _dollars(price.input_mtok),
        _dollars(price.cache_read_mtok),
        _dollars(price.output_mtok),
    )


def _dollars(price: object) -> float | None:
    """A price as a number; of one that depends on the size of the request, that of a small one."""
    base = getattr(price, "base", price)
    return float(base) if isinstance(base, Decimal | int | float) else None


def _snapshot() -> DataSnapshot:
    try:
        from genai_prices.data_snapshot import get_snapshot
    except ImportError as error:
        raise ConfigError(f"the price table is not installed ({error}): pip install 'loopwright[llm]'") from None
    return get_snapshot()
