"""Judges one shell command on its words and on what is piped into it, and says what it prints."""

from __future__ import annotations

import re
from collections.abc import Callable

from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.indexes import judge_settings
from loopwright.guard.checks.safety.installs import judge_install, judge_requirement
from loopwright.guard.checks.safety.shell import everyday, floods, network, rights, sizes
from loopwright.guard.checks.safety.shell.carried import judge_carried
from loopwright.guard.checks.safety.shell.interpret import INTERPRETERS, evaluate, interpret, source
from loopwright.guard.checks.safety.shell.known import judge_line
from loopwright.guard.checks.safety.shell.shell import Command, Shell
from loopwright.guard.checks.safety.shell.streams import STREAMS
from loopwright.guard.checks.safety.shell.words import program_name

_WRAPPERS: dict[str, str] = {
    "env": "-uCS", "nohup": "", "time": "fo", "nice": "n", "ionice": "cnp", "stdbuf": "", "setsid": "", "command": "",
    "builtin": "", "exec": "a", "timeout": "sk", "strace": "eop", "watch": "n",
    "unbuffer": "", "chronic": "", "busybox": "", "toybox": "", "doas": "uC", "sudo": "ughpCDrtU", "caffeinate": "",
    "proxychains": "", "proxychains4": "", "torsocks": "", "xargs": "InPLdasE", "parallel": "j",
    "flock": "w", "su-exec": "", "gosu": "", "chrt": "", "taskset": "c", "numactl": "", "catchsegv": "", "ltrace": "eo",
    "coproc": "", "uv": "", "poetry": "", "npx": "p", "bunx": "", "uvx": "", "firejail": "", "dotenv": "f",
    "cross-env": "",
}  # fmt: skip
#: Programs that run a file which is no script.
_RUNNERS = frozenset({"java", "mono", "wine", "dotnet", "javaws"})
_RUN_WORD = {"uv": "run", "poetry": "run", "pdm": "run", "pipenv": "run", "hatch": "run"}


def run(shell: Shell, command: Command) -> Value:
    """Judge a command and return what it prints."""
    if not command.words:
        return command.stdin
    command = _expanded(command)
    head = command.words[0]
    name = re.sub(r"^pip3\.\d+$", "pip3", program_name(head.text))
    if name in shell.config.forbidden_commands:
        shell.report("syntax", "block", command.line, f"`{name}` is on this project's list of forbidden commands")
    _judge_head(shell, command, name)
    written = shell.raw.split() if shell.raw.startswith(head.text) else []
    for check, why in dict.fromkeys([*judge_line(command.argv), *judge_line(written)]):
        shell.report(check, "block", command.line, f"{why}")
    judge_settings(shell, [name, *command.argv[1:]], command.line)
    if name not in _TALKING or name in ("git", "man"):
        judge_carried(shell, command, name)
    inner = _unwrapped(shell, command, name)
    if inner is not None and inner.words:
        return run(shell, inner)
    if places.is_miner(" ".join(command.argv)[:4000]) and name not in _TALKING:
        shell.report(
            "resources", "block", command.line, "a coin miner or its pool is named; it would take all of the processor"
        )
    name = re.sub(r"^((?:python|pypy|node|ruby|perl|php|lua)\d?)[\d.]+$", r"\1", name)
    if name in INTERPRETERS:
        return interpret(shell, command, name)
    handler = _HANDLERS.get(name)
    if handler is not None:
        result = handler(shell, command)
        if result is not None:
            return result
    stream = STREAMS.get(name)
    if stream is not None:
        return stream(shell, command)
    for word in command.words[1:]:
        if word.labels & (v.SECRET | v.ENVIRON) and word.ref == "sent":
            break
    kept = network.kept_elsewhere(name, command.argv)
    return Value(None, "", (command.stdin.labels & (v.STURDY | v.PRIVATE)) | v.OUTPUT | kept)


_TALKING = frozenset(
    {
        "echo",
        "printf",
        "grep",
        "rg",
        "git",
        "cat",
        "ps",
        "pgrep",
        "apt-get",
        "man",
        "test",
        "[",
        "ls",
        "which",
        "sed",
        "awk",
    }
)


def _expanded(command: Command) -> Command:
    """Words of an argument list given as one (`$@`, empty) are left out."""
    words = [w for w in command.words if not (w.const == "" and w.ref == "arguments")]
    made = Command(words or command.words, command.stdin, command.line)
    made.env, made.writes, made.background = command.env, command.writes, command.background
    made.limited = command.limited
    return made


def _judge_head(shell: Shell, command: Command, name: str) -> None:
    head = command.words[0]
    if places.HOLE in head.text and re.match(r"-\w*[rf]", " ".join(command.argv[1:2])):
        for word in command.words[1:]:
            if places.is_doomed(word.text):
                shell.report("syntax", "block", command.line, f"a hidden program is given {word.text} to remove")
    if (
        shell.foreign
        and not shell.checked
        and ("/" in head.text or name in ("make", "python", "python3", "npm", "node", "pip", "pip3", "cargo", "go"))
    ):
        shell.report("syntax", "block", command.line, "what came from an address that nobody vouches for is run")
    if head.labels & v.REMOTE:
        shell.report(
            "syntax",
            "block",
            command.line,
            "the output of a download is run as a command; download, read and check it first",
        )
    elif head.labels & v.DECODED and not head.text.replace(places.HOLE, ""):
        shell.report(
            "syntax",
            "block",
            command.line,
            "a command is decoded when it runs, so that it cannot be read; write it plainly",
        )
    loaded = {w.text.rsplit("/", 1)[-1] for w in command.words[1:]} if name in _RUNNERS else set()
    if not shell.checked and loaded & shell.dropped.keys():
        why = f"`{name}` runs what comes from the network; compare its digest first (`sha256sum -c`)"
        shell.report("syntax", "block", command.line, why)
    if shell.files.get(head.text, 0) & v.DECODED:
        why = f"{head.text[:60]} was decoded from what cannot be read, and is run; write it plainly"
        shell.report("syntax", "block", command.line, why)
    if name in shell.dropped and not shell.checked and name:
        shell.report(
            "syntax",
            "block",
            command.line,
            f"{name} comes from the network and is run; compare its digest first (`sha256sum -c`)",
        )


def _unwrapped(shell: Shell, command: Command, name: str) -> Command | None:
    """The command that a wrapper runs, None where this is no wrapper."""
    asks = name == "command" and re.match(r"^-[vV]", " ".join(command.argv[1:2]))
    if asks or name not in _WRAPPERS or (name in _RUN_WORD and command.argv[1:2] != [_RUN_WORD[name]]):
        if name == "find":
            return None
        return None
    words = command.words[1:]
    if name in _RUN_WORD:
        words = words[1:]
    valued = _WRAPPERS[name]
    while words:
        text = words[0].text
        if text == "--":
            words = words[1:]
            break
        if re.match(r"^[A-Za-z_]\w*=", text):
            key, _, value = text.partition("=")
            shell.preload(key, Value(value), command.line)
            words = words[1:]
        elif text.startswith("-") and len(text) > 1:
            words = words[2:] if len(text) == 2 and text[1] in valued else words[1:]
        else:
            break
    if name in ("timeout", "flock", "gosu", "su-exec", "taskset", "chrt") and words:
        words = words[1:]
    made = Command(words, command.stdin, command.line)
    made.env, made.writes, made.background = command.env, command.writes, command.background
    made.limited = command.limited or name in ("timeout", "exec")
    if name == "parallel":
        _judge_side_by_side(shell, command)
    if name == "xargs":
        pairs = zip(command.words, command.words[1:], strict=False)
        named = next((following for word, following in pairs if word.text == "-a"), command.stdin)
        made.words = _given_words(words, _piped_words(named))
        _judge_side_by_side(shell, command)
    if name in ("sudo", "doas"):
        rights.judge_sudo(shell, command, made)
    if name in ("uvx", "pipx"):
        for word in words:
            if "://" in word.text:
                judge_requirement(shell, word.text, "pip", command.line)
    if name in ("npx", "bunx"):
        judge_install(shell, ["npm", "install", *[w.text for w in words[:1]]], command.line)
    if name == "exec" and not words:
        for target in command.writes:
            if target.text.startswith("/dev/tcp/"):
                shell.report(
                    "syntax",
                    "block",
                    command.line,
                    "the script is joined to a network connection (a reverse shell); data over curl or nc is fine",
                )
    return made


def _judge_side_by_side(shell: Shell, command: Command) -> None:
    """`xargs -P 0`: as many processes at once as there are words."""
    given = re.search(r"\s(?:-\w*[Pj]\s*|--max-procs[= ]|--jobs[= ])(\d+)", f" {' '.join(command.argv)}")
    many = int(given[1]) or command.stdin.length if given else 0
    if given and not int(given[1]) and command.stdin.labels & v.WALKED:
        why = "a process is started for every file of a home or the system, all at once; `-P 4` runs a few at once"
        shell.report("resources", "block", command.line, why)
    if many >= 1_000:
        why = f"{many:,} processes are started side by side; `-P 4` runs a few at once"
        shell.report("resources", "block", command.line, why)


def _given_words(words: list[Value], piped: Value) -> list[Value]:
    """The words of xargs: what is piped in stands where `{}` is, else at the end."""
    if any("{}" in w.text for w in words):
        return [
            Value(w.text.replace("{}", piped.text), "", w.labels | piped.labels) if "{}" in w.text else w for w in words
        ]
    each = [Value(w, "", piped.labels) for w in piped.text.split()] if places.HOLE not in piped.text else []
    return [*words, *(each[:50] or [piped])] if words else words


def _piped_words(stdin: Value) -> Value:
    return Value(stdin.const if stdin.const is not None else places.HOLE, stdin.ref, stdin.labels)


Handler = Callable[[Shell, Command], Value | None]
_HANDLERS: dict[str, Handler] = {
    "eval": evaluate, "source": source, ".": source,
    **everyday.HANDLERS, **floods.HANDLERS, **network.HANDLERS, **rights.HANDLERS, **sizes.HANDLERS,
}  # fmt: skip
