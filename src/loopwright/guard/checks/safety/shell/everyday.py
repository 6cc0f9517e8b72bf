"""Everyday shell commands: files removed, moved, copied and found, directories, variables, digests."""

from __future__ import annotations

import re
from collections.abc import Callable

from loopwright.core.expression import expression
from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.names import each
from loopwright.guard.checks.safety.shell import files as shell_files
from loopwright.guard.checks.safety.shell.shell import Command, Shell
from loopwright.guard.checks.safety.shell.words import arguments, program_name


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
    if symbolic:
        for path in paths[:-1]:
            if places.is_secret(path.text):
                shell.content(path, command.line)
    if not symbolic and any(p.text in ("/dev/zero", "/dev/urandom", "/dev/random") for p in paths[:-1]):
        why = f"{paths[-1].text[:80]} is filled until the disk is full; `head -c 10M` of it is fine"
        shell.report("resources", "block", command.line, why)
    for word in paths[:-1]:
        if places.is_secret(word.text) and not symbolic:
            shell_files.read_file(shell, word, command.line, "copied")
    target = paths[-1]
    if places.is_startup(target.text) or (
        places.is_system(target.text) and not re.match(r"^/(?:usr/)?s?bin/|^/lib(?!\S*/security/)", target.text)
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
    if "(" not in tests and "\\(" not in tests:  # what is done belongs to the last alternative
        names = re.split(r"\s-(?:o|or)\s", f" {names}")[-1]
    narrow = (
        re.search(
            r"-i?(?:name|path|regex)\s+(?!\*(?:\s|$))\S|-mtime (?!\+?0\b)|-newer|-empty|-size|-user|-perm"
            r"|-maxdepth 1\b|-[amc]min",
            names,
        )
        is not None
    )
    if any(r.text == "/" for r in roots) and re.search(r"-perm\s+[-/]?(?:[246]000|u=s|g=s|u\+s|\+s)", " ".join(tests)):
        why = (
            "programs that run with their owner's rights are looked for on the whole machine, as is done to take root's"
        )
        shell.report("privilege", "block", command.line, f"{why}; no task in a project needs that")
    here = shell.names["PWD"].text
    named = [here if r.text in (".", "./", "*") and places.HOLE not in here else r.text for r in roots]
    doomed = any(places.is_doomed(name.rstrip("/") or "/") for name in named if name)
    made = Value(None, "", v.WALKED if doomed and (not narrow or _by_name_alone(named, names)) else 0)
    if doomed and re.search(
        r"id_rsa|id_ed25519|\bid_\*|\.pem|\.key\b|shadow|credentials|wallet|\.aws|\.ssh|passw|\.env\b|\.kdbx|token|secret",
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
            if made.labels & v.WALKED and words and program_name(words[0].text) in ("cp", "rsync", "install"):
                why = f"everything below {roots[0].text if roots else 'the root'} is copied; name the directories"
                shell.report("resources", "block", command.line, why)
            if inner.words:
                made.labels |= shell.execute(inner).labels & v.REMOTE
    return made


#: What is left behind everywhere and missed by nobody.
_LITTER = expression(
    r"pyc|pyo|__pycache__|DS_Store|Thumbs|\.sw[op]|~|\.tmp|\.bak|\.orig|\.rej|node_modules|cache|core|\.log|\.o\b"
)
#: Tests of `find` that tell what is old, empty or large from the rest.
_TELLING = expression(r"-(?:[amc](?:time|min)|newer\w*|size|empty|maxdepth|user|perm|path|i?regex|uid|links|inum)\b")


def _by_name_alone(roots: list[str], tests: str) -> bool:
    """True for `find / -name '*.db'`: files of a whole machine or home, told by their names alone."""
    whole = any((root.rstrip("/") or "/") in ("/", "~", "/home", "/etc", "/usr", "/var", "/root") for root in roots)
    return whole and not _TELLING.search(tests) and not _LITTER.search(tests)


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
        shell.names["@"] = arguments(given)
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
    """`read NAME`: the variable holds what is piped in, or what a person types."""
    asked = command.stdin.const is None and not command.stdin.labels and not shell.in_function
    for word in command.words[1:]:
        if word.text.isidentifier():
            shell.names[word.text] = Value(places.HOLE, "", v.INPUT if asked else command.stdin.labels)
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


HANDLERS: dict[str, Callable[[Shell, Command], Value | None]] = {
    **each(remove, "rm unlink shred srm wipe"),
    **each(nothing, "rmdir"),
    **each(change_directory, "cd"),
    **each(set_words, "set"),
    **each(alias, "alias"),
    **each(locate, "locate plocate"),
    **each(read_variable, "read"),
    **each(who, "hostname whoami pwd"),
    **each(move, "mv"),
    **each(copy, "cp ln install"),
    **each(tee, "tee"),
    **each(find, "find"),
    **each(check_digest, "sha256sum shasum sha512sum md5sum sha1sum gpg gpgv cosign minisign"),
}
