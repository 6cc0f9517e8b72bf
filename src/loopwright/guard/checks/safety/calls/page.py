"""What a page of a browser does with what it is told: keys, forms, scripts, addresses."""

from __future__ import annotations

import re

from loopwright.core.expression import expression
from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.calls.sending import judge_sent
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.asked import judge_expression
from loopwright.guard.checks.safety.flow.called import Called
from loopwright.guard.checks.safety.flow.entering import call_back
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.values import Value


def keys(flow: Flow, called: Called) -> Value | None:
    """`Listener(on_press=…)`: what the callback is given are the keys a person presses."""
    for value in (*called.args, *called.named.values()):
        if value.func is not None:
            call_back(flow, value, [Value(None, "", v.COOKIE | v.TYPED)])
    return Value(None, f"{called.ref}()")


def event(flow: Flow, called: Called) -> Value | None:
    """`addEventListener(kind, callback)`: keys pressed, messages of other windows."""
    kind = called.arg(0).text
    if kind == "submit":
        call_back(flow, called.arg(1), [Value(None, "%form")])
        return Value()
    given = (
        Value(None, "%keys")
        if kind in ("keydown", "keyup", "keypress", "input", "paste")
        else Value(None, "%message" if kind == "message" else "")
    )
    call_back(flow, called.arg(1), [given])
    return Value()


def told(flow: Flow, called: Called) -> Value | None:
    """`onmessage = callback`"""
    call_back(flow, called.arg(0), [Value(None, "%message")])
    return None


def cookies(flow: Flow, called: Called) -> Value | None:
    """`chrome.cookies.getAll(query, callback)`: all that a browser is logged in by."""
    for value in called.args:
        if value.func is not None:
            call_back(flow, value, [Value(None, "", v.COOKIE)])
    return Value(None, "", v.COOKIE)


_CONFIDENTIAL = expression(r"(?i)passw|passphrase|card|cvv|cvc|ssn|iban|\bpin\b|otp")


def found(flow: Flow, called: Called) -> Value | None:
    """`document.querySelector("[name=password]")`: what is typed there is for the page's own server."""
    typed = _CONFIDENTIAL.search(called.arg(0).text)
    return Value(None, "%field" if typed else f"{called.ref}()")


def typed(flow: Flow, called: Called) -> Value | None:
    """`readline.question(text, callback)`, `process.stdin.on("data", callback)`: what a person types."""
    for value in called.args:
        if value.func is not None:
            call_back(flow, value, [Value(None, "", v.INPUT)])
    return Value(None, f"{called.ref}()", v.INPUT)


def replaced_sender(flow: Flow, called: Called) -> Value | None:
    """`window.fetch = function …`: what the page sends is seen first."""
    if called.arg(0).func is not None:
        call_back(flow, called.arg(0), [Value(None, "", v.COOKIE)] * 3)
    return None


def expression_of(flow: Flow, called: Called) -> Value | None:
    """`text.match(pattern)`: a text becomes a regular expression."""
    if called.arg(0).func is None:
        judge_expression(flow, called.arg(0), called.line)
    return None


def written_page(flow: Flow, called: Called) -> Value | None:
    """`document.write(html)`, `innerHTML = html`: an address in it is fetched."""
    value = called.arg(1 if called.name == "insertAdjacentHTML" else 0)
    if value.labels & v.INPUT:
        flow.report(
            "syntax", "block", called.line, "text from the page's address becomes part of the page; use textContent"
        )
    script = re.search(r"<script[^>]*\ssrc\s*=\s*[\"']?(https?://[^\"'\s>]+)", value.text, re.IGNORECASE)
    if script and (places.is_bare(script[1]) or places.is_drop(script[1])):
        why = f"code is loaded from {script[1][:80]}, which nobody vouches for; an https address with a digest is fine"
        flow.report("imports", "block", called.line, why)
    found = re.search(r"https?://[^\"'\s>]+", value.text)
    if found:
        judge_sent(flow, value, found[0], called.line)
    return None


def go_to(flow: Flow, called: Called) -> Value | None:
    """`location.href = url`."""
    judge_sent(flow, called.arg(0), called.arg(0).text, called.line)
    return None


def made_element(flow: Flow, called: Called) -> Value | None:
    return Value(None, "script()" if called.arg(0).text.lower() == "script" else "")


def script_text(flow: Flow, called: Called) -> Value | None:
    """`script.textContent = text`: becomes code."""
    if called.arg(0).labels & (v.REMOTE | v.DECODED | v.INPUT):
        flow.report("syntax", "block", called.line, "a script element is filled with text that is not the page's own")
    return None


def script_source(flow: Flow, called: Called) -> Value | None:
    """`element.src = …`: fetches the address, with all that stands in it."""
    value = called.arg(0)
    judge_sent(flow, value, value.text, called.line)
    if called.receiver.ref == "script()" and (places.is_bare(value.text) or places.is_drop(value.text)):
        flow.report(
            "imports",
            "block",
            called.line,
            f"code is loaded from {value.text[:80]}, which nobody vouches for; an https address with a digest is fine",
        )
    if called.receiver.ref == "script()" and value.labels & (v.INPUT | v.REMOTE | v.COOKIE):
        why = "code is loaded from an address that the page is told from outside; name it"
        flow.report("imports", "block", called.line, why)
    if value.labels & v.DECODED:
        flow.report("syntax", "block", called.line, "the address to load code from is hidden; write it plainly")
    return None
