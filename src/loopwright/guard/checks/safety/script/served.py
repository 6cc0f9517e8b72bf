"""What servers, sockets and queues of JavaScript hand to their callbacks, and what is answered."""

from __future__ import annotations

from loopwright.core.expression import expression
from loopwright.guard.checks.safety.calls import answers, files, page, sending
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.asked import judge_page
from loopwright.guard.checks.safety.flow.called import Called, option_of
from loopwright.guard.checks.safety.flow.entering import call_back
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.language import Handler
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.names import each

#: What messages of others come over, by the names that it is given and by what it is made with.
_CHANNELS = expression(
    r"(?:^|[.%])(?:socket|ws|wss|conn|connection|ipcMain|bot|sock|peer|subscriber|channel|consumer)$|^electron\.ipcMain$"
)
#: Events that carry no message.
_QUIET = frozenset(
    {"error", "close", "connect", "disconnect", "connection", "listening", "end", "open", "ready", "drain"}
)
_RESPONSE = expression(r"^%(?:res|response|reply|resp)\b")


def heard(flow: Flow, called: Called) -> Value | None:
    """`socket.on("run", callback)`: the callback is given what the other side sends."""
    if called.arg(0).text == "connection" and called.arg(1).func is not None and not called.receiver.labels:
        call_back(flow, called.arg(1), [Value(None, "%socket")] * 2)
        return Value(None, f"{called.ref}()")
    if not _CHANNELS.search(called.receiver.ref) or called.arg(0).text in _QUIET:
        return None
    for value in called.args[1:]:
        if value.func is not None:
            call_back(flow, value, [Value(None, "%message", v.INPUT)] * 4)
    return Value(None, f"{called.ref}()", called.receiver.labels)


def each_message(flow: Flow, called: Called) -> Value | None:
    """`consumer.run({eachMessage: callback})`."""
    for name in ("eachMessage", "eachBatch"):
        taker = option_of(called, name)
        if taker is not None:
            call_back(flow, taker, [Value(None, "%message", v.INPUT)])
    return None


def answered(flow: Flow, called: Called) -> Value | None:
    """`res.send(html)`, `res.end(html)`: a page in which what a request sent may stand as it is."""
    if _RESPONSE.match(called.receiver.ref) and (called.arg(0).text or "<").lstrip()[:1] == "<":
        judge_page(flow, called.arg(0), called.line, True)
    return sending.sent_on(flow, called) if called.name == "send" else None


def given_out(flow: Flow, called: Called) -> Value | None:
    """`res.sendFile(path)`, `res.download(path)`."""
    return answers.sent_file(flow, called) if _RESPONSE.match(called.receiver.ref) else None


def ended(flow: Flow, called: Called) -> Value | None:
    """`res.end(html)`, `stream.end(data)`."""
    answered(flow, called)
    return files.write_open(flow, called)


#: What tells a program something, by its name.
TOLD: dict[str, Handler] = {
    "%model": sending.source(v.INPUT, "%told"),
    "*.onmessage=": page.told,
    "chrome.runtime.onMessage.addListener": sending.consumed,
    "browser.runtime.onMessage.addListener": sending.consumed,
    "chrome.runtime.onMessageExternal.addListener": sending.consumed,
    "Deno.serve": sending.listen,
    **each(sending.source(v.REMOTE), "ioredis().get ioredis().lpop ioredis().rpop ioredis().blpop ioredis().hget"),
    **each(
        sending.source(v.ARGUMENT),
        "commander.program.opts commander.Command().opts yargs.parse yargs().parse minimist meow arg command-line-args",
    ),
}
