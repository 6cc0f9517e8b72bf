"""Shell commands that fill disks and memory, take all of the processor, or write to disks directly."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.installs import judge_install
from loopwright.guard.checks.safety.names import each
from loopwright.guard.checks.safety.shell.files import judge_write

if TYPE_CHECKING:
    from loopwright.guard.checks.safety.shell.shell import Command, Shell

_UNITS = {
    "": 1,
    "c": 1,
    "w": 2,
    "b": 512,
    "k": 1 << 10,
    "m": 1 << 20,
    "g": 1 << 30,
    "t": 1 << 40,
    "p": 1 << 50,
    "e": 1 << 60,
}


def size_of(text: str) -> int:
    """Return a size as written for dd, head and truncate, in bytes; 0 where it is none."""
    found = re.match(r"^[+]?(\d{1,18})([cwbkmgtpe]?)(?:i?b)?$", text.strip().lower())
    return int(found[1]) * _UNITS[found[2]] if found else 0


def _judge_size(shell: Shell, size: int, line: int) -> None:
    if size >= shell.config.disk:
        shell.report(
            "resources",
            "block",
            line,
            f"about {size / 2**30:,.0f} GiB are written; up to {shell.config.disk / 2**30:,.0f} GiB is fine",
        )


def convert(shell: Shell, command: Command) -> Value | None:
    """`dd if= of= bs= count=`."""
    options = dict(a.split("=", 1) for a in command.argv[1:] if "=" in a)
    target = options.get("of", "")
    if places.is_device(target) or places.is_system(target) or places.is_startup(target):
        judge_write(shell, Value(target), Value(), command.line)
    endless = (command.stdin.ref == "endless" and "if" not in options) or options.get("if", "") in (
        "/dev/zero",
        "/dev/urandom",
        "/dev/random",
    )
    block = size_of(options.get("bs", "512")) or 512
    if endless and "count" not in options and target != "/dev/null":
        shell.report(
            "resources",
            "block",
            command.line,
            f"{target or 'the output'} is filled until the disk is full; give a count",
        )
    elif endless and "count" not in options:
        shell.report("time", "block", command.line, "data without end is read; give a count")
    elif endless and block >= 4 * shell.config.memory:
        why = f"one block of {block / 2**30:,.0f} GiB is held in memory; `bs=1M` is fine"
        shell.report("resources", "block", command.line, why)
    elif endless:
        _judge_size(shell, block * (size_of(options.get("count", "0")) or 0) * shell.turns, command.line)
    if places.is_secret(options.get("if", "")):
        shell.content(Value(options["if"]), command.line)
    return Value(None, "endless" if endless and "count" not in options and not target else "")


def allocate(shell: Shell, command: Command) -> Value | None:
    """`fallocate -l SIZE`, `truncate -s SIZE`, `head -c SIZE`, `mkfile SIZE`."""
    for word in command.argv[1:]:
        _judge_size(shell, size_of(re.sub(r"^(?:-[lsc]|--(?:length|size)=)", "", word)), command.line)
    for path in command.words[1:]:
        if places.is_device(path.text) or (places.is_startup(path.text) or places.is_system(path.text)):
            judge_write(shell, path, Value(), command.line)
    return Value()


def head(shell: Shell, command: Command) -> Value | None:
    for previous, word in zip(command.argv[1:], command.argv[2:], strict=False):
        if previous in ("-c", "--bytes"):
            _judge_size(shell, size_of(word), command.line)
    return None


def yes(shell: Shell, command: Command) -> Value | None:
    for target in command.writes:
        judge_write(shell, target, Value(None, "endless"), command.line)
    return Value(None, "endless")


def make_filesystem(shell: Shell, command: Command) -> Value | None:
    devices = [a for a in command.argv[1:] if a.startswith("/dev/")]
    if devices:
        shell.report(
            "syntax",
            "block",
            command.line,
            f"the disk {devices[-1]} is overwritten; an image file in the project is fine",
        )
    return None


def power(shell: Shell, command: Command) -> Value | None:
    shell.report("privilege", "block", command.line, f"`{' '.join(command.argv)[:60]}` stops the machine")
    return None


def stress(shell: Shell, command: Command) -> Value | None:
    line = " ".join(command.argv[1:])
    if re.search(r"(?:timeout|-t)[ =]?0\b|100%|\b\d{2,}[gGtT]\b", line) or not re.search(r"timeout|-t\b", line):
        shell.report(
            "resources",
            "block",
            command.line,
            "the machine is loaded without a limit; give a timeout and a part of the memory",
        )
    return None


def sleep(shell: Shell, command: Command) -> Value | None:
    """`sleep SECONDS`; `exec sleep infinity` keeps a container alive, which is fine."""
    if not command.limited and not command.background and any(a in ("infinity", "inf") for a in command.argv[1:]):
        shell.report("time", "block", command.line, "this waits for ever; wait for an event, or with `timeout 60`")
    for word in command.argv[1:]:
        found = re.match(r"^(\d+)(?:\.\d+)?([smhd]?)$", word)
        turns = shell.turning
        if found and turns > 1 and turns * _seconds(found) >= 14 * 86400:
            why = f"{turns:,} waits of {word} take {turns * _seconds(found) // 86400:,} days; fewer are fine"
            shell.report("time", "block", command.line, why)
        if (
            found
            and int(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}[found[2]]
            >= (7 if shell.looping else 1) * 86400
        ):
            shell.report(
                "time", "block", command.line, f"`sleep {word}` takes a day or more; wait for an event instead"
            )
    return Value()


def _seconds(found: re.Match[str]) -> int:
    return int(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}[found[2]]


def install_file(shell: Shell, command: Command) -> Value | None:
    """`dpkg -i FILE`, `pip install FILE`: a package from an address that nobody vouches for."""
    for word in command.argv[1:]:
        name = word.rsplit("/", 1)[-1]
        if name in shell.dropped and not shell.checked:
            bare = name in shell.bare
            shell.report(
                "imports",
                "block" if bare else "ask",
                command.line,
                f"{name} comes from the network and is installed; compare its digest first (`sha256sum -c`)",
            )
    return None


def install(shell: Shell, command: Command) -> Value | None:
    """Package managers."""
    install_file(shell, command)
    if any(w.labels & v.REMOTE for w in command.words[1:]):
        shell.report(
            "imports", "block", command.line, "what is installed is named by the network; name packages and versions"
        )
    judge_install(shell, [command.argv[0].rsplit("/", 1)[-1], *command.argv[1:]], command.line)
    return None


def kill(shell: Shell, command: Command) -> Value | None:
    if "-1" in command.argv[2:] or re.search(r"-9 -1\b", " ".join(command.argv)):
        shell.report("privilege", "block", command.line, "every process of the user is killed; name the one to end")
    return Value()


def sequence(shell: Shell, command: Command) -> Value | None:
    """`seq 1 N`: so many lines."""
    given = [a for a in command.argv[1:] if re.fullmatch(r"-?[\d.]+(?:e\d+)?|inf(?:inity)?", a)]
    if any(a.startswith("inf") for a in given):
        return Value(None, "endless")
    bounds = [int(a) for a in given if re.fullmatch(r"\d{1,18}", a)]
    if not bounds or len(bounds) != len(given):
        return None
    made = Value()
    step = bounds[1] if len(bounds) == 3 else 1
    made.length = max(0, bounds[-1] - (bounds[0] if len(bounds) > 1 else 0)) // max(1, step)
    made.size = made.length * (len(str(bounds[-1])) + 1)
    if made.length >= 10**10:
        shell.report("time", "block", command.line, f"about {made.length:.0e} numbers are printed; 1e+09 are fine")
    return made


HANDLERS = {
    "seq": sequence,
    "dpkg": install_file, "rpm": install_file, "dd": convert, "fallocate": allocate, "truncate": allocate,
    "mkfile": allocate, "head": head, "yes": yes,
    "kill": kill, "sleep": sleep,
    **each(
        make_filesystem,
        "mkfs mkfs.ext4 mkfs.ext3 mkfs.ext2 mkfs.xfs mkfs.btrfs mkfs.vfat mkswap wipefs fdisk parted ",
        "sgdisk sfdisk blkdiscard hdparm cryptsetup",
    ),
    **each(power, "shutdown reboot halt poweroff"),
    **each(stress, "stress stress-ng"),
    **each(
        install,
        "pip pip3 pip2 pipx npm pnpm yarn uv poetry pdm gem apt apt-get yum dnf cargo go conda ",
        "easy_install bun",
    ),
}  # fmt: skip
