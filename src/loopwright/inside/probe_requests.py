"""The requests that are sent to an application under probe, and what came back: status, headers, body."""

from __future__ import annotations

import http.client
import json
import re
import time
from typing import Any

_SECONDS = 5.0  # for one request
_LARGEST = 200_000  # characters of one body that are reported
#: An application behind a proxy that ended TLS: else it would send every request away to https.
_SECURE = {"X-Forwarded-Proto": "https"}
_FOREIGN = "https://foreign.invalid"
_NOWHERE = "/loopwright-probe-of-nothing"
Answer = dict[str, Any]


def send(
    port: int, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
) -> Answer | None:
    """Return the answer, None where none came."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    sent = {**_SECURE, "Accept": "*/*", **({"Content-Type": "application/json"} if body is not None else {})}
    try:
        connection.request(method, path, body, {**sent, **(headers or {})})
        response = connection.getresponse()
        text = response.read().decode("utf-8", "replace")[:_LARGEST]
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    named: dict[str, str] = {}
    for name, value in response.getheaders():
        named[name.lower()] = f"{named[name.lower()]}, {value}" if name.lower() in named else value
    return {"request": f"{method} {path}", "status": response.status, "headers": named, "body": text}


def healthy(port: int) -> bool:
    """True where an answer comes that is no failure of the server's."""
    for path in ("/health", "/healthz", "/"):
        answer = send(port, "GET", path)
        if answer is None:
            return False
        if answer["status"] < 500:
            return True
    return False


def ask(port: int, plan: dict[str, Any]) -> dict[str, Any]:
    """Send what the plan wants sent, save what uses up a limit, and return the answers by name."""
    described = _described(port)
    routes = [(method, path) for method, path, _ in described] or [(m, p) for m, p in plan["routes"]]
    plan["routes"] = routes
    wants = plan["wants"]
    seen: dict[str, Any] = {"routes": routes[:50]}
    if "error_shape" in wants:
        seen["errors"] = _errors(port, routes, plan["fault"])
    if "headers" in wants:
        seen["foreign"] = send(port, "GET", _plain(routes), None, {"Origin": _FOREIGN})
        seen["insecure"] = send(port, "GET", _plain(routes), None, {"X-Forwarded-Proto": "http"})
    if "metrics" in wants:
        seen["before"] = send(port, "GET", plan["metrics"])
        for _ in range(3):
            send(port, "GET", _plain(routes))
        seen["after"] = send(port, "GET", plan["metrics"])
    if "password" in wants:
        seen["signups"] = _sign_up(port, routes, described, plan["canary"])
    if "logs" in wants:
        send(port, "GET", _plain(routes))
        send(port, "GET", _NOWHERE)
        time.sleep(0.2)
    return seen


def _described(port: int) -> list[tuple[str, str, Any]]:
    """Return (method, path, body's schema) from the application's own OpenAPI document, if it has one."""
    answer = send(port, "GET", "/openapi.json")
    try:
        document = json.loads(answer["body"]) if answer and answer["status"] == 200 else {}
        found = []
        for path, operations in document.get("paths", {}).items():
            for method, operation in operations.items():
                content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
                found.append((method.upper(), path, _resolved(content.get("schema", {}), document)))
        return found
    except (ValueError, AttributeError, TypeError, KeyError):
        return []


def _resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference within the document."""
    for name in schema.get("$ref", "").removeprefix("#/").split("/"):
        if name:
            document = document[name]
    return document if "$ref" in schema else schema


def _plain(routes: list[tuple[str, str]]) -> str:
    """A path that can be read without knowing anything: an API's before any other."""
    paths = [p for m, p in routes if m == "GET" and not re.search(r"[:{*]|/metrics|/health|/docs|/redoc|openapi", p)]
    return min(paths, key=lambda p: (not p.startswith("/api"), len(p)), default="/")


def _filled(path: str) -> str:
    return re.sub(r"\{[^}]+\}|:\w+", "loopwright-probe", path)


def _errors(port: int, routes: list[tuple[str, str]], fault: str) -> list[Answer]:
    """Answers to what is not there, cannot be parsed, is not acceptable, and to a handler that throws."""
    posts = [_filled(p) for m, p in routes if m in ("POST", "PUT", "PATCH")] or [_NOWHERE]
    one = next((_filled(p) for m, p in routes if m == "GET" and re.search(r"[:{]", p)), _NOWHERE)
    sent = [
        send(port, "GET", _NOWHERE),
        send(port, "GET", one),
        send(port, "POST", posts[0], '{"broken": '),
        send(port, "POST", posts[0], '{"loopwright": [[]]}'),
        send(port, "GET", fault),
    ]
    return [answer for answer in sent if answer and answer["status"] >= 400]


_SIGN_UP = re.compile(r"sign-?up|regist|users?$|customers?$|accounts?$|members?$", re.IGNORECASE)


def _sign_up(
    port: int, routes: list[tuple[str, str]], described: list[tuple[str, str, Any]], canary: str
) -> list[Answer]:
    """Answers to attempts to make an account whose password is the canary."""
    schemas = {path: schema for method, path, schema in described if method == "POST"}
    found = []
    for path in [p for m, p in routes if m == "POST" and _SIGN_UP.search(p.rstrip("/"))][:4]:
        answer = send(port, "POST", path, json.dumps(_account(canary, schemas.get(path) or {})))
        if answer:
            found.append(answer)
    return found


def _account(canary: str, schema: dict[str, Any]) -> dict[str, Any]:
    usual: dict[str, Any] = {"email": "probe@example.com", "password": canary}
    fields = schema.get("properties") or {}
    if not fields:
        return {**usual, "name": "Probe", "username": "probe", "firstName": "Probe", "lastName": "Probe"}
    made: dict[str, Any] = {}
    for name, about in fields.items():
        if "password" in name.lower():
            made[name] = canary
        elif "mail" in name.lower():
            made[name] = usual["email"]
        elif name in schema.get("required", ()):
            made[name] = {"integer": 1, "number": 1, "boolean": True, "array": []}.get(about.get("type"), "Probe")
    return made


def exhaust(port: int, plan: dict[str, Any]) -> Answer:
    """Send quick requests until one is refused with 429; return how many, and the last answer.

    Each has its own connection: on one that is kept, a server that writes head and body apart waits for
    acknowledgements which the kernel delays.
    """
    path, sent = _plain(plan["routes"]), 0
    until = time.monotonic() + plan["patience"]
    answer: Answer | None = None
    while sent < plan["most"] and time.monotonic() < until:
        answer = send(port, "GET", path) or answer
        sent += 1
        if answer and answer["status"] == 429:
            break
    return {"sent": sent, "answer": answer}
