"""Requests are counted, and the counts are shown to Prometheus."""

import logging
from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, Counter, generate_latest

_log = logging.getLogger("shop.requests")
_requests = Counter(
    "http_requests", "Requests answered, by method and status", ["method", "status"]
)
Next = Callable[[Request], Awaitable[Response]]


def measure(app: FastAPI) -> None:
    """Count every request, log it, and show the counts at /metrics."""

    @app.middleware("http")
    async def count(request: Request, call_next: Next) -> Response:
        response = await call_next(request)
        status = response.status_code
        _requests.labels(request.method, str(status)).inc()
        seen = {"method": request.method, "path": request.url.path, "status": status}
        _log.info("answered", extra=seen)
        return response

    @app.get("/metrics", include_in_schema=False)
    def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
