"""What Node, browsers and common packages do, by dotted name."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.calls import (
    files,
    folds,
    lookup,
    native,
    queries,
    running,
    sending,
    sizes,
    transport,
)
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.called import Called
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.language import Language
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.names import each

_PREFIX = re.compile(r"^(?:globalThis|window|global|self|top|frames|root)\.(?=\w)|^node:")
_RENAMED = {
    "fs.promises.": "fs.",
    "fs/promises.": "fs.",
    "fs-extra.": "fs.",
    "graceful-fs.": "fs.",
    "https.": "http.",
    "http2.": "http.",
    "path/posix.": "path.",
    "path.posix.": "path.",
    "follow-redirects.https.": "http.",
    "follow-redirects.http.": "http.",
    "process.mainModule.require": "require",
    "module.require": "require",
    "cross-spawn": "child_process.spawn",
    "module.constructor.": "module.",
    "module._load": "require",
    "module.createRequire()": "require",
    "node-fetch": "fetch",
    "cross-fetch": "fetch",
    "undici.fetch": "fetch",
    "process.getBuiltinModule": "require",
    "isomorphic-fetch": "fetch",
    "child_process.default.": "child_process.",
    "fs.default.": "fs.",
    "axios.default.": "axios.",
    "os.default.": "os.",
    "http.default.": "http.",
    "axios.create().": "axios.",
}


@lru_cache(maxsize=8192)
def canonical(ref: str) -> str:
    """Return the one name of a thing that has several."""
    ref = _PREFIX.sub("", ref)
    for old, new in _RENAMED.items():
        if ref.startswith(old) or ref == old.rstrip("."):
            return (
                new.rstrip(".") + ref[len(old) - 1 if old.endswith(".") else len(old) :]
                if ref != old.rstrip(".")
                else new.rstrip(".")
            )
    return ref


_REQUEST = re.compile(r"(?:^|\.)%?(?:req|request|ctx\.request|ctx|event|%request)$")
_REQUEST_PARTS = frozenset({"body", "query", "params", "cookies", "rawBody", "queryStringParameters"})
_FORM = frozenset({"value"})


def attributes(base: Value, name: str) -> Value | None:
    """Return what is known of `base.name` apart from its dotted name; None where nothing is."""
    ref = base.ref
    full = canonical(f"{ref}.{name}" if ref else name)
    if full == "process.env":
        return Value(None, "process.env", v.ENVIRON)
    if ref == "process.env":
        return sending.variable(Value(name))
    if full == "process.argv":
        return Value(None, full, v.ARGUMENT)
    if full == "process.execPath":
        return Value("node", full)
    if full in ("document.cookie", "localStorage", "sessionStorage"):
        return Value(None, full, v.COOKIE)
    if full in (
        "location.hash",
        "location.search",
        "document.location.hash",
        "document.location.search",
        "document.URL",
        "location.href",
        "document.referrer",
        "name.window",
    ):
        return Value(None, full, v.INPUT)
    if full in ("__dirname", "__filename"):
        return Value(None, full, v.HOST_DIR)
    if ref == "module" and name == "constructor":
        return Value(None, "module")
    if name == "constructor" and ref == "*.constructor":
        return Value(None, "*.maker")
    if name == "constructor" and (
        ref.startswith("?")
        or not ref
        or ref.endswith(("constructor", "filter", "this", "getPrototypeOf()"))
        or base.const is not None
    ):
        return Value(None, "*.constructor")
    if name in _REQUEST_PARTS and _REQUEST.search(ref):
        return Value(None, f"{ref}.{name}", v.INPUT)
    if ref in ("localStorage", "sessionStorage"):
        return Value(None, f"{ref}.{name}")
    if ref == "%keys" and name in ("key", "code", "keyCode", "which", "data", "clipboardData"):
        return Value(None, "", v.COOKIE)
    if ref == "%form" and name in ("target", "currentTarget"):
        return Value(None, "", v.COOKIE)
    if ref == "%message" and name == "data":
        return Value(None, "", v.INPUT)
    if ref == "%request":
        return Value(None, f"%request.{name}", v.INPUT)
    if name == "username" and ref == "os.userInfo()":
        return Value(None, "", v.HOST_USER)
    return None


def _constructor(flow: Flow, called: Called) -> Value | None:
    text = called.args[-1].text if called.args else ""
    if text or called.all.labels & (v.REMOTE | v.INPUT | v.DECODED | v.COOKIE):
        return running.code(flow, called)
    return None


def _maker(flow: Flow, called: Called) -> Value | None:
    """`x.constructor.constructor(text)`: Function by a detour."""
    if called.args:
        flow.report(
            "syntax",
            "block",
            called.line,
            "a function is made from text by way of `constructor`; write the code plainly",
        )
    return running.code(flow, called)


def _decipher(flow: Flow, called: Called) -> Value | None:
    return Value(None, "", v.DECODED)


def _compiled(flow: Flow, called: Called) -> Value | None:
    """`module._compile(text)`: code from text past the loader."""
    value = called.arg(0)
    if value.labels & (v.REMOTE | v.INPUT | v.DECODED):
        flow.report("imports", "block", called.line, f"a module is made of code that {v.origin_of(value.labels)}")
        return running.code(flow, called)
    return None


def _binding(flow: Flow, called: Called) -> Value | None:
    name = called.arg(0).text
    if name in ("spawn_sync", "process_wrap", "fs", "tcp_wrap", "natives", "evals", "contextify"):
        flow.report(
            "syntax",
            "block",
            called.line,
            f"`{called.ref}('{name}')` goes past Node's own modules to what they are made of; `require` them",
        )
    return None


def _dlopen(flow: Flow, called: Called) -> Value | None:
    path = called.arg(1).text
    if places.is_shared(path):
        lookup.shared_module(flow, path, called.line)
    if places.is_shared(path) or called.arg(1).labels & v.REMOTE:
        flow.report(
            "privilege",
            "block",
            called.line,
            "machine code is loaded from a place that anybody may write; install it as a dependency",
        )
    return None


def _package(flow: Flow, called: Called) -> Value | None:
    """`axios(…)`, `got(…)`, called as functions."""
    return sending.send(flow, called)


def _parse(flow: Flow, called: Called) -> Value | None:
    return Value(None, "", called.arg(0).labels)


def _mined(flow: Flow, called: Called) -> Value | None:
    flow.report("resources", "block", called.line, "a coin miner is started in the browser of whoever opens the page")
    return None


_HTTP = " ".join(
    f"{owner}.{verb}"
    for owner in (
        "axios",
        "got",
        "needle",
        "request",
        "superagent",
        "http",
        "ky",
        "undici",
        "phin",
        "$",
        "jQuery",
        "bent",
        "request-promise",
    )
    for verb in ("get", "post", "put", "patch", "delete", "request", "ajax", "head", "stream")
)

EFFECTS: dict[str, Any] = {
    **each(
        running.code,
        "eval Function AsyncFunction vm.runInThisContext vm.runInNewContext vm.runInContext ",
        "vm.Script vm.compileFunction execScript safe-eval",
    ),
    "*.constructor": _constructor,
    "*.maker": _maker,
    **each(running.timer, "setTimeout setInterval setImmediate process.nextTick queueMicrotask"),
    **each(
        running.shell,
        "child_process.exec child_process.execSync shelljs.exec execa.command execa.commandSync ",
        "execa.execaCommand Bun.$ zx.$",
    ),
    **each(
        running.program,
        "child_process.spawn child_process.spawnSync child_process.execFile ",
        "child_process.execFileSync execa execa.execa execa.sync Deno.Command Deno.run Bun.spawn ",
        "node-pty.spawn",
    ),
    **each(running.fork, "child_process.fork cluster.fork worker_threads.Worker"),
    **each(
        lookup.load_module,
        "require import require.resolve importScripts module._load module.Module._load Module._load",
    ),
    **each(native.set_identity, "process.setuid process.seteuid process.setgid process.setegid"),
    **each(_binding, "process.binding process._linkedBinding"),
    "process.dlopen": _dlopen,
    "XMLHttpRequest().open": sending.open_request,
    "module.createRequire": lookup.make_require,
    **each(lookup.look_up, "Reflect.get"),
    **each(native.docker_node, "dockerode().createContainer dockerode().run"),
    **each(native.as_root, "sudo-prompt.exec"),
    **each(sending.source(v.SECRET), "keytar.findCredentials"),
    **each(sending.source(0), "localStorage.getItem sessionStorage.getItem"),
    "decodeURIComponent": folds.percent,
    "decodeURI": folds.percent,
    "fetch=": sending.replaced_sender,
    "*.send=": sending.replaced_sender,
    "*.innerHTML=": sending.written_page,
    "document.write": sending.written_page,
    **each(sending.go_to, "location.href= document.location= location.assign location.replace open"),
    "document.createElement": sending.made_element,
    **each(sending.script_text, "script().textContent= script().text= script().innerHTML="),
    "discord.js.Client": sending.connection,
    "telegraf.Telegraf": sending.connection,
    "node-telegram-bot-api": sending.connection,
    "Array.from": sizes.array_from,
    "ethereum.request=": native.hook_wallet,
    "ethereum.send=": native.hook_wallet,
    "process.env.LD_PRELOAD=": running.set_preload,
    **{f"process.env.{name}=": transport.set_variable for name in transport.SET_FROM_WITHIN},
    **each(transport.agent, "http.Agent tls.connect undici.Agent"),
    **each(
        sending.send,
        "fetch navigator.sendBeacon net.connect().write net.Socket().write dgram.createSocket().send ",
        "XMLHttpRequest().send WebSocket().send ws().send tls.connect().write",
        _HTTP,
    ),
    **each(_package, "axios got needle request superagent phin undici"),
    **each(
        sending.write_connection,
        "http.request().write http.request().end net.connect().end net.createConnection().write ",
        "net.createConnection().end net.Socket().end tls.connect().end",
    ),
    **each(
        sending.resolve,
        "dns.lookup dns.resolve dns.resolve4 dns.resolveTxt dns.resolveAny dns.promises.lookup dns.promises.resolve",
    ),
    **each(
        sending.connection,
        "net.connect net.createConnection net.Socket tls.connect ws WebSocket XMLHttpRequest socket.io-client",
    ),
    **each(
        sending.listen, "http.createServer net.createServer express().post express().get express().use express().put"
    ),
    **each(sending.source(v.HOST_NAME), "os.hostname"),
    **each(sending.source(v.HOST_USER), "os.userInfo"),
    **each(sending.source(v.HOST_DIR), "process.cwd"),
    **each(folds.home, "os.homedir"),
    **each(files.open_file, "fs.createReadStream fs.createWriteStream fs.openSync fs.open"),
    **each(files.read, "fs.readFileSync fs.readFile Deno.readTextFile Bun.file fs.readJson fs.readJsonSync"),
    **each(
        files.write,
        "fs.writeFileSync fs.writeFile fs.appendFileSync fs.appendFile fs.outputFile ",
        "fs.outputFileSync Deno.writeTextFile Bun.write",
    ),
    **each(
        files.copy,
        "fs.copyFileSync fs.copyFile fs.renameSync fs.rename fs.copySync fs.copy fs.symlinkSync ",
        "fs.linkSync fs.cpSync fs.cp fs.moveSync fs.move",
    ),
    **each(
        files.remove_tree,
        "fs.rmSync fs.rm fs.rmdirSync fs.rmdir rimraf rimraf.sync rimraf.rimraf fs.removeSync ",
        "fs.remove fs.emptyDirSync del del.sync shelljs.rm Deno.remove",
    ),
    **each(files.remove_file, "fs.unlinkSync fs.unlink"),
    **each(files.walk, "fs.readdirSync fs.readdir fs.opendir glob.sync glob"),
    **each(files.mode, "fs.chmodSync fs.chmod fs.fchmodSync fs.lchmodSync"),
    **each(files.truncate, "fs.truncateSync fs.truncate fs.ftruncateSync"),
    **each(
        files.unpickle, "node-serialize.unserialize serialize-to-js.deserialize funcster.deepDeserialize v8.deserialize"
    ),
    **each(
        folds.decoded,
        "atob unescape zlib.gunzipSync zlib.inflateSync zlib.brotliDecompressSync zlib.unzipSync ",
        "CryptoJS.AES.decrypt crypto-js.AES.decrypt",
    ),
    **each(_decipher, "crypto.createDecipher().update crypto.createDecipheriv().update crypto.createDecipher().final"),
    **each(folds.buffer_from, "Buffer.from Buffer buffer.Buffer.from"),
    **each(folds.character, "String.fromCharCode String.fromCodePoint"),
    **each(folds.path_joined, "path.join path.resolve"),
    **each(folds.same_path, "path.normalize String url.fileURLToPath"),
    **each(
        sending.keep,
        "JSON.stringify encodeURIComponent encodeURI btoa escape querystring.stringify ",
        "Object.entries Object.values Object.assign Object.fromEntries URLSearchParams util.inspect ",
        "Array.from qs.stringify FormData zlib.gzipSync Object.keys",
    ),
    **each(_parse, "JSON.parse"),
    **each(
        sizes.allocated(1),
        "Buffer.alloc Buffer.allocUnsafe ArrayBuffer Uint8Array SharedArrayBuffer crypto.randomBytes",
    ),
    **each(sizes.allocated(8), "Array Float64Array BigInt64Array"),
    **each(sizes.power, "Math.pow"),
    **each(sizes.exhausted, "%spread Set"),
    "RegExp": sizes.pattern,
    **each(
        _mined,
        "CoinHive.Anonymous CoinHive.User CoinHive.Token Client.Anonymous CRLT.Anonymous ",
        "deepMiner.Anonymous CryptoNoter",
    ),
    "*.src=": sending.script_source,
}

METHODS: dict[str, Any] = {
    **each(queries.document, "findOne updateOne updateMany deleteOne deleteMany countDocuments"),
    **each(queries.query, "query execute raw $queryRawUnsafe $executeRawUnsafe prepare"),
    "join": folds.joined,
    "replace": folds.replaced,
    "split": folds.split,
    "reverse": folds.reversed_items,
    "repeat": sizes.repeated,
    "_compile": _compiled,
    "then": running.settled,
    "pipe": running.pipe,
    **each(
        folds.same_text,
        "toString trim toLowerCase toUpperCase slice substring substr concat valueOf setEncoding padEnd normalize",
    ),
    **each(folds.added, "push unshift append set add"),
    "write": files.write_open,
    "end": files.write_open,
    "addEventListener": sending.event,
    "createContainer": native.docker_node,
    "send": sending.sent_on,
    "insertAdjacentHTML": sending.written_page,
    **each(native.native, "setuid system execve ptrace"),
    "sendBeacon": sending.send,
    "runInThisContext": running.code,
}

SCRIPT = Language("javascript", EFFECTS, METHODS, attributes, canonical, True)
