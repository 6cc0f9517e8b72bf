"""What a shell script reads, writes and removes."""

from __future__ import annotations

import fnmatch
import posixpath
import re

from loopwright.core.expression import expression
from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.indexes import judge_index_file
from loopwright.guard.checks.safety.installs import judge_library_file, judge_written_manifest
from loopwright.guard.checks.safety.shell.seen import Command, Scripted

#: Lines of a start-up file that only set up a person's shell.
_SETTING = expression(
    r"^\s*(?:export\s+\w+=|\w+=\S*\s*$|source\s|\.\s|eval\s+[\"']?(?:\$\(|\ufffd)|alias\s+(?!sudo|su|"
    r"ssh|ls=.*;)\w[\w.-]*=|#|\[\[?\s|fpath|autoload|setopt|shopt|set\s|umask|if\s|fi\b|case\s|"
    r"complete\s|bind\s|path=|plugins=)"
)
_RUNS = expression(
    (
        r"curl|wget|\bnc\b|/dev/tcp|base64|nohup|/tmp/|/dev/shm|&\s*\)?\s*$|LD_PRELOAD|\|\s*(?:ba)?sh\b|"
        r"python\d?\s+-c|alias\s+(?:sudo|su|ssh)=|mkfifo|xmrig"
    ),
    re.MULTILINE,
)


def read_file(shell: Scripted, path: Value, line: int, how: str = "read") -> Value:
    """Return what a file holds; report the reading of credentials."""
    text = _unglobbed(path.text)
    if path.labels & (v.REMOTE | v.DECODED) and not text.replace(places.HOLE, ""):
        return path
    if text in ("/dev/zero", "/dev/urandom", "/dev/random", "/dev/full"):
        return Value(None, "endless")
    if text.startswith(("/dev/tcp/", "/dev/udp/")):
        return Value(None, "", v.REMOTE)
    if places.is_secret(text):
        shell.report(
            "privilege",
            "block",
            line,
            (
                f"{text.replace(places.HOLE, '…')[:100]} holds credentials and is {how}; read the "
                "setting that the task needs from its own file"
            ),
        )
        return Value(None, "", v.SECRET)
    if text in shell.files:
        return Value(None, "", shell.files[text])
    if posixpath.basename(text) in shell.dropped and text:
        return Value(None, "", v.REMOTE)
    return Value(None, "", v.PRIVATE if places.is_private(text) else v.FILE)


def _unglobbed(text: str) -> str:
    """Return the file of credentials that a word with wildcards stands for: `/e??/sh?d?w`."""
    if not re.search(r"[?\[*]", text):
        return text
    for known in ("/etc/shadow", "/etc/gshadow", "/root/.ssh/id_rsa", "~/.ssh/id_rsa", "~/.aws/credentials"):
        if fnmatch.fnmatchcase(known, text) and text.count("/") == known.count("/"):
            return known
    return text


def judge_write(shell: Scripted, target: Value, data: Value, line: int, command: Command | None = None) -> None:
    """Judge the file that a redirection, `tee` or `cp` writes."""
    text = target.text
    shown = text.replace(places.HOLE, "…")[:100]
    if text and data.labels & (v.ENVIRON | v.SECRET | v.PRIVATE | v.DECODED):
        shell.files[text] = data.labels
    judge_index_file(shell, text, data.text, line)
    judge_written_manifest(shell, text, data.text, line)
    if data.labels & v.REMOTE:
        judge_library_file(shell, text, line)
    if len(text) > 3 and re.search(rf"(?<![\w/]){re.escape(text)}\s*(?:&(?!&)|\|)", data.text):
        why = "a script is written that starts itself again and again (a fork bomb)"
        shell.report("resources", "block", line, f"{why}; a loop with a count is fine")
    if target.labels & v.WALKED:
        shell.report(
            "syntax", "block", line, "every file below a home or the root is overwritten; name the files to change"
        )
    if data.labels & v.REMOTE and data.ref.startswith("url:") and text:
        address = data.ref.removeprefix("url:")
        if places.is_bare(address) or places.is_drop(address):
            shell.bare.add(posixpath.basename(text))
    if data.labels & v.REMOTE and text:
        shell.dropped.setdefault(posixpath.basename(text), line)
    if re.match(r"^/dev/(?:tcp|udp)/", text):
        name = command.argv[0] if command is not None and command.words else ""
        secret = data.labels & (v.SECRET | v.PRIVATE | v.ENVIRON)
        if secret:
            shell.report("privilege", "block", line, "credentials or the environment are sent over the network")
        elif re.search(r"(?:ba|z|da|k)?sh$", name) or (
            command is not None and (command.stdin.labels & v.REMOTE or "exec" in command.argv)
        ):
            shell.report(
                "syntax",
                "block",
                line,
                "a shell is joined to a network connection (a reverse shell); data over curl or nc is fine",
            )
        else:
            shell.report("syntax", "ask", line, f"a network connection is opened as the file {shown}")
    elif places.is_startup(text):
        held = data.text
        rc = re.search(r"/?\.\w*(?:rc|profile|aliases|zshenv|login|logout)$", text)
        settings = held and all(_SETTING.match(x) for x in held.splitlines() if x.strip())
        if (
            rc
            and not data.labels & (v.REMOTE | v.DECODED)
            and not _RUNS.search(held)
            and (settings or data.const is None or not held)
        ):
            shell.report("privilege", "ask", line, f"{shown} is changed, which runs at every login")
        else:
            shell.report(
                "privilege",
                "block",
                line,
                f"{shown} is written: it runs by itself later; files of the project are fine",
            )
    elif places.is_system(text) or places.redirects(text, data.text):
        shell.report(
            "privilege",
            "block",
            line,
            f"{shown} is written: it gives rights over the machine; files of the project are fine",
        )
    elif places.is_device(text):
        shell.report("syntax", "block", line, f"the disk {shown} is overwritten; an image file in the project is fine")
    if data.size >= shell.config.disk and text != "/dev/null":
        why = f"about {data.size / 2**30:,.0f} GiB are written to {shown or 'a file'}"
        shell.report("resources", "block", line, f"{why}; up to {shell.config.disk / 2**30:,.0f} GiB is fine")
    if data.ref == "endless" and text not in ("/dev/null",) and not places.is_device(text):
        shell.report(
            "resources", "block", line, f"{shown or 'a file'} is filled without end; `head -c 10M` of it is fine"
        )
    elif data.ref == "endless" and command is not None and command.background:
        shell.report("resources", "block", line, "a process that never ends is left behind; end it, or do without")
    elif data.ref == "endless":
        shell.report("time", "block", line, "data without end is read; `head -c 10M` of it is fine")


def judge_removal(shell: Scripted, path: Value, line: int) -> None:
    """Judge one operand of `rm -r`, `shred`, `mv … /dev/null`."""
    text = path.text
    bare = text.replace(places.HOLE, "")
    here = shell.names["PWD"].text
    if text in ("*", ".", "./*", "./", "..", ".*") and here and places.HOLE not in here and places.is_doomed(here):
        shell.report("syntax", "block", line, f"everything in {here} is removed; removing build output is fine")
    if path.ref.startswith("unset:") and re.match(r"^\ufffd/*(?:/\*?|/\.\*)$", text):
        name = path.ref.removeprefix("unset:") or "the variable"
        shell.report(
            "syntax",
            "block",
            line,
            (
                f"`{text.replace(places.HOLE, '$' + name)}` is removed, which is everything where {name} "
                f"is empty; write ${{{name}:?}}"
            ),
        )
    elif re.match(r"^\ufffd/+\*$", text) and path.labels & v.OUTPUT:
        shell.report(
            "syntax",
            "block",
            line,
            (
                "a directory named by a command's output is emptied, which is everything where the "
                "output is empty; check it with ${NAME:?} first"
            ),
        )
    elif re.match(r"^(?:\.\./){2,}\*?$|^(?:\.\./)+\*$|^(?:\.\./)*\.\./?$", text):
        why = f"`{text}` is removed, which is whatever lies above the current directory"
        shell.report("syntax", "block", line, f"{why}; name what is to go from the project's root")
    elif text and bare == text and places.is_doomed(text):
        shell.report(
            "syntax",
            "block",
            line,
            f"{text} is removed with all below it; removing build output or a temporary directory is fine",
        )
