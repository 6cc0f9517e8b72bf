"""HTTPS only, known origins only, so many requests a minute."""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import RedirectResponse
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from shop.config import settings
from shop.middleware.errors import answer

Next = Callable[[Request], Awaitable[Response]]
HSTS = "max-age=15552000; includeSubDomains"


def protect(app: FastAPI) -> None:
    """Put what guards it around the application."""
    app.add_middleware(CORSMiddleware, allow_origins=settings.ALLOWED_ORIGINS)
    limiter = FixedWindowRateLimiter(MemoryStorage())
    allowed = parse(settings.RATE_LIMIT)

    @app.middleware("http")
    async def rate_limit(request: Request, call_next: Next) -> Response:
        client = request.client.host if request.client else ""
        if limiter.hit(allowed, client):
            return await call_next(request)
        refused = answer(request, 429, "too_many")
        refused.headers["Retry-After"] = str(allowed.get_expiry())
        return refused

    @app.middleware("http")
    async def only_https(request: Request, call_next: Next) -> Response:
        scheme = request.headers.get("x-forwarded-proto", request.url.scheme)
        if scheme != "https" and settings.ENVIRONMENT == "production":
            away = request.url.replace(scheme="https")
            return RedirectResponse(away, status_code=308)
        response = await call_next(request)
        response.headers["Strict-Transport-Security"] = HSTS
        return response
