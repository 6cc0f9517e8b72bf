"""What the answers of a running application say of a rule: whether it holds, with the evidence."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from loopwright.core.expression import expression
from loopwright.core.fact import Fact
from loopwright.guard.checks.probes.run import Answer, Observed

#: A stack trace as Node, Python, Java, Go, Ruby and PHP print it.
_TRACE = expression(
    r"Traceback \(most recent call last\)|\bat [\w.<>\[\] ]*\(?(?:file://)?/[^\s:()]+:\d+(?::\d+)?|node_modules/|"
    r'File "[^"]+", line \d+|goroutine \d+ \[|\.java:\d+\)|\.rb:\d+:in |#\d+ /[^\s]+\.php'
)
_SERIES = expression(
    r"^[a-zA-Z_:][\w:]*(?:\{[^}]*\})? +(?:[-+]?[\d.]+(?:[eE][-+]?\d+)?|[+-]?[iI]nf|[nN]a[nN])(?: +\d+)?$"
)
_COUNTS = expression(r"^([a-zA-Z_:][\w:]*(?:_total|_count))(?:\{[^}]*\})? +([\d.eE+-]+)", re.MULTILINE)
#: Counters that rise by themselves.
_OF_ITSELF = ("process_", "nodejs_", "python_", "go_", "jvm_")
_BCRYPT = expression(r"^\$2[abxy]\$(\d\d)\$")
_WEAKEST = 10  # bcrypt's cost
_LEVEL = ("level", "severity", "levelname", "lvl", "log.level")
_MESSAGE = ("msg", "message", "event", "text")


class Outcome(Fact, frozen=True):
    """`holds` None = the probe could not tell."""

    holds: bool | None
    evidence: str


def judge(what: str, seen: Observed) -> Outcome:
    """Return what was seen of one idea: error_shape, rate_limit, headers, metrics, logs, password."""
    if seen.why:
        tail = f": {' | '.join(seen.tail)[-300:]}" if seen.tail else ""
        started = f" ({seen.command!r}, as {seen.source} says)" if seen.command else ""
        return Outcome(None, f"not probed: {seen.why}{started}{tail}")
    return _JUDGES[what](seen)


def _error_shape(seen: Observed) -> Outcome:
    told = [f"{a.request} -> {a.status}" for a in seen.errors]
    if len(seen.errors) < 2:
        return Outcome(None, f"too few error answers to compare: {', '.join(told) or 'none'}")
    first: tuple[str, ...] | None = None
    for answer in seen.errors:
        at = f"{answer.request} -> {answer.status}"
        if _TRACE.search(answer.body):
            return Outcome(False, f"{at}: the answer holds a stack trace")
        keys = _keys(answer)
        if keys is None:
            kind = answer.headers.get("content-type", "no content type")
            return Outcome(False, f"{at}: the answer is no JSON object ({kind}): {answer.body[:80]!r}")
        if first is None:
            first = keys
        elif keys != first:
            return Outcome(False, f"{at}: its keys are {_named(keys)}, those of {told[0]} are {_named(first)}")
    return Outcome(True, f"the keys {_named(first or ())} in {', '.join(told)}")


def _keys(answer: Answer) -> tuple[str, ...] | None:
    """The keys of a JSON object and, where it holds one object alone, of that."""
    if "json" not in answer.headers.get("content-type", ""):
        return None
    try:
        body = json.loads(answer.body)
    except ValueError:
        return None
    if not isinstance(body, dict):
        return None
    inner = next((v for v in body.values() if isinstance(v, dict)), None) if len(body) == 1 else None
    extra = {"details", "errors", "fields"}  # what only some errors have to tell
    below = sorted(f".{k}" for k in (inner or {}) if k not in extra)
    return tuple(sorted(k for k in body if k not in extra) + below)


def _named(keys: tuple[str, ...]) -> str:
    return " ".join(keys) or "none"


def _rate_limit(seen: Observed) -> Outcome:
    limit = seen.limit
    if limit is None or limit.answer is None:
        return Outcome(None, "the quick requests were not answered")
    if limit.answer.status != 429:
        return Outcome(False, f"{limit.sent} quick requests of {limit.answer.request} and no 429")
    named = ", ".join(h for h in limit.answer.headers if "ratelimit" in h or h == "retry-after")
    at = f"429 at quick request {limit.sent} of {limit.answer.request}"
    return Outcome(True, f"{at}; {named or 'no header tells when to retry'}")


def _headers(seen: Observed) -> Outcome:
    foreign, insecure = seen.foreign, seen.insecure
    if foreign is None or insecure is None:
        return Outcome(None, "the requests for headers were not answered")
    allowed = foreign.headers.get("access-control-allow-origin", "")
    if allowed == "*" or "foreign.invalid" in allowed:
        return Outcome(
            False, f"{foreign.request}: a foreign origin is allowed (Access-Control-Allow-Origin: {allowed})"
        )
    if "strict-transport-security" not in foreign.headers:
        return Outcome(False, f"{foreign.request}: no Strict-Transport-Security header")
    away = insecure.headers.get("location", "").startswith("https:") or insecure.status in (403, 426)
    http = f"plain http is answered with {insecure.status}" + ("" if away else ", not sent to https")
    return Outcome(True, f"Strict-Transport-Security is sent, a foreign origin is not allowed; {http}")


def _metrics(seen: Observed) -> Outcome:
    before, after = seen.before, seen.after
    if before is None or after is None:
        return Outcome(None, "the metrics were not answered")
    if after.status != 200:
        return Outcome(False, f"{after.request} -> {after.status}")
    lines = [line for line in after.body.splitlines() if line and not line.startswith("#")]
    broken = next((line for line in lines if not _SERIES.match(line)), None)
    if broken is not None or not lines:
        return Outcome(False, f"{after.request} is no Prometheus text: {(broken or 'no series')[:80]!r}")
    earlier = _sums(before.body)
    rose = [n for n, v in _sums(after.body).items() if v > earlier.get(n, 0.0) and not n.startswith(_OF_ITSELF)]
    if not rose:
        return Outcome(False, "no counter of requests rose while requests were answered")
    return Outcome(True, f"{len(lines)} series; {rose[0]} rose with the requests")


def _sums(text: str) -> dict[str, float]:
    sums: dict[str, float] = {}
    for name, value in _COUNTS.findall(text):
        sums[name] = sums.get(name, 0.0) + float(value)
    return sums


def _logs(seen: Observed) -> Outcome:
    lines, stream = (seen.out, "standard output") if seen.out else (seen.err, "standard error")
    if not lines:
        return Outcome(None, "the application wrote no line while it was probed")
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            entry = None
        if not isinstance(entry, dict):
            return Outcome(False, f"a line of {stream} is no JSON object: {line[:100]!r}")
        if not any(k in entry for k in _LEVEL) or not any(k in entry for k in _MESSAGE):
            return Outcome(False, f"a line of {stream} lacks a level or a message: {line[:100]!r}")
    if seen.canary in "".join((*seen.out, *seen.err)):
        return Outcome(False, "a password was logged")
    return Outcome(True, f"all {len(lines)} lines of {stream} are JSON objects with level and message")


def _password(seen: Observed) -> Outcome:
    made = [a for a in seen.signups if a.status in (200, 201)]
    if not made:
        tried = ", ".join(f"{a.request} -> {a.status}" for a in seen.signups) or "no route for one was found"
        return Outcome(None, f"no account could be made: {tried}")
    at = f"{made[0].request} -> {made[0].status}"
    if any(seen.canary in a.body for a in seen.signups):
        return Outcome(False, f"{at}: the answer holds the password")
    if seen.written:
        return Outcome(False, f"{at}: {seen.written[0]} holds the password in plain text")
    if not seen.hashes:
        return Outcome(False, f"{at}: bcrypt was not given the password")
    cost = _BCRYPT.match(seen.hashes[0].hash)
    if not cost or int(cost[1]) < _WEAKEST:
        return Outcome(
            False, f"{at}: the hash begins with {seen.hashes[0].hash[:7]!r}, a cost of {_WEAKEST} is the least"
        )
    return Outcome(
        True, f"{at}: the password was hashed to {seen.hashes[0].hash[:7]}… and is nowhere in the answers or files"
    )


_JUDGES: dict[str, Callable[[Observed], Outcome]] = {
    "error_shape": _error_shape,
    "rate_limit": _rate_limit,
    "headers": _headers,
    "metrics": _metrics,
    "logs": _logs,
    "password": _password,
}
#: What a running application can be asked.
PROBED = frozenset(_JUDGES)
