"""A provider library's client for an endpoint: its own retries, telemetry and environment look-ups off."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import httpx2
from pydantic_ai._http import create_async_httpx2_client
from pydantic_ai.exceptions import UserError
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.settings import ModelSettings

from loopwright.core.errors import ConfigError
from loopwright.engines.llm.catalog import Endpoint
from loopwright.engines.llm.wire import Wire

if TYPE_CHECKING:
    from openai import AsyncOpenAI

NO_KEY = "none"  # the clients insist on a key; a server that needs none does not look at it
CONNECT_SECONDS = 10.0
OTHERS = ("anthropic", "google", "mistral")  # the rest speak as OpenAI does
LOGGERS = ("openai", "anthropic", "google_genai", "mistralai", "httpx2", "httpcore2")


@dataclass(frozen=True, slots=True)
class Connection:
    """A model that can be asked, the settings of every request, and the HTTP client to close."""

    model: Model
    settings: ModelSettings
    http: httpx2.AsyncClient | None
    wire: Wire | None = None  # None: the library maps the whole history each time

    async def aclose(self) -> None:
        if self.http is not None:
            await self.http.aclose()


def connect(endpoint: Endpoint, timeout: float, effort: str) -> Connection:
    """Return a connection; nothing is sent yet. `timeout` is seconds of silence.

    Raises ConfigError where the provider's library is not installed.
    """
    for name in LOGGERS:
        logging.getLogger(name).addHandler(logging.NullHandler())
    settings = _settings(endpoint, effort)
    try:
        if endpoint.provider.name == "bedrock":
            return Connection(_bedrock(endpoint), settings, None)
        http = create_async_httpx2_client(timeout=httpx2.Timeout(timeout, connect=CONNECT_SECONDS))
        if endpoint.provider.name in OTHERS:
            return Connection(_other(endpoint, http), settings, http)
        wire = Wire()
        model = _openai(endpoint, _client(endpoint, http, timeout, wire))
        return Connection(_fitting_once(model), settings, http, wire)
    except ImportError as error:
        raise ConfigError(f"{endpoint.provider.name} needs a library that is not installed: {error}") from None
    except UserError as error:
        raise ConfigError(f"{endpoint.ref}: {error}") from None


def _fitting_once(model: Model) -> Model:
    """Have the tools' schemas made to fit the provider once, not for every request they are offered in."""
    fit = model.customize_request_parameters
    last: list[tuple[ModelRequestParameters, ModelRequestParameters]] = []

    def fit_once(wanted: ModelRequestParameters) -> ModelRequestParameters:
        if not last or last[0][0] is not wanted:
            last[:] = [(wanted, fit(wanted))]
        return last[0][1]

    vars(model)["customize_request_parameters"] = fit_once
    return model


def _settings(endpoint: Endpoint, effort: str) -> ModelSettings:
    """Settings of every request; nothing that changes from turn to turn, or the prompt cache would be lost."""
    settings: dict[str, object] = {"cache": True}
    if endpoint.provider.name in ("bedrock", "google", "mistral"):
        settings["max_retries"] = 0  # the other clients are made with none
    if effort:
        settings["thinking"] = effort
    if endpoint.provider.name == "openai":
        settings["openai_store"] = False
    return cast(ModelSettings, settings)


def _other(endpoint: Endpoint, http: httpx2.AsyncClient) -> Model:
    key = endpoint.key or NO_KEY
    match endpoint.provider.name:
        case "google":
            from pydantic_ai.models.google import GoogleModel
            from pydantic_ai.providers.google import GoogleProvider

            google = GoogleProvider(api_key=key, base_url=endpoint.url, http_client=http)
            return GoogleModel(endpoint.model, provider=google)
        case "mistral":
            from pydantic_ai.models.mistral import MistralModel
            from pydantic_ai.providers.mistral import MistralProvider

            mistral = MistralProvider(api_key=key, base_url=endpoint.url, http_client=http)
            return MistralModel(endpoint.model, provider=mistral)
    return _anthropic(endpoint, key, http)


def _client(endpoint: Endpoint, http: httpx2.AsyncClient, timeout: float, wire: Wire) -> AsyncOpenAI:
    from loopwright.engines.llm.openai_client import Client

    key = endpoint.key or NO_KEY
    client = Client(api_key=key, base_url=endpoint.url, http_client=http, max_retries=0, timeout=timeout)
    wire.attach(client.responses if endpoint.provider.name == "openai" else client.chat.completions)
    return client


def _anthropic(endpoint: Endpoint, key: str, http: httpx2.AsyncClient) -> Model:
    from anthropic import AsyncAnthropic
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    client = AsyncAnthropic(api_key=key, base_url=endpoint.url, http_client=http, max_retries=0)
    return AnthropicModel(endpoint.model, provider=AnthropicProvider(anthropic_client=client))


def _openai(endpoint: Endpoint, client: AsyncOpenAI) -> Model:
    """The family that speaks as OpenAI does; each provider's profile knows its differences."""
    match endpoint.provider.name:
        case "openai":
            from pydantic_ai.models.openai import OpenAIResponsesModel
            from pydantic_ai.providers.openai import OpenAIProvider

            return OpenAIResponsesModel(endpoint.model, provider=OpenAIProvider(openai_client=client))
        case "openrouter":
            from pydantic_ai.models.openrouter import OpenRouterModel
            from pydantic_ai.providers.openrouter import OpenRouterProvider

            return OpenRouterModel(endpoint.model, provider=OpenRouterProvider(openai_client=client))
        case "ollama":
            from pydantic_ai.models.ollama import OllamaModel
            from pydantic_ai.providers.ollama import OllamaProvider

            return OllamaModel(endpoint.model, provider=OllamaProvider(openai_client=client))
    from pydantic_ai.models.openai import OpenAIChatModel

    if endpoint.provider.name == "deepseek":
        from pydantic_ai.providers.deepseek import DeepSeekProvider

        return OpenAIChatModel(endpoint.model, provider=DeepSeekProvider(openai_client=client))
    from pydantic_ai.providers.openai import OpenAIProvider

    return OpenAIChatModel(endpoint.model, provider=OpenAIProvider(openai_client=client))


def _bedrock(endpoint: Endpoint) -> Model:
    from pydantic_ai.models.bedrock import BedrockConverseModel

    return BedrockConverseModel(endpoint.model)
