"""Judges one shell command on its words and on what is piped into it, and says what it prints."""

from __future__ import annotations

import re
from collections.abc import Callable

from loopwright.guard.checks import safety_places as places
from loopwright.guard.checks import safety_shell_files as shell_files
from loopwright.guard.checks import safety_shell_network as network
from loopwright.guard.checks import safety_shell_rights as rights
from loopwright.guard.checks import safety_shell_sizes as sizes
from loopwright.guard.checks import safety_values as v
from loopwright.guard.checks.safety_packages import judge_install
from loopwright.guard.checks.safety_shell import Command, Shell, program_name
from loopwright.guard.checks.safety_shell_known import judge_line
from loopwright.guard.checks.safety_shell_streams import STREAMS
from loopwright.guard.checks.safety_values import Value

#: Programs that run code, the option that holds it, and its language here ("" = judged by its words alone).
_INTERPRETERS: dict[str, tuple[str, str]] = {
    "sh": ("-c", "shell"), "bash": ("-c", "shell"), "zsh": ("-c", "shell"), "dash": ("-c", "shell"),
    "ksh": ("-c", "shell"), "ash": ("-c", "shell"), "fish": ("-c", "shell"),
    "python": ("-c", "python"), "python3": ("-c", "python"), "python2": ("-c", "python"), "pypy": ("-c", "python"),
    "pypy3": ("-c", "python"),
    "node": ("-e", "javascript"), "nodejs": ("-e", "javascript"), "bun": ("-e", "javascript"),
    "deno": ("eval", "javascript"), "ts-node": ("-e", "javascript"),
    "perl": ("-e", ""), "ruby": ("-e", ""), "php": ("-r", ""), "lua": ("-e", ""), "awk": ("", ""), "gawk": ("", ""),
    "osascript": ("-e", ""), "powershell": ("-c", ""), "pwsh": ("-c", ""),
}  # fmt: skip
_WRAPPERS: dict[str, str] = {
    "env": "-uCS", "nohup": "", "time": "fo", "nice": "n", "ionice": "cnp", "stdbuf": "", "setsid": "", "command": "",
    "builtin": "", "exec": "a", "timeout": "sk", "strace": "eop", "watch": "n",
    "unbuffer": "", "chronic": "", "busybox": "", "toybox": "", "doas": "uC", "sudo": "ughpCDrtU", "caffeinate": "",
    "proxychains": "", "proxychains4": "", "torsocks": "", "xargs": "InPLdasE", "parallel": "j",
    "flock": "w", "su-exec": "", "gosu": "", "chrt": "", "taskset": "c", "numactl": "", "catchsegv": "", "ltrace": "eo",
    "uv": "", "poetry": "", "npx": "p", "bunx": "", "firejail": "", "dotenv": "f", "cross-env": "",
}  # fmt: skip
_RUN_WORD = {"uv": "run", "poetry": "run", "pdm": "run", "pipenv": "run", "hatch": "run"}
_PIECES = re.compile(
    r"(?i)(?:/bin/(?:ba)?sh|cmd\.exe).{0,200}(?:socket|connect|TCP)|(?:socket|TCPSocket|fsockopen|"
    r"IO::Socket|TCPClient).{0,400}(?:exec|/bin/(?:ba)?sh|system|popen|iex)|fork\s+while\s+(?:fork|1|"
    r"true)"
    r"|unlink\s*\(?\s*(?:glob|<)|(?:system|exec)\s*\(?\s*(?:pack|unpack|decode_base64|base64_decode)"
    r"|while\s*\(?\s*(?:1|true|fork)\s*\)?\s*\{?\s*fork|loop\s*\{\s*fork|eval\s*\(?\s*(?:get|LWP|"
    r"file_get_contents|URI\.open|open)\b|eval\s*\(?\s*(?:gzinflate|base64_decode|pack|decode_base64|"
    r"unpack)"
    r"|DownloadString|Invoke-Expression|\bIEX\b|-enc(?:odedcommand)?\s|Remove-Item.*-Recurse.*(?:C:|"
    r"\$env:|~|\\Users)|/inet/tcp"
)


def run(shell: Shell, command: Command) -> Value:
    """Judge a command and return what it prints."""
    if not command.words:
        return command.stdin
    command = _expanded(command)
    head = command.words[0]
    name = program_name(head.text)
    if name in shell.config.forbidden_commands:
        shell.report("syntax", "block", command.line, f"`{name}` is on this project's list of forbidden commands")
    _judge_head(shell, command, name)
    written = shell.raw.split() if shell.raw.startswith(head.text) else []
    for check, why in dict.fromkeys([*judge_line(command.argv), *judge_line(written)]):
        shell.report(check, "block", command.line, f"{why}")
    inner = _unwrapped(shell, command, name)
    if inner is not None and inner.words:
        return run(shell, inner)
    if places.is_miner(" ".join(command.argv)[:4000]) and name not in _TALKING:
        shell.report(
            "resources", "block", command.line, "a coin miner or its pool is named; it would take all of the processor"
        )
    name = re.sub(r"^((?:python|pypy|node|ruby|perl|php|lua)\d?)[\d.]+$", r"\1", name)
    if name in _INTERPRETERS:
        return _interpret(shell, command, name)
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
    return Value(None, "", (command.stdin.labels & (v.STURDY | v.PRIVATE)) | v.OUTPUT)


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
        and ("/" in head.text or name in ("make", "python", "python3", "npm", "node"))
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
    if name in shell.dropped and not shell.checked and name:
        shell.report(
            "syntax",
            "block",
            command.line,
            f"{name} comes from the network and is run; compare its digest first (`sha256sum -c`)",
        )


def _unwrapped(shell: Shell, command: Command, name: str) -> Command | None:
    """The command that a wrapper runs, None where this is no wrapper."""
    if name not in _WRAPPERS or (name in _RUN_WORD and command.argv[1:2] != [_RUN_WORD[name]]):
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
    if name == "xargs":
        made.words = _given_words(words, _piped_words(command.stdin))
    if name in ("sudo", "doas"):
        rights.judge_sudo(shell, command, made)
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


def _given_words(words: list[Value], piped: Value) -> list[Value]:
    """The words of xargs: what is piped in stands where `{}` is, else at the end."""
    if any("{}" in w.text for w in words):
        return [
            Value(w.text.replace("{}", piped.text), "", w.labels | piped.labels) if "{}" in w.text else w for w in words
        ]
    return [*words, piped] if words else words


def _piped_words(stdin: Value) -> Value:
    return Value(stdin.const if stdin.const is not None else places.HOLE, stdin.ref, stdin.labels)


def _interpret(shell: Shell, command: Command, name: str) -> Value:
    """`sh -c CODE`, `python - < FILE`, `curl … | bash`, `bash script.sh`."""
    flag, language = _INTERPRETERS[name]
    words = command.words[1:]
    code = _code(words, flag, name)
    if code is not None:
        _run_text(shell, command, name, language, code)
        return Value(None, "", v.OUTPUT | code.labels & v.STURDY)
    script = next((w for w in words if w.text and (not w.text.startswith("-") or w.text == "-")), None)
    if name.startswith("python") and [w.text for w in words[:2]][:1] == ["-m"]:
        return _module(shell, command, words)
    reads = script is None or script.text in ("-", "/dev/stdin") or "-s" in [w.text for w in words[:1]]
    if reads and command.stdin.labels & v.FILTERED:
        command.stdin.labels |= v.DECODED
    if reads and (command.stdin.labels or command.stdin.const is not None):
        _run_text(shell, command, name, language, command.stdin)
    if reads and language == "shell" and command.stdin.const is None and command.stdin.labels:
        return Value(None, "shell", v.OUTPUT)
    if script is not None and not reads:
        if script.labels & (v.REMOTE | v.DECODED):
            _run_text(shell, command, name, language, script)
        elif script.text.rsplit("/", 1)[-1] in shell.dropped and not shell.checked:
            shell.report(
                "syntax",
                "block",
                command.line,
                f"{script.text[:80]} comes from the network and is run; compare its digest first (`sha256sum -c`)",
            )
    return Value(None, "", v.OUTPUT)


def _module(shell: Shell, command: Command, words: list[Value]) -> Value:
    if len(words) > 1:
        if words[1].text in ("pip", "pip3"):
            judge_install(shell, ["pip", *[w.text for w in words[2:]]], command.line)
        elif words[1].text == "base64":
            return Value(None, "", command.stdin.labels | (v.DECODED if any(w.text == "-d" for w in words) else 0))
        elif words[1].text in ("pty",):
            shell.report("syntax", "warn", command.line, "a terminal is made for a program")
    return Value(None, "", v.OUTPUT)


def _code(words: list[Value], flag: str, name: str) -> Value | None:
    for index, word in enumerate(words):
        text = word.text
        if name in ("awk", "gawk"):
            if not text.startswith("-"):
                return word
            continue
        if name in ("powershell", "pwsh") and text.startswith(("-", "/")):
            if re.match(r"(?i)^[-/]e(?:nc|c|ncodedcommand)?$", text):
                return Value(None, "", v.DECODED)
            continue
        if name in ("powershell", "pwsh"):
            return v.concatenate([x for w in words[index:] for x in (w, Value(" "))])
        short = len(flag) == 2 and re.match(rf"^-[a-zA-Z]*{flag[1:]}$", text)
        if (
            short or text == flag or (name in ("node", "nodejs", "bun") and text in ("-p", "--eval", "--print", "-pe"))
        ) and index + 1 < len(words):
            return words[index + 1]
        if not text.startswith("-"):
            return None
    return None


def _run_text(shell: Shell, command: Command, name: str, language: str, code: Value) -> None:
    line = command.line
    text = code.text
    if code.labels & v.REMOTE:
        known = network.known_installer(code.ref)
        if known:
            shell.report("syntax", "ask", line, f"the installer of {known} is run as it comes from the network")
        else:
            shell.report(
                "syntax",
                "block",
                line,
                f"`{name}` runs what comes from the network unread; download it, check its digest, then run it",
            )
    if code.labels & v.DECODED and (text == "" or text == places.HOLE or code.const is None):
        shell.report(
            "syntax", "block", line, f"`{name}` runs code that was decoded, so that it cannot be read; write it plainly"
        )
    elif code.labels & v.DECODED:
        shell.report("syntax", "block", line, f"`{name}` runs code that is hidden by an encoding; write it plainly")
    if not text:
        return
    if language:
        shell.judge(language, text.replace(places.HOLE, "_") if language != "shell" else text, line)
    elif _PIECES.search(text):
        shell.report(
            "syntax",
            "block",
            line,
            (
                f"`{name}` is given code that opens a shell to the network, starts itself for ever or "
                "runs what it downloads"
            ),
        )
    if not language:
        for held in re.findall(
            r"(?:system|exec|popen|shell_exec|passthru|Run|`)\s*\(?\s*[\"'`]([^\"'`]{3,400})[\"'`]", text
        ):
            shell.judge("shell", held, line)


def evaluate(shell: Shell, command: Command) -> Value | None:
    """`eval WORDS`."""
    whole = (
        v.concatenate([x for w in command.words[1:] for x in (w, Value(" "))]) if len(command.words) > 1 else Value()
    )
    if whole.labels & (v.REMOTE | v.DECODED):
        _run_text(shell, command, "eval", "shell", whole)
    elif whole.text and places.HOLE not in whole.text:
        shell.judge("shell", whole.text, command.line)
    return Value(None, "", v.OUTPUT)


def source(shell: Shell, command: Command) -> Value | None:
    """`. FILE`, `source <(…)`."""
    for word in command.words[1:2]:
        if word.labels & (v.REMOTE | v.DECODED):
            _run_text(shell, command, "source", "shell", Value(None, word.ref, word.labels))
        elif word.text.rsplit("/", 1)[-1] in shell.dropped and not shell.checked:
            shell.report(
                "syntax",
                "block",
                command.line,
                f"{word.text[:80]} comes from the network and is run; compare its digest first",
            )
    return Value()


def remove(shell: Shell, command: Command) -> Value | None:
    argv = command.argv
    deep = any(re.match(r"^-[a-zA-Z]*[rR]|^--recursive|^--no-preserve-root", a) for a in argv[1:]) or argv[0].endswith(
        ("shred", "srm", "wipe")
    )
    forced = any(re.match(r"^-[a-zA-Z]*f|^--force", a) for a in argv[1:])
    for word in command.words[1:]:
        text = word.text
        if text.startswith("-"):
            continue
        if deep or text.endswith(("/*", "~/*")):
            shell_files.judge_removal(shell, word, command.line)
        if word.labels & v.WALKED:
            shell.report(
                "syntax",
                "block",
                command.line,
                "every file below a home or the root is removed; name the files that the task is about",
            )
        if places.is_device(text):
            shell.report(
                "syntax", "block", command.line, f"the disk {text} is overwritten; a file of the project is fine"
            )
        if forced and re.search(
            r"\.(?:bash|zsh)_history$|^/var/log/(?:auth|secure|wtmp|lastlog|btmp|messages|syslog)", text
        ):
            shell.report(
                "privilege",
                "block",
                command.line,
                f"{text} is removed, which hides what was done; leave logs and histories alone",
            )
    return Value()


def move(shell: Shell, command: Command) -> Value | None:
    paths = [w for w in command.words[1:] if not w.text.startswith("-")]
    if not paths:
        return Value()
    target = paths[-1]
    for word in paths[:-1]:
        if target.text == "/dev/null" or places.is_shared(target.text):
            shell_files.judge_removal(shell, word, command.line)
        if word.text.rsplit("/", 1)[-1] in shell.dropped:
            shell.dropped.setdefault(target.text.rstrip("/").rsplit("/", 1)[-1], command.line)
    return copy(shell, command)


def copy(shell: Shell, command: Command) -> Value | None:
    paths = [w for w in command.words[1:] if not w.text.startswith("-")]
    if len(paths) < 2:
        return Value()
    modes = [b.text for a, b in zip(command.words, command.words[1:], strict=False) if a.text in ("-m", "--mode")]
    if any(places.sets_id(m) for m in modes):
        shell.report(
            "privilege",
            "block",
            command.line,
            f"{paths[-1].text[:80]} is installed to run with its owner's rights (setuid)",
        )
    symbolic = command.argv[0].endswith("ln")
    for word in paths[:-1]:
        if places.is_secret(word.text) and not symbolic:
            shell_files.read_file(shell, word, command.line, "copied")
    target = paths[-1]
    if places.is_startup(target.text) or (
        places.is_system(target.text) and not re.match(r"^/(?:usr/)?s?bin/|^/lib", target.text)
    ):
        if re.search(r"\.git/hooks/|\.\w+rc$|profile$", target.text) and not any(
            places.is_shared(p.text) or p.text.rsplit("/", 1)[-1] in shell.dropped for p in paths[:-1]
        ):
            shell.report("privilege", "ask", command.line, f"{target.text[:100]} is changed: it runs by itself later")
        else:
            shell_files.judge_write(shell, target, Value(), command.line)
    elif places.is_device(target.text):
        shell_files.judge_write(shell, target, Value(), command.line)
    if any(p.text.startswith("/dev/null") for p in paths[:-1]) and re.search(r"_history$", target.text):
        shell.report("privilege", "block", command.line, f"{target.text} is turned off, which hides what is done")
    return Value()


def tee(shell: Shell, command: Command) -> Value | None:
    for word in command.words[1:]:
        if not word.text.startswith("-"):
            shell_files.judge_write(shell, word, command.stdin, command.line)
    return command.stdin


def find(shell: Shell, command: Command) -> Value | None:
    """`find ROOTS TESTS -delete|-exec …`."""
    argv = command.argv
    split = next((i for i, a in enumerate(argv[1:], 1) if a.startswith(("-", "(", "!"))), len(argv))
    roots, tests = command.words[1:split], argv[split:]
    names = " ".join(tests)
    narrow = (
        re.search(
            r"-i?(?:name|path|regex)\s+(?!\*(?:\s|$))\S|-mtime|-newer|-empty|-size|-user|-perm|-maxdepth 1\b|-[amc]min",
            names,
        )
        is not None
    )
    doomed = any(places.is_doomed(r.text.rstrip("/") or "/") for r in roots)
    made = Value(None, "", v.WALKED if doomed and not narrow else 0)
    if doomed and re.search(
        r"id_rsa|id_ed25519|\.pem|\.key\b|shadow|credentials|wallet|\.aws|\.ssh|passw|\.env\b|\.kdbx|token|secret",
        names,
    ):
        made.labels |= v.SECRET
    if "-delete" in tests and made.labels & v.WALKED:
        shell.report(
            "syntax",
            "block",
            command.line,
            (
                f"every file below {roots[0].text if roots else 'the root'} is removed; narrow it with "
                "-name or to a directory of the project"
            ),
        )
    for flag in ("-exec", "-execdir", "-ok"):
        if flag in tests:
            words = [Value(a) for a in tests[tests.index(flag) + 1 :] if a not in (";", "+")]
            target = Value(places.HOLE, "", made.labels)
            inner = Command([target if w.text == "{}" else w for w in words], Value(), command.line)
            if words and re.search(r"(?:^|/)(?:ba|da|z)?sh$", words[0].text) and ("-p" in tests or "-c" not in tests):
                shell.report(
                    "privilege",
                    "block",
                    command.line,
                    "find starts a shell, as is done to keep the rights of a setuid program; run the command itself",
                )
            whole = made.labels & v.WALKED or (doomed and re.search(r"-name\s+\.git\b", names))
            if (
                whole
                and words
                and re.search(r"^(?:rm|shred|truncate|unlink|srm|dd|wipe|chmod|chown)$", program_name(words[0].text))
            ):
                shell.report(
                    "syntax",
                    "block",
                    command.line,
                    f"`{words[0].text}` is run on everything below {roots[0].text}; narrow it with -name",
                )
            if inner.words:
                run(shell, inner)
    return made


def change_directory(shell: Shell, command: Command) -> Value | None:
    """`cd DIR`: where `rm -rf *` removes."""
    word = command.words[1] if len(command.words) > 1 else Value("~")
    here = shell.names["PWD"].text
    if word.text.startswith(("/", "~")) or not word.text:
        shell.names["PWD"] = Value(word.text or places.HOLE)
    else:
        known = places.HOLE not in here + word.text
        shell.names["PWD"] = Value(f"{here.rstrip('/')}/{word.text}" if known else places.HOLE)
    return Value()


def set_words(shell: Shell, command: Command) -> Value | None:
    """`set -- WORDS`: the words become `$@`."""
    if "--" in command.argv:
        given = command.words[command.argv.index("--") + 1 :]
        shell.names["@"] = v.concatenate([x for w in given for x in (w, Value(" "))]) if given else Value("")
        return Value()
    return None


def alias(shell: Shell, command: Command) -> Value | None:
    """`alias NAME=COMMAND`: the command is judged as if it ran."""
    for word in command.words[1:]:
        _, _, held = word.text.partition("=")
        if held:
            shell.judge("shell", held, command.line)
    return Value()


def locate(shell: Shell, command: Command) -> Value | None:
    """`locate id_rsa`: names of files all over the machine."""
    keys = re.search(r"id_rsa|id_ed25519|\.pem|shadow|credentials|wallet|passw|\.env\b", " ".join(command.argv[1:]))
    return Value(None, "", v.SECRET if keys else 0)


def read_variable(shell: Shell, command: Command) -> Value | None:
    """`read NAME`: the variable holds what is piped in."""
    for word in command.words[1:]:
        if word.text.isidentifier():
            shell.names[word.text] = Value(places.HOLE, "", command.stdin.labels)
    return Value()


def who(shell: Shell, command: Command) -> Value | None:
    """`hostname`, `whoami`, `pwd`."""
    name = command.argv[0].rsplit("/", 1)[-1]
    return Value(
        places.HOLE, "", {"hostname": v.HOST_NAME, "uname": v.HOST_NAME, "pwd": v.HOST_DIR}.get(name, v.HOST_USER)
    )


def nothing(shell: Shell, command: Command) -> Value | None:
    return Value()


def check_digest(shell: Shell, command: Command) -> Value | None:
    if any(
        a in ("-c", "--check", "--verify", "verify", "verify-blob", "dgst") or a.startswith("-c")
        for a in command.argv[1:]
    ):
        shell.checked = True
    if "--export-secret-keys" in command.argv:
        shell.report("privilege", "ask", command.line, "secret keys are taken out of the key ring")
        return Value(None, "", v.SECRET)
    return None


def compare(shell: Shell, command: Command) -> Value | None:
    return Value(None, "", command.stdin.labels)


Handler = Callable[[Shell, Command], Value | None]
_HANDLERS: dict[str, Handler] = {
    "eval": evaluate, "source": source, ".": source, "rm": remove, "unlink": remove, "shred": remove, "srm": remove,
    "wipe": remove, "rmdir": nothing, "cd": change_directory, "set": set_words, "alias": alias,
    "locate": locate, "plocate": locate, "read": read_variable, "hostname": who, "whoami": who, "pwd": who,
    "mv": move, "cp": copy, "ln": copy, "install": copy,
    "tee": tee, "find": find,
    "sha256sum": check_digest, "shasum": check_digest, "sha512sum": check_digest, "md5sum": check_digest,
    "sha1sum": check_digest, "gpg": check_digest, "gpgv": check_digest, "cosign": check_digest,
    "minisign": check_digest,
    **network.HANDLERS, **rights.HANDLERS, **sizes.HANDLERS,
}  # fmt: skip
