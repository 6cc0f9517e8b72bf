"""Calls that remove, empty and open up files."""

from __future__ import annotations

import re

from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.calls.files import remove_path, shown
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.asked import judge_path
from loopwright.guard.checks.safety.flow.called import Called
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.values import Value


def read_shadow(flow: Flow, called: Called) -> Value | None:
    flow.report(
        "privilege", "block", called.line, "the password file is read; ask the operating system to check a password"
    )
    return Value(None, "", v.SECRET)


def change_root(flow: Flow, called: Called) -> Value | None:
    if re.match(r"/(?:host|mnt|h|rootfs)\b|/proc/1", called.arg(0).text):
        flow.report("privilege", "block", called.line, "the host's own file system is entered; stay in the one given")
    return None


def truncate(flow: Flow, called: Called) -> Value | None:
    """`truncate(size)`, `seek(position)` and a write."""
    sizes = [a.number or a.size for a in (*called.args, *called.named.values())]
    size = max([s for s in sizes if s], default=0)
    if called.arg(0).labels & v.WALKED:
        flow.report("syntax", "block", called.line, "every file below a home or the root is emptied; name the files")
    if size >= flow.config.disk:
        flow.report(
            "resources",
            "block",
            called.line,
            f"a file of {size / 2**30:,.0f} GiB is made; up to {flow.config.disk / 2**30:,.0f} GiB is fine",
        )
    return None


def remove_tree(flow: Flow, called: Called) -> Value | None:
    """`rmtree`, `rmSync`, `rimraf`."""
    for path in (*called.args, *([called.named["path"]] if "path" in called.named else [])):
        remove_path(flow, path, called.line)
        if path.labels & v.WALKED:
            why = "every directory below a home or the root is removed; name those that the task is about"
            flow.report("syntax", "block", called.line, why)
    return None


def remove_file(flow: Flow, called: Called) -> Value | None:
    """`os.remove`, `unlink`: one file; of a walk through a home or the root, all of them."""
    path = called.receiver if called.ref.startswith("pathlib.") else called.arg(0)
    judge_path(flow, path, called.line, "removed")
    if path.labels & v.WALKED:
        flow.report(
            "syntax",
            "block",
            called.line,
            "every file below a home or the root is removed; name the files that the task is about",
        )
    return None


def owner(flow: Flow, called: Called) -> Value | None:
    """`chown(path, user, group)`."""
    path = called.arg(0, "path")
    if places.is_system(path.text) or places.is_secret(path.text):
        why = f"the owner of {shown(path.text)} is changed, which gives rights over the machine"
        flow.report("privilege", "block", called.line, f"{why}; files of the project are fine")
    return None


def mode(flow: Flow, called: Called) -> Value | None:
    """`chmod(path, mode)`."""
    path = called.receiver if called.ref.startswith("pathlib.") else called.arg(0)
    bits = called.arg(0 if called.ref.startswith("pathlib.") else 1, "mode")
    number = bits.number
    if re.fullmatch(r"0?o?[0-7]{3,4}", bits.text):  # Node takes octal digits as a text
        number = int(bits.text.replace("o", ""), 8)
    if (number is not None and number & 0o6000 and number & 0o111) or bits.labels & v.SETS_ID:
        flow.report(
            "privilege",
            "block",
            called.line,
            "a program is made to run with its owner's rights (setuid); modes up to 0o777 are fine",
        )
    if number is not None and number & 0o002 and (places.is_system(path.text) or path.text.startswith("/etc/")):
        flow.report("privilege", "block", called.line, f"{shown(path.text)} is made writable for everybody")
    if number is not None and number & 0o002 and path.labels & v.WALKED:
        flow.report("privilege", "block", called.line, "every file below a home or the system is made writable for all")
    if path.key in flow.dropped:
        flow.ran.setdefault(path.key, called.line)
    return None
