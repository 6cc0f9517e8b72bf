"""Protections of connections that a program turns off: certificates of servers, checksums of packages."""

from __future__ import annotations

from loopwright.core.rules import Level
from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.flow.called import Called, option_of
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.variables import CERTIFICATE, judge_variable


def judge_request(flow: Flow, called: Called, target: str) -> None:
    """`requests.get(url, verify=False)`, `https.request({rejectUnauthorized: false})`."""
    given = called.named.get("verify")
    if "unverified" in called.named.get("context", Value()).ref:
        given = Value(False)
    if given is None:
        given = next((x for a in called.args if a.attrs and (x := a.attrs.get("rejectUnauthorized"))), None)
    if given is not None and given.const is False and not places.is_local(target or "https://unknown.host"):
        flow.report("syntax", "block", called.line, CERTIFICATE)


def unverified(flow: Flow, called: Called) -> Value | None:
    """`ssl._create_default_https_context = ssl._create_unverified_context`: for the whole program."""
    if "unverified" in called.arg(0).ref:
        flow.report("syntax", "block", called.line, CERTIFICATE)
    return None


def set_variable(flow: Flow, called: Called) -> Value | None:
    """`process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0"`, `os.environ["GIT_SSL_NO_VERIFY"] = "1"`."""
    value = called.arg(0)
    shown = value.text or (str(value.number) if value.number is not None else "")
    judge_variable(flow.report, called.name.rstrip("="), shown, called.line)
    return None


def set_variables(flow: Flow, called: Called) -> Value | None:
    """`os.environ.update({…})`."""
    for name, value in {**(called.arg(0).attrs or {}), **called.named}.items():
        judge_variable(flow.report, name, value.text, called.line)
    return None


def put_variable(flow: Flow, called: Called) -> Value | None:
    """`os.putenv(name, value)`."""
    judge_variable(flow.report, called.arg(0).text, called.arg(1).text, called.line)
    return None


def agent(flow: Flow, called: Called) -> Value | None:
    """`new https.Agent({rejectUnauthorized: false})`."""
    given = option_of(called, "rejectUnauthorized")
    if given is not None and given.const is False:
        level: Level = "block"
        flow.report("syntax", level, called.line, CERTIFICATE)
    return Value(None, f"{called.ref}()")
