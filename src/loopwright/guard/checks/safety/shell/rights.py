"""Shell commands that take rights: root, setuid, accounts, containers, kernel, schedules, other processes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from loopwright.core.expression import expression
from loopwright.core.rules import Level
from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.names import each
from loopwright.guard.checks.safety.shell.containers import cluster, container, mount, namespaces
from loopwright.guard.checks.safety.shell.network import kept_elsewhere, known_installer

if TYPE_CHECKING:
    from loopwright.guard.checks.safety.shell.shell import Command, Shell

_SHELLS = expression(
    r"(?:^|/)(?:(?:ba|z|da|k|a|fi)?sh|su|visudo|vi|vim|nano|less|more|man|passwd|python\d?|perl|ruby|node)$"
)


def judge_sudo(shell: Shell, command: Command, inner: Command) -> None:
    """sudo itself asks a person; a shell as root, or a password given to it, blocks."""
    argv = command.argv
    options = [a for a in argv[1 : len(argv) - len(inner.words)] if a.startswith("-")]
    name = inner.argv[0] if inner.words else ""
    if any(re.match(r"^-[a-zA-Z]*S|^--stdin|^-[a-zA-Z]*[si]$|^--(?:login|shell)|^-A|--askpass", o) for o in options):
        shell.report(
            "privilege",
            "block",
            command.line,
            "sudo is given a password or opens a shell as root; do without root, or let a person run the one command",
        )
    elif name and re.search(r"/bin/(?:ba|da|z)?sh\b|:!|system\(|--checkpoint-action", " ".join(inner.argv[1:])):
        shell.report("privilege", "block", command.line, f"`sudo {name}` is made to start a shell as root")
    elif known_installer(command.stdin.ref) or (name.endswith("visudo") and "-c" in inner.argv):
        shell.report("privilege", "ask", command.line, f"`sudo {name}` runs as root")
    elif _SHELLS.search(name) and not ("-u" in options and "root" not in argv[:3]):
        shell.report(
            "privilege",
            "block",
            command.line,
            f"`{name}` runs as root and can do anything; do without root, or let a person run the one command",
        )
    else:
        shell.report("privilege", "ask", command.line, f"`sudo {name}` runs as root")


def switch_user(shell: Shell, command: Command) -> Value | None:
    """`su`, `pkexec`, `runuser`."""
    argv = command.argv
    valued = {i + 1 for i, a in enumerate(argv) if re.match(r"^-\w*[csgGwu]$|^--(?:command|shell|group|user)$", a)}
    other = [a for i, a in enumerate(argv) if i and not a.startswith("-") and i not in valued]
    if argv[0].endswith("pkexec") or not other or other[0] == "root":
        shell.report(
            "privilege",
            "block",
            command.line,
            f"`{' '.join(argv)[:60]}` becomes root; do without root, or let a person run the one command",
        )
    return None


def change_mode(shell: Shell, command: Command) -> Value | None:
    """`chmod`: setuid, modes of system files, the whole tree."""
    operands = [w for w in command.words[1:] if not re.match(r"^-(?:[RvfcHLP]+$|-)", w.text)]
    deep = any(re.match(r"^-[a-zA-Z]*R|^--recursive", a) for a in command.argv[1:])
    mode = operands[0].text if operands else ""
    for path in operands[1:]:
        if places.sets_id(mode) and not mode.startswith("g+s") and not re.match(r"^0?2\d{3}$", mode):
            shell.report(
                "privilege",
                "block",
                command.line,
                f"{path.text[:80]} is made to run with its owner's rights (setuid); modes up to 755 are fine",
            )
        if deep and places.is_doomed(path.text):
            shell.report(
                "syntax",
                "block",
                command.line,
                f"the modes of everything below {path.text} are changed; name a directory of the project",
            )
        if re.search(r"[2367]$|o\+\S*w|a\+\S*w|^\+w", mode) and (
            path.text.startswith("/etc/") or places.is_system(path.text)
        ):
            shell.report("privilege", "block", command.line, f"{path.text[:80]} is made writable for everybody")
    return None


def change_owner(shell: Shell, command: Command) -> Value | None:
    deep = any(re.match(r"^-[a-zA-Z]*R|^--recursive", a) for a in command.argv[1:])
    operands = [w for w in command.words[1:] if not w.text.startswith("-")]
    for path in operands[1:]:
        if (
            deep
            and places.is_doomed(path.text)
            and not re.match(r"^/(?:home/[^/]+|srv|opt|var/www|var/lib)\b", path.text)
        ):
            shell.report(
                "syntax",
                "block",
                command.line,
                f"the owner of everything below {path.text} is changed; name a directory of the project",
            )
    return None


def account(shell: Shell, command: Command) -> Value | None:
    """`useradd`, `usermod`, `passwd`, `gpasswd`: root's rights for a user."""
    line = " ".join(command.argv[1:])
    if command.argv[0].rsplit("/", 1)[-1] == "chpasswd":
        shell.report("privilege", "block", command.line, "passwords of the machine's users are set; a person does that")
    if re.search(r"(?:^|\s)-(?:[a-zA-Z]*u|-uid)[ =]?0\b|-o\b.*-u\s*0", line) or re.search(
        r"\b(?:sudo|wheel|root|admin)\b", line
    ):
        shell.report(
            "privilege",
            "block",
            command.line,
            f"`{command.argv[0]} {line[:60]}` gives root's rights to a user; a person does that",
        )
    return None


def always(reason: str) -> Callable[[Shell, Command], Value | None]:
    """Return a judge that always blocks, with this reason."""

    def judge(shell: Shell, command: Command) -> Value | None:
        if any(a in ("-c", "-n", "-v", "--dry-run", "--show-depends", "--check") for a in command.argv[1:]):
            return None  # it only looks
        shell.report("privilege", "block", command.line, f"`{' '.join(command.argv)[:80]}` {reason}")
        return None

    return judge


def schedule(shell: Shell, command: Command) -> Value | None:
    """`crontab -`, `crontab FILE`, `at`: something runs later without anybody."""
    argv = command.argv
    if "-l" in argv:
        return Value(None, "", v.OUTPUT)
    if argv[0].rsplit("/", 1)[-1] == "crontab" and "-r" in argv:
        shell.report(
            "syntax", "block", command.line, "all scheduled commands of the user are removed; edit the one line"
        )
    elif "-e" in argv and not {"EDITOR", "VISUAL"} & (command.env.keys() | shell.names.keys()):
        shell.report("privilege", "ask", command.line, "the schedule is opened in an editor, for a person to change")
    elif len(argv) > 1 or command.stdin.const is not None or command.stdin.labels:
        shell.report(
            "privilege",
            "block",
            command.line,
            f"`{' '.join(argv)[:40]}` makes something run later by itself; run it now, or let a person schedule it",
        )
    return None


def access(shell: Shell, command: Command) -> Value | None:
    """`setfacl`: rights to files of the system."""
    for word in command.words[1:]:
        if places.is_system(word.text) or places.is_secret(word.text):
            why = f"rights to {word.text[:80]} are changed; files of the project are fine"
            shell.report("privilege", "block", command.line, why)
    return None


def services(shell: Shell, command: Command) -> Value | None:
    """`systemctl`, `service`: the machine's defences."""
    line = " ".join(command.argv[1:])
    if re.search(r"\b(?:stop|disable|mask|kill)\b", line) and re.search(
        (
            r"auditd|apparmor|selinux|firewalld|ufw|iptables|fail2ban|falco|crowdstrike|falcon-sensor|"
            r"clamav|rsyslog|syslog|osquery|wazuh|aliyun|sentinel"
        ),
        line,
    ):
        shell.report("privilege", "block", command.line, f"`{line[:60]}` turns off what protects the machine")
    return None


def defences(shell: Shell, command: Command) -> Value | None:
    line = " ".join(command.argv)
    if re.search(
        (
            r"setenforce\s+0|iptables\s+(?:-F|--flush|-P\s+\w+\s+ACCEPT)|ufw\s+disable|nft\s+flush|"
            r"auditctl\s+-[De]|aa-disable|aa-teardown|sysctl\s+.*kernel\.[\w.]+\s*=|"
            r"ulimit\s+-c\s+unlimited.*suid"
        ),
        line,
    ):
        shell.report("privilege", "block", command.line, f"`{line[:60]}` turns off what protects the machine")
    return None


def debugger(shell: Shell, command: Command) -> Value | None:
    """`gdb -p`, `gcore`: other processes."""
    argv = command.argv
    if re.search(r"(?:^|\s)(?:-p|--pid|attach)[ =]?\d*", " ".join(argv[1:])) or argv[0].endswith("gcore"):
        level: Level = "block" if re.search(r"call|-ex|system|\b1\b|gcore", " ".join(argv)) else "ask"
        shell.report(
            "privilege",
            level,
            command.line,
            f"`{' '.join(argv)[:60]}` looks into another process; start the program under the debugger instead",
        )
    return None


def history(shell: Shell, command: Command) -> Value | None:
    if any(a in ("-c", "-w") for a in command.argv[1:]):
        shell.report(
            "privilege",
            "block" if "-c" in command.argv else "warn",
            command.line,
            "the history of commands is cleared, which hides what was done",
        )
    return None


#: A push that replaces or removes a branch that others work on.
_FORCED = expression(
    r"push\b(?!.*--force-with-lease)(?:.*\s(?:--force|-f)\b.*\s\+?(?:\S+:)?|.*\s\+(?:\S+:)?|.*\s(?:--delete|-d)\s+|.*\s:)"
    r"(?:main|master|trunk|production|release)(?:\s|$)|push\b.*--mirror|push\b(?=.*\s(?:--force|-f)\b).*\s--all\b"
)
#: What takes a history apart before it is pushed.
_REWRITES = expression(
    r"--orphan\b|\bfilter-branch\b|\bfilter-repo\b|\breflog expire\b|\bupdate-ref -d\b|\brm -\w+ \.git\b"
)


def git(shell: Shell, command: Command) -> Value | None:
    """git settings that run programs, and downloads that are run."""
    line = " ".join(command.argv[1:])
    cloned = re.search(r"^clone\b.*?\s((?:https?|git)://\S+)", line)
    if cloned and (places.is_bare(cloned[1]) or places.is_drop(cloned[1])):
        shell.foreign = True
    text = (shell.root.text or b"").decode("utf-8", "replace") if shell.root is not None else ""
    if _FORCED.match(line) and (shell.within or _REWRITES.search(text)):
        why = "the history that others have is replaced or removed, and nobody is asked"
        shell.report("syntax", "block", command.line, f"{why}; `--force-with-lease` on a branch of one's own is fine")
    if re.match(r"push\b", line) and any(x & (v.ENVIRON | v.SECRET | v.PRIVATE) for x in shell.files.values()):
        why = "credentials or the environment were written to a file, and files are pushed"
        shell.report("privilege", "block", command.line, f"{why}; keep them out of the repository")
    setting = re.search(
        (
            r"\bconfig\b.*\b(core\.(?:hooksPath|fsmonitor|sshCommand|pager|editor|askPass)|alias\.\S+|"
            r"credential\.helper|filter\.\S+)\s+(\S.*)$"
        ),
        line,
    )
    own = setting is not None and re.match(r"alias\.\S+$", setting[1]) and re.match(r"!git\s[^;&|]*$", setting[2])
    if setting and not own and re.search(r"^!|/tmp|/dev/shm|curl|wget|\bnc\b|sh -c", setting[2]):
        shell.report(
            "privilege",
            "block",
            command.line,
            f"git is made to run {setting[2][:60]} by itself later; a hook of the project's own tools is fine",
        )
    return Value(None, "", v.OUTPUT | kept_elsewhere("git", command.argv))


HANDLERS = {
    **each(switch_user, "su pkexec runuser"),
    "chmod": change_mode, "chown": change_owner, "chgrp": change_owner, "mount": mount, "history": history,
    "git": git, "setpriv": namespaces,
    **each(account, "useradd usermod adduser gpasswd passwd chpasswd groupmod"),
    **each(always("changes the kernel; no task in a project needs that"), "insmod modprobe rmmod kexec depmod"),
    **each(always("takes rights over the machine; a person does that"), "visudo capsh chattr"),
    "setcap": always("gives a program root's rights in part; a person does that"),
    **each(container, "docker podman nerdctl ctr crictl lxc"),
    **each(namespaces, "nsenter unshare chroot"),
    **each(schedule, "crontab at batch"),
    **each(access, "setfacl"),
    **each(services, "systemctl service rc-service chkconfig"),
    **each(defences, "setenforce iptables ip6tables ufw nft auditctl sysctl aa-disable aa-teardown"),
    **each(debugger, "gdb gcore lldb reptyr"),
    **each(cluster, "kubectl oc helm"),
}  # fmt: skip
