"""Commands that other programs are given to run: as words, within an option, in their own language, elsewhere.

After GTFOBins: editors, pagers, debuggers, databases and archivers that start a shell.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from loopwright.core.expression import expression
from loopwright.guard.checks.safety.names import each, words
from loopwright.guard.checks.safety.shell.words import program_name

if TYPE_CHECKING:
    from loopwright.guard.checks.safety.shell.shell import Command, Shell

_SHELLS = words("sh bash zsh dash ksh ash fish")
#: Options whose value is a command, by program.
_OPTIONS = {
    **each(words("-c --command --session-command"), "su runuser script flock vagrant"),
    **each(words("-c --call"), "npm npx"),
    **each(words("-S --split-string"), "env"),
    **each(words("-P --pager"), "man"),
    **each(words("-e --rsh"), "rsync"),
    **each(words("-I --use-compress-program --to-command --rsh-command -F --info-script"), "tar bsdtar"),
    **each(words("-TT --unzip-command"), "zip"),
    **each(words("--run --command"), "nix-shell gcloud"),
    **each(words("-x --exec"), "nodemon"),
    **each(words("-a --args"), "ansible"),
    **each(words("-C --command"), "fly flyctl"),
    **each(words("--eval"), "make gmake"),
    **each(words("-S"), "scp sftp"),
}
#: Programs whose only operand may be a whole command line.
_LINES = words("yarn pnpm watch tmux hyperfine parallel screen entr concurrently chronic xterm konsole dtach abduco")
#: How commands are written in what a program is given in its own language.
_VIM = r"(?:^|[:|]|\bsil(?:ent)?!?\s+|\bexe(?:cute)?!?\s+[\"'])\s*[:]?(?:!|ter(?:minal)?!?\s+)\s*([^!].*)"
_ESCAPES = {
    **each((_VIM,), "vim vi nvim ex view vimdiff rvim"),
    **each((r"^\+!(.+)", r"^!(.+)"), "less more"),
    **each((r"^(?:shell|!)\s*(.+)",), "gdb cgdb"),
    **each((r"^(?:platform shell|shell)\s+(.+)",), "lldb"),
    **each((r"^\.(?:shell|system)\s+(.+)",), "sqlite3 duckdb"),
    **each((r"\\!\s*(.+)", r"^\s*system\s+(.+)", r"copy\b.*?\b(?:from|to)\s+program\s+'(.+?)'"), "mysql mariadb psql"),
    **each((r"\b(?:spawn|exec|system)\s+(.+)",), "expect tclsh"),
    **each((r"\bdo shell script \"(.+?)\"",), "osascript"),
    **each((r"^core\.(?:pager|sshCommand|editor|fsmonitor|askPass)=(.+)", r"^alias\.[\w.-]+=!(.+)",
            r"^(?:diff\.external|sequence\.editor|credential\.helper|gpg\.program)=!?(.+)"), "git"),
    **each((r"^scripts\.(?:(?:pre|post)?install|prepare)=(.+)",), "npm"),
    **each((r"^(?:-o)?(?:Proxy|Local|KnownHosts)Command[= ](.+)",), "ssh scp sftp"),
}  # fmt: skip
_COMPILED = {program: tuple(expression(p, re.IGNORECASE) for p in patterns) for program, patterns in _ESCAPES.items()}
#: Calls of any language that run the text that they are given.
_CALLED = expression(
    r"(?:system|execute|popen|shell-command\S*|spawn|System\.cmd|\brun)\s*\(?\s*[\"'`]([^\"'`]{3,400})[\"'`]"
)
#: Programs with a language of their own, which is not read otherwise.
_SCRIPTED = words(
    "vim vi nvim ex emacs emacsclient gdb lldb R Rscript julia elixir groovy lua luajit expect tclsh octave"
)
#: Programs whose command runs on another machine or in a container, and the checks that hold there.
_ELSEWHERE = {
    **each(frozenset({"syntax"}), "ssh kubectl oc ansible vagrant heroku fly flyctl gcloud"),
    **each(frozenset({"syntax", "resources"}), "docker podman nerdctl lxc incus docker-compose"),
}
_VALUED = words("-e --env -u --user -w --workdir --env-file -n --namespace -c --container --index")
_SSH_VALUED = "BbcDEeFIiJLlmOoPpQRSWw"


def judge_carried(shell: Shell, command: Command, name: str) -> None:
    """Judge the commands that a program is given to run."""
    argv = command.argv
    before, shell.elsewhere = shell.elsewhere, shell.elsewhere or _ELSEWHERE.get(name, frozenset())
    for text in dict.fromkeys([*_after_shells(argv), *_options(argv, name), *_escapes(argv, name)]):
        shell.judge("shell", text, command.line)
    if name == "ssh":
        shell.judge("shell", " ".join(_asked_of(argv)), command.line)
    if "exec" in argv[1:3] and name in _ELSEWHERE and name != "ssh":
        shell.judge("argv", "\0".join(_executed(argv)), command.line)
    if name == "trap" and len(argv) > 2 and "$" not in argv[1]:  # what a variable will hold then is not known
        shell.judge("shell", argv[1], command.line)
    if name in _LINES:
        line = next((a for a in reversed(argv[1:]) if re.search(r"\S\s", a) and not a.startswith("-")), "")
        shell.judge("shell", line, command.line)
    shell.elsewhere = before


def _after_shells(argv: list[str]) -> Iterator[str]:
    """`any-program … sh -c CODE`"""
    for at, (word, option) in enumerate(itertools.pairwise(argv[1:]), 1):
        if re.fullmatch(r"-\w*c", option) and program_name(word) in _SHELLS and at + 2 < len(argv):
            yield argv[at + 2]


def _options(argv: list[str], name: str) -> Iterator[str]:
    known = _OPTIONS.get(name, frozenset())
    for word, following in zip(argv[1:], [*argv[2:], ""], strict=False):
        option, joined, value = word.partition("=")
        if option not in known and not (re.fullmatch(r"-\w+", word) and name in ("script", "su")):
            continue
        if joined:
            yield value if name != "make" else value.partition(":")[2].strip("; ")
        elif option in known or option.endswith("c"):
            yield following


def _escapes(argv: list[str], name: str) -> Iterator[str]:
    for word in argv[1:]:
        for pattern in _COMPILED.get(name, ()):
            for found in pattern.findall(word.removeprefix("+") if name not in ("less", "more") else word):
                yield re.sub(r"^(?:sh|bash) -c (?:\{(.*)\}|'(.*)')$", r"\1\2", found)
        if name in _SCRIPTED:
            yield from _CALLED.findall(word)


def _asked_of(argv: list[str]) -> list[str]:
    """`ssh -p 22 host WORDS`: what the other machine is to run."""
    at = 1
    while at < len(argv) and argv[at].startswith("-"):
        at += 2 if len(argv[at]) == 2 and argv[at][1] in _SSH_VALUED else 1
    return argv[at + 1 :]


def _executed(argv: list[str]) -> list[str]:
    """`docker exec -u user name WORDS`, `kubectl exec pod -- WORDS`"""
    if "--" in argv:
        return argv[argv.index("--") + 1 :]
    at = argv.index("exec") + 1
    while at < len(argv) and argv[at].startswith("-"):
        at += 2 if argv[at] in _VALUED else 1
    return argv[at + 1 :]
