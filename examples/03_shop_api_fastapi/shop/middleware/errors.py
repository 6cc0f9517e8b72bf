"""One shape for whatever goes wrong, in the language asked for."""

import json
import logging
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from shop.services.problem import Problem

_log = logging.getLogger(__name__)
_FOLDER = Path(__file__).parents[1] / "locales"
_WORDS = {p.stem: json.loads(p.read_text("utf-8")) for p in _FOLDER.glob("*.json")}


def _say(request: Request, key: str) -> str:
    asked = request.headers.get("accept-language", "")[:2].lower()
    return str(_WORDS.get(asked, _WORDS["en"])[key])


def answer(request: Request, status: int, key: str) -> JSONResponse:
    """Return the one shape that every error has."""
    error = {"code": key, "message": _say(request, key)}
    return JSONResponse({"error": error}, status_code=status)


def handle_errors(app: FastAPI) -> None:
    """Give the application its handlers."""

    @app.exception_handler(Problem)
    def problem(request: Request, error: Problem) -> JSONResponse:
        return answer(request, error.status, error.key)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, _: RequestValidationError) -> JSONResponse:
        return answer(request, 400, "invalid")

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> JSONResponse:
        key = "not_found" if error.status_code == 404 else "invalid"
        return answer(request, error.status_code, key)

    @app.exception_handler(Exception)
    def failed(request: Request, error: Exception) -> JSONResponse:
        _log.error("request failed", extra={"kind": type(error).__name__})
        return answer(request, 500, "internal")
