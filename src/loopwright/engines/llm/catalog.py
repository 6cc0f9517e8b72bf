"""The providers that can be named with -m PROVIDER:MODEL, and where each one's key and address are looked for."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from loopwright.core.errors import ConfigError
from loopwright.core.fact import Fact


class Provider(Fact, frozen=True):
    """One provider. `address` is what is called where the base URL variable is not set."""

    name: str
    title: str
    keys: tuple[str, ...]  # variables, the first one that is set is taken
    base: str  # the variable of the base URL, "" = cannot be changed
    address: str = ""
    prices: str = ""  # its id in genai-prices, "" = not priced
    models: tuple[str, ...] = ()  # examples; the first one is taken where none is named
    keyless: bool = False  # runs on the user's own machine and needs no key
    by_name: bool = False  # taken only where it is named: its variables are set for other reasons too


PROVIDERS: tuple[Provider, ...] = (
    Provider(
        "anthropic",
        "Anthropic",
        ("ANTHROPIC_API_KEY",),
        "ANTHROPIC_BASE_URL",
        "https://api.anthropic.com",
        "anthropic",
        ("claude-sonnet-5-5", "claude-opus-5-5", "claude-haiku-5-5"),
    ),
    Provider(
        "openai",
        "OpenAI (Responses API)",
        ("OPENAI_API_KEY",),
        "OPENAI_BASE_URL",
        "https://api.openai.com/v1",
        "openai",
        ("gpt-6.1-sol", "gpt-6.1-terra", "gpt-5.3-codex"),
    ),
    Provider(
        "google",
        "Google Gemini",
        ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        "GEMINI_BASE_URL",
        "https://generativelanguage.googleapis.com",
        "google",
        ("gemini-4-argon", "gemini-3.8-flash"),
    ),
    Provider(
        "mistral",
        "Mistral",
        ("MISTRAL_API_KEY",),
        "MISTRAL_BASE_URL",
        "https://api.mistral.ai",
        "mistral",
        ("mistral-large-4", "codestral-2508"),
    ),
    Provider(
        "openrouter",
        "OpenRouter",
        ("OPENROUTER_API_KEY",),
        "OPENROUTER_BASE_URL",
        "https://openrouter.ai/api/v1",
        "openrouter",
        ("anthropic/claude-sonnet-5.5", "~openai/gpt-latest"),
    ),
    Provider(
        "deepseek",
        "DeepSeek",
        ("DEEPSEEK_API_KEY",),
        "DEEPSEEK_BASE_URL",
        "https://api.deepseek.com",
        "deepseek",
        ("deepseek-v4-pro", "deepseek-v4-flash"),
    ),
    Provider(
        "openai-chat",
        "any Chat Completions endpoint (vLLM, LM Studio, gateways)",
        ("OPENAI_API_KEY",),
        "OPENAI_BASE_URL",
        "https://api.openai.com/v1",
        "openai",
    ),
    Provider(
        "ollama",
        "Ollama on this machine",
        ("OLLAMA_API_KEY",),
        "OLLAMA_BASE_URL",
        "http://127.0.0.1:11434/v1",
        models=("qwen3-coder", "gpt-oss:20b"),
        keyless=True,
    ),
    Provider(
        "bedrock",
        "Amazon Bedrock",
        ("AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID", "AWS_PROFILE"),
        "",
        prices="aws",
        models=("us.anthropic.claude-sonnet-5-v1:0",),
        by_name=True,
    ),
)


class Endpoint(Fact, frozen=True):
    """One model at one address, with the key to it ("" = none needed)."""

    provider: Provider
    model: str
    url: str
    key: str = ""

    @property
    def ref(self) -> str:
        """The name a person gave it: PROVIDER:MODEL."""
        return f"{self.provider.name}:{self.model}"

    @property
    def local(self) -> bool:
        """True where it runs on this machine, so that it costs no money."""
        host = urlsplit(self.url).hostname or ""
        return self.provider.keyless and (host in ("localhost", "::1") or host.startswith("127."))


def resolve(model: str, env: Mapping[str, str]) -> Endpoint:
    """Return the endpoint that PROVIDER:MODEL names; "" names the first provider whose key is set.

    Raises ConfigError naming what was looked for and not found.
    """
    if not model:
        return _first_configured(env)
    name, _, rest = model.partition(":")
    provider = next((p for p in PROVIDERS if p.name == name), None)
    if provider is None or not rest:
        names = ", ".join(p.name for p in PROVIDERS)
        raise ConfigError(f"cannot read the model '{model}': write PROVIDER:NAME with one of {names}")
    key = next((env[variable] for variable in provider.keys if env.get(variable)), "")
    base = env.get(provider.base, "") if provider.base else ""
    if not key and not base and not provider.keyless:
        raise ConfigError(f"no key for {provider.name}: looked for {_wanted(provider)}; set one of them")
    return Endpoint(provider, rest, _address(provider, base), key)


def configured(provider: Provider, env: Mapping[str, str]) -> str:
    """Return the variable that makes a provider usable, "" where none is set."""
    return next((variable for variable in (*provider.keys, provider.base) if variable and env.get(variable)), "")


def looked_for() -> str:
    """Return every variable that could name a model's key, for the message that says none is set."""
    named = dict.fromkeys(v for p in PROVIDERS if not (p.keyless or p.by_name) for v in p.keys)
    return ", ".join(named)


def _first_configured(env: Mapping[str, str]) -> Endpoint:
    for provider in PROVIDERS:
        if provider.models and not provider.by_name and any(env.get(variable) for variable in provider.keys):
            return resolve(f"{provider.name}:{provider.models[0]}", env)
    if env.get("OPENAI_BASE_URL"):
        raise ConfigError("OPENAI_BASE_URL is set but no model is named: add -m openai-chat:NAME")
    raise ConfigError(
        f"no language model is configured: looked for {looked_for()}; set one of them, or name a model of your own "
        "machine with -m ollama:NAME"
    )


def _wanted(provider: Provider) -> str:
    wanted = [*provider.keys, *([f"{provider.base} (a server that needs no key)"] if provider.base else [])]
    return ", ".join(wanted)


def _address(provider: Provider, base: str) -> str:
    url = base or provider.address
    if url and urlsplit(url).scheme not in ("http", "https"):
        raise ConfigError(f"{provider.base}={base} is not an address: it must begin with http:// or https://")
    return url.rstrip("/")
