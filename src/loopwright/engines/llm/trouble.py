"""Provider errors as our own: asked again, overflow, or one line for the person."""

from __future__ import annotations

import httpx2
import msgspec
from pydantic_ai.exceptions import (
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelContextWindowExceededError,
    ModelHTTPError,
    ModelNotFoundError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelRequestTimeout,
    ModelServerError,
    ModelUnavailableError,
    UnexpectedModelBehavior,
)

from loopwright.core.errors import ContextOverflow, EngineError
from loopwright.core.expression import expression
from loopwright.engines.llm.catalog import Endpoint
from loopwright.engines.llm.retry import Trouble

#: Statuses asked again whatever the body says; 408 and 409 as the providers' own clients do.
AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})
OVERFLOW = frozenset({400, 413, 422})
#: How servers say that a request is too long: OpenAI, vLLM, llama.cpp, Anthropic, Ollama, Mistral, LM Studio.
TOO_LONG = expression(r"(?i)context[ _](length|window|size)|prompt is too long|too many tokens|too large for model")
SHOWN = 300


def judge(error: Exception, endpoint: Endpoint) -> Trouble:
    """Return what an error means for asking again. Raises ContextOverflow and EngineError for what is final."""
    where = f"{endpoint.ref} at {endpoint.url}" if endpoint.url else endpoint.ref
    match error:
        case ModelContextWindowExceededError():
            raise ContextOverflow(f"{endpoint.ref}: {_reason(error)}") from None
        case ModelAuthenticationError():
            keys = " or ".join(endpoint.provider.keys)
            raise EngineError(f"{where} refused the key: check {keys} ({_reason(error)})") from None
        case ModelNotFoundError():
            raise EngineError(f"{where} was not found: check the model's name and the base URL") from None
        case ModelQuotaExceededError():
            raise EngineError(f"{where}: the account's quota is used up ({_reason(error)})") from None
        case ModelRateLimitError():
            return Trouble(f"{where}: too many requests", True, error.retry_after)
        case ModelUnavailableError() | ModelServerError():
            return Trouble(f"{where}: {_reason(error)}", True, error.retry_after)
        case ModelHTTPError() if error.status_code in OVERFLOW and TOO_LONG.search(str(error.body)):
            raise ContextOverflow(f"{endpoint.ref}: {_reason(error)}") from None
        case ModelHTTPError():
            again = error.status_code in AGAIN and error.provider_retry_hint is not False
            return Trouble(f"{where}: {_reason(error)}", again, error.retry_after)
        case ModelConnectionError() | ModelRequestTimeout() | httpx2.TransportError():
            return Trouble(f"no answer from {where}: {_reason(error)}", True)
        case ModelAPIError() | UnexpectedModelBehavior():
            return Trouble(f"{where}: {_reason(error)}", again=isinstance(error, UnexpectedModelBehavior))
    raise error


def _reason(error: Exception) -> str:
    """One line, short, without the library's own wrapping where the provider gave a message."""
    status = f"{error.status_code} " if isinstance(error, ModelHTTPError) else ""
    message = _message(getattr(error, "body", None))
    text = " ".join(str(message or error or type(error).__name__).split())
    return f"{status}{text}"[:SHOWN]


def _message(body: object) -> object:
    if isinstance(body, str):
        try:
            body = msgspec.json.decode(body)
        except msgspec.DecodeError:
            return body
    inner = body.get("error", body) if isinstance(body, dict) else None
    return inner.get("message") if isinstance(inner, dict) else inner
