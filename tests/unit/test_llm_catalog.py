"""Which model is meant, where its key and address come from, and what is said when something is missing."""

from __future__ import annotations

import subprocess
import sys

import pytest

from loopwright.core.errors import ConfigError
from loopwright.engines.llm import LlmEngine
from loopwright.engines.llm.catalog import PROVIDERS, resolve
from loopwright.engines.llm.listing import context_window, list_models


def test_a_key_and_the_provider_s_own_address() -> None:
    found = resolve("anthropic:claude-sonnet-5-5", {"ANTHROPIC_API_KEY": "k"})
    assert (found.model, found.key, found.url, found.local) == (
        "claude-sonnet-5-5",
        "k",
        "https://api.anthropic.com",
        False,
    )


def test_a_model_s_name_may_hold_colons_and_slashes() -> None:
    assert resolve("ollama:gpt-oss:20b", {}).model == "gpt-oss:20b"
    assert resolve("openrouter:a/b:free", {"OPENROUTER_API_KEY": "k"}).model == "a/b:free"


@pytest.mark.parametrize("provider", [p for p in PROVIDERS if p.base])
def test_a_base_url_of_one_s_own_needs_no_key(provider: object) -> None:
    name, base = provider.name, provider.base  # type: ignore[attr-defined]
    found = resolve(f"{name}:m", {base: "http://127.0.0.1:8000/v1/"})
    assert (found.url, found.key) == ("http://127.0.0.1:8000/v1", "")


def test_a_local_model_needs_nothing() -> None:
    found = resolve("ollama:qwen3", {})
    assert found.url == "http://127.0.0.1:11434/v1"
    assert found.local
    assert not resolve("ollama:qwen3", {"OLLAMA_BASE_URL": "https://ollama.com/v1"}).local


@pytest.mark.parametrize(
    ("model", "env", "says"),
    [
        ("anthropic:x", {}, "no key for anthropic: looked for ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL"),
        ("google:x", {"OPENAI_API_KEY": "k"}, "looked for GEMINI_API_KEY, GOOGLE_API_KEY, GEMINI_BASE_URL"),
        ("openai:x", {"OPENAI_API_KEY": ""}, "no key for openai"),
        ("gpt-5", {"OPENAI_API_KEY": "k"}, "write PROVIDER:NAME with one of anthropic, openai"),
        ("openai:", {"OPENAI_API_KEY": "k"}, "write PROVIDER:NAME"),
        ("acme:x", {}, "cannot read the model 'acme:x'"),
        ("openai:x", {"OPENAI_BASE_URL": "localhost:8000"}, "must begin with http"),
        ("", {"OPENAI_BASE_URL": "http://localhost:8000"}, "add -m openai-chat:NAME"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(model: str, env: dict[str, str], says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        LlmEngine(model, env, warm=False)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_with_no_model_at_all_every_variable_looked_for_is_named() -> None:
    with pytest.raises(ConfigError) as caught:
        resolve("", {"AWS_PROFILE": "work"})
    for variable in ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "MISTRAL_API_KEY", "OPENROUTER_API_KEY"):
        assert variable in str(caught.value)
    assert "-m ollama:NAME" in str(caught.value)


def test_with_no_model_named_the_first_provider_with_a_key_is_taken() -> None:
    assert resolve("", {"MISTRAL_API_KEY": "k"}).ref == "mistral:mistral-large-4"
    assert resolve("", {"OPENAI_API_KEY": "a", "ANTHROPIC_API_KEY": "b"}).provider.name == "anthropic"


def test_a_schema_that_is_none_is_refused_at_once() -> None:
    with pytest.raises(ConfigError, match="output schema"):
        LlmEngine("ollama:x", {}, schema="{", warm=False)
    with pytest.raises(ConfigError, match="output schema"):
        LlmEngine("ollama:x", {}, schema="[]", warm=False)


def test_the_list_says_what_is_set_up_and_what_models_cost() -> None:
    listed = {p.name: p for p in list_models({"OPENAI_API_KEY": "k"})}
    assert (listed["openai"].ready, listed["openai"].configured) == (True, "OPENAI_API_KEY")
    assert (listed["anthropic"].ready, listed["anthropic"].configured) == (False, "")
    assert listed["ollama"].ready
    for provider in listed.values():
        if provider.name in ("openai", "anthropic", "google", "mistral", "deepseek", "openrouter"):
            for model in provider.models:
                assert model.input and model.output and model.context, f"{model.ref} is not in the price table"


def test_one_provider_is_listed_with_all_its_models() -> None:
    (openai,) = list_models({}, "openai")
    names = [model.ref for model in openai.models]
    assert len(names) > 20
    assert "openai:gpt-5.2" in names
    assert not any("embedding" in name or "whisper" in name for name in names)
    with pytest.raises(ConfigError, match="no provider 'acme'"):
        list_models({}, "acme")


def test_the_context_window_of_a_model() -> None:
    assert context_window(resolve("anthropic:claude-sonnet-5-5", {"ANTHROPIC_API_KEY": "k"})) == 1_000_000
    assert context_window(resolve("ollama:nobody-s", {})) is None


def test_the_engine_is_light_to_import_and_to_make() -> None:
    """The provider libraries cost over a second: nothing of them before the first proposal, or `warm`."""
    code = (
        "import sys; from loopwright.engines.llm import LlmEngine; import loopwright.engines.auto;"
        "LlmEngine('openai:x', {'OPENAI_API_KEY': 'k'}, warm=False);"
        "heavy = {'pydantic', 'pydantic_ai', 'openai', 'anthropic', 'httpx2', 'genai_prices'} & set(sys.modules);"
        "sys.exit(f'imported: {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_name_the_provider_cannot_have_is_refused() -> None:
    from loopwright.engines.llm.connect import connect

    with pytest.raises(ConfigError, match=r"openrouter:gpt-5: .*prefixed"):
        connect(resolve("openrouter:gpt-5", {"OPENROUTER_API_KEY": "k"}), timeout=5.0, effort="")


@pytest.mark.anyio
@pytest.mark.parametrize("provider", PROVIDERS)
async def test_every_provider_can_be_connected_to_or_says_what_is_not_installed(provider: object) -> None:
    from loopwright.engines.llm.connect import connect

    env = dict.fromkeys(provider.keys, "k")  # type: ignore[attr-defined]
    endpoint = resolve(f"{provider.name}:vendor/model", env)  # type: ignore[attr-defined]
    try:
        connection = connect(endpoint, timeout=5.0, effort="low")
    except ConfigError as error:
        assert endpoint.provider.name == "bedrock"
        assert "boto3" in str(error)
    else:
        assert connection.model.model_name == "vendor/model"
        await connection.aclose()
