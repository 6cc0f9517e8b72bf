"""Names of calls by what they do to a loop: those that wait, keep, write, start, hold or close something."""

from __future__ import annotations

from loopwright.core.expression import expression
from loopwright.guard.checks.safety.names import words

#: Calls that wait, or that may end the loop or the program.
WAITING = frozenset(
    {
        "sleep", "wait", "join", "accept", "recv", "recvfrom", "recv_into", "read", "readline", "get", "input",
        "select", "poll", "acquire", "communicate", "exit", "_exit", "quit",
        "abort", "next", "pop", "popleft", "raw_input", "getch", "getline", "receive", "poll_once", "run_once",
        "call", "run", "check_call", "check_output", "execSync", "spawnSync",
        "question", "prompt", "nextLine", "readSync", "readline_sync", "waitpid", "pause", "sigwait", "epoll",
        "kevent", "get_message", "listen", "serve", "usleep", "nanosleep",
        "step", "tick", "dispatch", "system", "execvp", "execv", "fail", "kill", "shift", "exec", "require", "throw",
        "perform", "sched_yield", "wait_for", "urlopen", "post",
    }
)  # fmt: skip
#: Calls that neither wait nor fail: a loop of nothing else runs as fast as it can for ever.
QUIET = frozenset(
    {
        "print", "len", "%spread", "all", "any", "filter", "map",
        "append", "push", "abs", "sum", "min", "max", "range", "str", "int", "float", "bool", "log",
        "info", "debug", "warn", "warning", "critical", "exception", "error", "sha1", "sha256", "sha512", "md5",
        "digest", "hexdigest", "sqrt", "sin", "cos", "tan", "exp", "pow", "factorial", "random", "randint",
        "uniform", "choice", "add", "extend", "update", "upper", "lower", "strip",
        "encode", "format", "round", "floor", "ceil", "fill", "Array", "list", "dict", "set", "tuple", "sorted",
        "reversed", "enumerate", "zip", "bytes", "bytearray", "write", "repeat",
        "concat", "isinstance", "hash", "id", "ord", "chr", "hex", "oct", "divmod", "isPrime", "is_prime",
        "toString", "now", "time", "perf_counter", "monotonic", "urandom", "open",
        "slice", "trim", "toUpperCase", "toLowerCase", "createHash", "stringify", "loads", "dumps", "parse", "copy",
        "deepcopy", "replace", "replaceAll", "split", "rsplit", "splitlines", "title", "capitalize", "startswith",
        "endswith", "startsWith", "endsWith", "find", "index", "indexOf", "count", "items", "keys", "values",
        "isdigit", "isalpha", "compress", "decompress", "b64encode", "b64decode", "flat",
        "flatMap", "reduce", "includes",
        "toFixed",
        "padStart", "padEnd", "charAt", "charCodeAt", "fromCharCode", "decode", "ljust", "rjust", "zfill", "popcount",
        "createElement", "appendChild", "appendleft", "alert", "confirm", "pushState", "replaceState", "setItem",
        "insert", "appendFileSync", "writeFileSync", "flush",
    }
)  # fmt: skip
#: Those of them that wait or end only in what is not looked into.
WORKING = frozenset({"step", "tick", "dispatch", "perform", "call", "run", "exec", "fail", "run_once", "poll_once"})
#: What holds on to what it is given for as long as the program runs.
_HEARING = frozenset({"on", "once", "addListener", "addEventListener"})
#: Names that methods of ordinary containers have too: where the source is there, it says what they do.
TAKING = frozenset({"get", "read", "post"})
GROWING = _HEARING | frozenset(
    {"append", "push", "extend", "add", "insert", "appendleft", "set", "unshift", "setdefault"}
)
WRITING = frozenset(
    {
        "writerow",
        "writerows",
        "executemany",
        "insert_one",
        "insert_many",
        "insertOne",
        "insertMany",
        "write",
        "appendFileSync",
        "writeFileSync",
        "write_text",
        "write_bytes",
        "writeSync",
        "appendFile",
        "writeFile",
    }
)
_STORING = frozenset({"writerow", "writerows", "executemany", "insert_one", "insert_many", "insertOne", "insertMany"})
FILED = (WRITING - _STORING) | {"update", "flush", "insert"}
#: Functions of modules that write to the disk.
MAKING = words(
    "urllib.request.urlretrieve wget.download os.mkdir os.makedirs os.symlink os.link shutil.copy shutil.copy2",
    "shutil.copyfile shutil.copytree",
    "logging.error logging.info logging.warning logging.debug logging.getLogger().error logging.getLogger().info",
    "logging.getLogger().warning fs.mkdirSync fs.copyFileSync fs.cpSync",
)
STARTING = frozenset(
    {
        "fork",
        "Process",
        "Thread",
        "Popen",
        "start",
        "spawn",
        "forkpty",
        "create_subprocess_exec",
        "startfile",
        "spawnl",
        "spawnv",
        "spawnlp",
        "spawnvp",
        "Worker",
        "execFile",
        "start_new_thread",
    }
)
#: What starts something that runs beside the loop.
QUEUEING = frozenset({"create_task", "ensure_future", "apply_async", "submit", "run_in_executor", "call_soon"})
QUIET |= QUEUEING | _HEARING | {"emit"}
#: Messages sent without waiting for an answer.
SENDING = frozenset({"sendto", "sendmail", "send_message"})
#: What holds a descriptor until it is closed.
HOLDING = words("socket socketpair pipe openSync NamedTemporaryFile TemporaryFile mkstemp createSocket createServer")
#: Requests that JavaScript only starts: while a loop turns, none is answered.
FLOODING = words("fetch createConnection connect sendBeacon WebSocket EventSource")
CLOSING = words("close end destroy closeSync unlink release shutdown")
#: Modules of which nothing waits or ends a program.
PURE = expression(
    r"^(?:Buffer|Math|JSON|Date|Object|Array|String|Number|BigInt|Symbol|crypto|console|random|math|hashlib|json|string"
    r"|time|datetime|itertools|os\.path|secrets|uuid|struct|np|base64|zlib|copy|collections|decimal|fractions"
    r"|performance|Promise|socket\.socket|Map|Set|Uint8Array|Float64Array|ArrayBuffer)(?:\.|$)"
)
CLOCKS = words(
    "Date.now performance.now time.time time.monotonic time.perf_counter time.time_ns process.hrtime",
    "datetime.datetime.now datetime.datetime.utcnow datetime.datetime.today",
)
