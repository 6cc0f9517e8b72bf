"""Programs that run code: what they are given as an option, a file or piped in."""

from __future__ import annotations

import re

from loopwright.core.expression import expression
from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.installs import judge_install
from loopwright.guard.checks.safety.shell import network
from loopwright.guard.checks.safety.shell.likewise import PROGRAMS, judge_loops
from loopwright.guard.checks.safety.shell.oneliners import held_commands, judge_oneliner
from loopwright.guard.checks.safety.shell.shell import Command, Shell
from loopwright.guard.checks.safety.shell.sizes import install_file
from loopwright.guard.checks.safety.shell.streams import read_along

#: Programs that run code, the option that holds it, and its language here ("" = judged by its words alone).
INTERPRETERS: dict[str, tuple[str, str]] = {
    "sh": ("-c", "shell"), "bash": ("-c", "shell"), "zsh": ("-c", "shell"), "dash": ("-c", "shell"),
    "ksh": ("-c", "shell"), "ash": ("-c", "shell"), "fish": ("-c", "shell"),
    "python": ("-c", "python"), "python3": ("-c", "python"), "python2": ("-c", "python"), "pypy": ("-c", "python"),
    "pypy3": ("-c", "python"),
    "node": ("-e", "javascript"), "nodejs": ("-e", "javascript"), "bun": ("-e", "javascript"),
    "deno": ("eval", "javascript"), "ts-node": ("-e", "javascript"),
    "perl": ("-e", ""), "ruby": ("-e", ""), "php": ("-r", ""), "lua": ("-e", ""), "awk": ("", ""), "gawk": ("", ""),
    "osascript": ("-e", ""), "powershell": ("-c", ""), "pwsh": ("-c", ""),
}  # fmt: skip


#: What prints where packages are installed, and such a place.
_PRINTS_LIBRARY = expression(r"get(?:user)?sitepackages\(|get_path(?:s)?\(|\.__path__|\.__file__")
_LIBRARY = "/usr/lib/python3/dist-packages"
#: Code from the network, but for registries that keep each version as it was.
_ADDRESS = expression(r"https?://(?!(?:deno\.land|jsr\.io|esm\.sh)/)")


def interpret(shell: Shell, command: Command, name: str) -> Value:
    """`sh -c CODE`, `python - < FILE`, `curl … | bash`, `bash script.sh`."""
    flag, language = INTERPRETERS[name]
    words = command.words[1:]
    code = _code(words, flag, name)
    if code is not None:
        run_text(shell, command, name, language, code)
        read = read_along(shell, words[words.index(code) + 1 :], command) if name in ("awk", "gawk", "perl") else 0
        where = _LIBRARY if language == "python" and _PRINTS_LIBRARY.search(code.text) else None
        return Value(where, "", v.OUTPUT | code.labels & v.STURDY | read)
    if name in ("node", "nodejs", "deno", "bun", "ts-node"):
        _required(shell, command, words, _NODE_LOADS)
    elif name in ("perl", "ruby", "java", "php"):
        _required(shell, command, words, _OTHER_LOADS)
    script = next((w for w in words if w.text and (not w.text.startswith("-") or w.text == "-")), None)
    if name.startswith("python") and [w.text for w in words[:2]][:1] == ["-m"]:
        return _module(shell, command, words)
    reads = script is None or script.text in ("-", "/dev/stdin") or "-s" in [w.text for w in words[:1]]
    if reads and command.stdin.labels & v.FILTERED:
        command.stdin.labels |= v.DECODED
    if reads and (command.stdin.labels or command.stdin.const is not None):
        run_text(shell, command, name, language, command.stdin)
    if reads and language == "shell" and command.stdin.const is None and command.stdin.labels:
        return Value(None, "shell", v.OUTPUT)
    if name == "deno" and script is not None and script.text == "run":
        script = next((w for w in words if "://" in w.text), script)
    if script is not None and language and _ADDRESS.match(script.text):
        why = f"{script.text[:80]} is run as it comes from the network"
        shell.report("imports", "block", command.line, f"{why}; install it as a dependency, or check its digest")
    if name == "bun" and script is not None and script.text in ("add", "install", "i"):
        judge_install(shell, ["bun", *[w.text for w in words]], command.line)
    if script is not None and not reads:
        if (script.labels | shell.files.get(script.text, 0)) & (v.REMOTE | v.DECODED):
            script.labels |= shell.files.get(script.text, 0)
            run_text(shell, command, name, language, script)
        elif script.text.rsplit("/", 1)[-1] in shell.dropped and not shell.checked:
            shell.report(
                "syntax",
                "block",
                command.line,
                f"{script.text[:80]} comes from the network and is run; compare its digest first (`sha256sum -c`)",
            )
    return Value(None, "", v.OUTPUT)


#: Options by which interpreters are told what to load before the program, or where to look for it.
_NODE_LOADS = frozenset({"-r", "--require", "--import", "--loader", "--experimental-loader"})
_OTHER_LOADS = frozenset({"-I", "-r", "-cp", "-classpath", "-javaagent"})


def _required(shell: Shell, command: Command, words: list[Value], options: frozenset[str]) -> None:
    """`node -r MODULE`, `perl -IDIRECTORY`: what is loaded before the program, and from where."""
    for option, following in zip(words, [*words[1:], Value()], strict=False):
        name, joined, value = option.text.partition("=")
        if name[:2] == "-I" and len(name) > 2 and "-I" in options:
            name, joined, value = "-I", "-I", name[2:]
        if name in options:
            path = value if joined else following.text
            if places.is_shared(path) or places.is_bare(path):
                why = f"{path[:80]} is loaded before the program, where anybody may write"
                shell.report("imports", "block", command.line, f"{why}; a file of the project is fine")


def _module(shell: Shell, command: Command, words: list[Value]) -> Value:
    if len(words) > 1:
        if words[1].text in ("pip", "pip3"):
            judge_install(shell, ["pip", *[w.text for w in words[2:]]], command.line)
            install_file(shell, command)
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


def run_text(shell: Shell, command: Command, name: str, language: str, code: Value) -> None:
    line = command.line
    text = code.text
    if code.labels & v.INPUT:
        why = "what a person or a request sent is run as code; compare it with what may be run"
        shell.report("syntax", "block", line, f"{why} (`case`)")
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
    for module in re.findall(r"\bimport\s+(\w+)", text) if language == "python" and not shell.checked else ():
        if f"{module}.py" in shell.dropped:
            why = f"`{module}` comes from the network and is imported"
            shell.report("imports", "block", line, f"{why}; compare its digest first, or install it as a dependency")
    if language:
        shell.judge(language, text.replace(places.HOLE, "_") if language != "shell" else text, line)
    else:
        for check, why in judge_oneliner(name, text):
            shell.report(check, "block", line, why)
        if name in PROGRAMS:
            for found in judge_loops(text):
                shell.report(found.name, found.level, line, found.reason)
        for held in held_commands(text):
            shell.judge("shell", held, line)


def evaluate(shell: Shell, command: Command) -> Value | None:
    """`eval WORDS`."""
    whole = (
        v.concatenate([x for w in command.words[1:] for x in (w, Value(" "))]) if len(command.words) > 1 else Value()
    )
    if whole.labels & v.INPUT:
        why = "what a person or a request sent is run as a command; compare it with the commands that may be run"
        shell.report("syntax", "block", command.line, f"{why} (`case`)")
    if whole.labels & (v.REMOTE | v.DECODED):
        run_text(shell, command, "eval", "shell", whole)
    elif whole.text and places.HOLE not in whole.text:
        shell.judge("shell", whole.text, command.line)
    return Value(None, "", v.OUTPUT)


def source(shell: Shell, command: Command) -> Value | None:
    """`. FILE`, `source <(…)`."""
    for named in command.words[1:2]:
        word = command.stdin if named.text in ("/dev/stdin", "/dev/fd/0", "/proc/self/fd/0") else named
        if word.labels & (v.REMOTE | v.DECODED):
            run_text(shell, command, "source", "shell", Value(None, word.ref, word.labels))
            if word.labels & v.REMOTE:
                why = "functions are taken from the network as they come"
                shell.report(
                    "imports", "block", command.line, f"{why}; download them, check their digest, then use them"
                )
        elif word.text.rsplit("/", 1)[-1] in shell.dropped and not shell.checked:
            shell.report(
                "syntax",
                "block",
                command.line,
                f"{word.text[:80]} comes from the network and is run; compare its digest first",
            )
    return Value()
