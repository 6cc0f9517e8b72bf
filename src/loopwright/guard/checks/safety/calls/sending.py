"""Where secrets come from and where they must not go: sources of data, and calls that send or fetch."""

from __future__ import annotations

import re

from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.calls.transport import judge_request
from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.called import Called
from loopwright.guard.checks.safety.flow.entering import call_back
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.language import Handler
from loopwright.guard.checks.safety.flow.values import Value

#: Arguments in which a service's own credential belongs.
_OWN = frozenset(
    {
        "headers",
        "auth",
        "cert",
        "timeout",
        "verify",
        "context",
        "allow_redirects",
        "stream",
        "proxies",
        "ssl",
        "session",
        "agent",
        "httpsAgent",
    }
)


def send(flow: Flow, called: Called) -> Value | None:
    """A call that sends its arguments over the network and returns the answer."""
    values = [*called.args, *(x for k, x in called.named.items() if k not in _OWN)]
    values = [_sent(x) for x in values]
    whole = v.join(values)
    target = _target(called)
    if places.is_metadata(target):
        flow.report(
            "privilege",
            "block",
            called.line,
            "the cloud's metadata service is asked, which gives out this machine's credentials",
        )
    judge_daemon(flow, called)
    judge_request(flow, called, target)
    judge_sent(flow, whole, target, called.line)
    answer = Value(None, f"{called.ref}()", v.REMOTE)
    if target:
        answer.attrs = {"%target": Value(target)}
    return answer


def judge_daemon(flow: Flow, called: Called) -> None:
    """Report a connection to the socket of a container daemon, or to a miners' pool."""
    texts = [x.text for a in (*called.args, *called.named.values()) for x in _parts(a)]
    if any(re.search(r"(?:docker|containerd|crio|podman)\.sock", x) for x in texts):
        flow.report(
            "privilege",
            "block",
            called.line,
            "the container daemon is talked to, which runs as root and gives the host's rights; ask a person to run it",
        )
    if any(places.is_pool(x) for x in texts):
        flow.report("resources", "block", called.line, "a miners' pool is connected to; it takes all of the processor")


def _parts(value: Value) -> list[Value]:
    return [value, *(value.items or []), *(value.attrs or {}).values()]


def _target(called: Called) -> str:
    known = (called.receiver.attrs or {}).get("%target")
    if known is not None:
        return known.text
    for value in (*called.args[:2], *called.named.values(), called.receiver):
        for each in (value, *(value.attrs or {}).values()):
            if "://" in each.text or ("." in each.text[:80] and " " not in each.text):
                return each.text
    return ""


def _sent(value: Value) -> Value:
    """An object of request options: without its headers."""
    if value.attrs and "headers" in value.attrs:
        return v.join([x for k, x in value.attrs.items() if k not in _OWN] or [Value()])
    return value


def judge_sent(flow: Flow, whole: Value, target: str, line: int) -> None:
    """Report what must not leave the machine."""
    labels = whole.labels
    what = ""
    if labels & v.SECRET:
        what = "a file of credentials"
    elif labels & v.ENVIRON:
        what = "the whole environment with its keys"
    elif labels & v.WALKED and labels & v.FILE:
        what = "what files hold that were found by walking through a home or the system"
    elif labels & v.COOKIE and (re.match(r"(?:https?|wss?):|//", target) or flow.language.name == "python"):
        what = "cookies, keys pressed, the clipboard or what is typed into forms"
    elif labels & v.TYPED and (places.is_drop(target) or places.is_bare(target)):
        what = "what is typed into a field for a password or card"
    elif labels & v.PRIVATE:
        what = "a file that holds credentials or accounts"
    elif (labels & v.HOST).bit_count() >= 2:
        what = "who and where this machine is"
    elif labels & (v.FILE | v.OUTPUT | v.WALKED | v.HOST) and (places.is_drop(target) or places.is_bare(target)):
        what = "a file's content, a command's output or the machine's name, to a place without a name of its own,"
    elif (
        whole.token and target and whole.token not in target.lower() and not places.is_local(target) and "://" in target
    ):
        what = f"a credential of {whole.token}"
    if what:
        flow.report(
            "privilege",
            "block",
            line,
            f"{what} is sent over the network; send single, named values that the task needs",
        )


def connection(flow: Flow, called: Called) -> Value | None:
    """`socket()`, `net.connect()`: a connection. What is read from it is REMOTE."""
    flow.facts.setdefault("socket", called.line)
    judge_daemon(flow, called)
    made = Value(None, f"{called.ref}()", 0 if flow.language.name == "python" else v.REMOTE)
    if called.ref == "XMLHttpRequest":
        made.attrs = {"%sends": Value()}
    return made


def connected(flow: Flow, called: Called) -> Value | None:
    """`sock.connect(address)`."""
    judge_daemon(flow, called)
    return Value()


def open_request(flow: Flow, called: Called) -> Value | None:
    """`xhr.open(method, url)`: where what is sent later goes."""
    if called.receiver.attrs is not None:
        called.receiver.attrs["%target"] = called.arg(1)
    return send(flow, called)


def receive(flow: Flow, called: Called) -> Value | None:
    """`recv`: data from the network."""
    return Value(None, "", v.REMOTE)


def write_connection(flow: Flow, called: Called) -> Value | None:
    """`sendall`, `req.write`: sends its arguments on what it is called on."""
    known = (called.receiver.attrs or {}).get("%target")
    judge_sent(flow, called.all, known.text if known else _target(called), called.line)
    return Value()


def request_object(flow: Flow, called: Called) -> Value | None:
    """`Request(url, data)`: carries its arguments to the call that sends it."""
    made = Value(
        None, f"{called.ref}()", v.join([x for k, x in called.named.items() if k != "headers"] + called.args).labels
    )
    made.const = called.arg(0, "url").text or None
    return made


def received_by(flow: Flow, called: Called) -> Value | None:
    """`ftp.retrbinary(command, buffer.write)`: what is loaded goes into what is written to."""
    taker = called.node.args[1] if len(called.node.args) > 1 else None
    if isinstance(taker, t.Attr):
        held = flow.value(taker.of)
        held.labels |= v.REMOTE
        if held.attrs and "%path" in held.attrs:
            flow.dropped.setdefault(held.attrs["%path"].key, called.line)
    return Value(None, "", v.REMOTE)


def resolve(flow: Flow, called: Called) -> Value | None:
    """Name lookups: a secret in a name reaches whoever answers for the domain."""
    name = called.arg(0)
    joined = bool(name.text.count(".")) or isinstance(called.node.args[0] if called.node.args else None, (t.Op, t.Text))
    if joined:
        judge_sent(flow, name, "", called.line)
    if joined and name.token:
        flow.report(
            "privilege",
            "block",
            called.line,
            f"a credential of {name.token} is put into a name that is looked up, and reaches whoever answers for it",
        )
    return Value(None, "", 0)


def source(labels: int, ref: str = "") -> Handler:
    """Return a handler for calls that give data of this origin."""

    def handle(flow: Flow, called: Called) -> Value | None:
        return Value(None, ref or f"{called.ref}()", labels)

    return handle


def keep(flow: Flow, called: Called) -> Value | None:
    """Calls that give their arguments in another form."""
    made = v.join([called.receiver, *called.args, *called.named.values()])
    if len(called.args) == 1 and called.name in (
        "str",
        "bytes",
        "String",
        "repr",
        "encode",
        "quote",
        "Path",
        "PurePath",
        "fspath",
        "expanduser",
        "expandvars",
        "abspath",
        "realpath",
        "normpath",
    ):
        made.const = called.args[0].const
    if called.name in ("enumerate", "filter", "iter") and called.args and called.args[-1].ref in v.ENDLESS:
        made.ref = "%forever"
    if called.name in ("BytesIO", "StringIO"):
        made.ref = "%memory"
    if called.name == "zip" and called.args and all(a.ref in v.ENDLESS for a in called.args):
        made.ref = "%forever"
    if called.name in ("enumerate", "iter", "zip") and called.args:
        made.length = min(a.length for a in called.args)
    if (called.args and called.args[0].attrs is not None) or called.named:
        made.attrs = {**((called.args[0].attrs or {}) if called.args else {}), **called.named}
    return made


def environment(flow: Flow, called: Called) -> Value | None:
    """`os.getenv(name)`, `os.environ.get(name)`: one variable."""
    return variable(called.arg(0), called.arg(1))


def variable(name: Value, default: Value | None = None) -> Value:
    """Return the value of one environment variable."""
    if name.labels & v.ENVIRON:
        return Value(None, "", v.ENVIRON)
    if name.text in ("HOME", "USERPROFILE"):
        return Value("~", "", 0)
    made = Value(None, "", v.VARIABLE)
    made.token = places.token_service(name.text)
    if name.text in ("USER", "USERNAME", "LOGNAME"):
        made.labels = v.HOST_USER
    if name.text in ("APPDATA", "LOCALAPPDATA"):
        made.const = f"~\\{name.text}"
    return made


def listen(flow: Flow, called: Called) -> Value | None:
    """`createServer(callback)`: what the callback is given came from outside."""
    flow.facts["served"] = called.line
    for value in called.args:
        if value.func is not None:
            call_back(flow, value, [Value(None, "%request", v.ASKED), Value(None, "%response")])
    flow.facts.pop("served")
    return Value(None, f"{called.ref}()")


def serve(flow: Flow, called: Called) -> Value | None:
    """`asyncio.start_server(callback)`: the callback is given a connection."""
    call_back(flow, called.arg(0), [Value(None, "socket.stream", v.REMOTE), Value(None, "socket.socket()")])
    return Value(None, f"{called.ref}()")


def consumed(flow: Flow, called: Called) -> Value | None:
    """`channel.basic_consume(queue, callback)`, `Interface(fn=callback)`: the callback is given what others send."""
    for value in (*called.args, *called.named.values()):
        if value.func is not None:
            call_back(flow, value, [Value(None, "", v.INPUT)] * 4)
    return Value(None, f"{called.ref}()")


def stream(flow: Flow, called: Called) -> Value | None:
    """`asyncio.open_connection`: a reader and a writer."""
    made = Value(None, "socket.stream", v.REMOTE)
    writer = Value(None, "socket.socket()")
    made.items = [Value(None, "socket.stream", v.REMOTE), writer]
    return made


def sent_on(flow: Flow, called: Called) -> Value | None:
    """`.send(data)` on a request or connection."""
    base = called.receiver
    if (base.attrs and "%target" in base.attrs) or base.labels & v.REMOTE or base.ref.startswith(_SENDERS):
        return write_connection(flow, called)
    return None


_SENDERS = ("superagent.", "socket.", "websocket", "ws", "net.", "tls.", "dgram.")


def handed_on(flow: Flow, called: Called) -> Value | None:
    """`image.save(buffer)`, `json.dump(data, file)`: what one holds goes into the other."""
    if called.ref.endswith(".dump") and len(called.args) > 1:
        called.args[1].labels |= called.args[0].labels
    elif called.args:
        called.args[0].labels |= called.receiver.labels
    return None


def clipboard(flow: Flow, called: Called) -> Value | None:
    """Reading and writing the clipboard in one program: addresses of payments are exchanged so."""
    flow.facts.setdefault(f"clipboard {called.name}", called.line)
    if re.match(r"^(?:bc1|[13]|0x|T|4|L|r)[A-Za-z0-9]{25,}$", called.arg(0).text):
        flow.facts.setdefault("payment", called.line)
    return Value(None, "", v.COOKIE)
