"""What shell commands print: constants are followed through `echo`, `base64 -d`, `rev`; origins through filters."""

from __future__ import annotations

import re
from collections.abc import Callable

from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.calls import costs
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.names import each
from loopwright.guard.checks.safety.patterns import is_exponential
from loopwright.guard.checks.safety.shell.shell import Command, Shell


def echo(shell: Shell, command: Command) -> Value:
    product = 1
    for low, high in re.findall(r"\{(\d{1,12})\.\.(\d{1,12})\}", " ".join(w.text for w in command.words)):
        product *= abs(int(high) - int(low)) + 1
    if product >= 10**8:
        shell.report(
            "resources",
            "block",
            command.line,
            f"the braces stand for {product:.0e} words, which are all held in memory; a loop over `seq` is fine",
        )
    words = [w for w in command.words[1:] if w.text not in ("-n", "-e", "-ne", "-en")]
    parts = [x for i, w in enumerate(words) for x in ((Value(" "), w) if i else (w,))]
    made = v.concatenate(parts) if parts else Value("")
    made.const = made.text or (places.HOLE if words else "")
    if any("e" in w.text for w in command.words[1:2] if w.text.startswith("-")) and re.search(
        r"\\x[0-9a-f]{2}|\\0[0-7]{2}", made.text
    ):
        return _unescaped(made)
    return made


def printf(shell: Shell, command: Command) -> Value:
    if len(command.words) < 2:
        return Value("")
    if command.words[1].text == "--" and len(command.words) > 2:
        command.words = [command.words[0], *command.words[2:]]
    template = command.words[1]
    made = _unescaped(template) if "\\" in template.text else Value(template.const, "", template.labels)
    if f"\\{places.HOLE}" in template.text:  # `printf "\\$octal"`
        return Value(places.HOLE, "", template.labels | v.DECODED)
    if "%" in template.text and len(command.words) > 2:
        given = Value()
        given.items = command.words[2:]
        filled = v.operate("%", Value(made.text), given)
        filled.labels |= made.labels | v.join(command.words).labels
        return filled
    made.labels |= v.join(command.words).labels
    return made


def _unescaped(value: Value) -> Value:
    hidden = len(re.findall(r"\\x[0-9a-fA-F]{2}|\\0?[0-7]{3}", value.text)) >= 2
    try:
        text = (
            value.text.encode("latin-1", "ignore").decode("unicode_escape", "ignore")
            if "\\" in value.text
            else value.text
        )
    except UnicodeError:
        text = value.text
    return Value(text, "", value.labels | (v.DECODED if hidden else 0))


def read(shell: Shell, command: Command) -> Value:
    """`cat`, `head`, `strings` …: files or what is piped in."""
    name = command.argv[0].rsplit("/", 1)[-1]
    rest = command.words[1:]
    numbers = any(re.match(r"^-(?:c|n)", w.text) for w in rest)
    files = [
        w
        for i, w in enumerate(rest)
        if not w.text.startswith("-") and not (i and rest[i - 1].text in ("-n", "-c", "--lines", "--bytes"))
    ]
    if name == "grep" and files:
        files = files[1:]
    values = [shell.content(f, command.line) for f in files]
    for word in files:
        if word.labels & v.SECRET and (word.ref == "" or word.text == places.HOLE):
            shell.report(
                "privilege",
                "block",
                command.line,
                "files that hold keys are looked for and read; read the one file that the task needs",
            )
    if not values:
        ref = "" if name == "head" else command.stdin.ref
        return Value(command.stdin.const if name == "cat" else None, ref, command.stdin.labels)
    made = v.join(values)
    endless = any(x.ref == "endless" for x in values)
    if name == "tail" and "/dev/null" in command.argv and not command.limited and not command.background:
        follows = any(re.match(r"^-\w*[fF]|^--follow", w.text) for w in rest)
        follows = follows and not any(w.text.startswith("--pid") for w in rest)
        if follows:
            shell.report("time", "block", command.line, "this waits for ever; wait for an event, or with `timeout 60`")
    if endless and name == "tail":
        shell.report("resources", "block", command.line, "tail keeps an endless line in memory; `head -c 10M` is fine")
    made.ref = "endless" if endless and not (numbers and name == "head") else ""
    return made


_DEVICES = frozenset({"/dev/zero", "/dev/urandom", "/dev/random"})


def filtered(shell: Shell, command: Command) -> Value:
    """Filters: what comes out is made of what goes in, and of the files named."""
    hidden = v.FILTERED if command.stdin.text and places.HOLE not in command.stdin.text else 0
    if command.argv[0].rsplit("/", 1)[-1] == "pv" and any(w.text in _DEVICES for w in command.words[1:]):
        command.stdin = Value(None, "endless")
    if command.argv[0].rsplit("/", 1)[-1] == "sed":
        _in_place(shell, command)
    return Value(None, command.stdin.ref, command.stdin.labels | hidden | read_along(shell, command.words[1:], command))


def read_along(shell: Shell, words: list[Value], command: Command) -> int:
    """Return the origins of the files that are named among a filter's words."""
    files = [w for w in words if re.match(r"^(?:~|\.{0,2}/)|.*/", w.text) and not w.text.startswith("-")]
    files += [w for w in words if w.text.rsplit("/", 1)[-1] in shell.dropped and w not in files]
    given = v.join([shell.content(f, command.line) for f in files if not re.search(r"[{}()$^|]", f.text)])
    return given.labels & (v.SECRET | v.PRIVATE | v.REMOTE)


def _in_place(shell: Shell, command: Command) -> None:
    """`sed -i`: the files named are written."""
    if any(re.match(r"^-[a-zA-Z]*i|^--in-place", a) for a in command.argv[1:]):
        for word in command.words[2:]:
            if places.is_system(word.text) or places.is_startup(word.text):
                shell.write(word, Value(), command.line, command)


def consumed(shell: Shell, command: Command) -> Value:
    """Programs that read all there is: of what never ends they never end."""
    given = [shell.content(w, command.line) for w in command.words[1:] if not w.text.startswith("-")]
    if command.stdin.ref == "endless" or any(g.ref == "endless" for g in given):
        never_ends(shell, command)
    return Value(None, "", command.stdin.labels)


def never_ends(shell: Shell, command: Command) -> None:
    """Report a program that reads all of what never ends."""
    shell.report(
        "time", "block", command.line, f"`{command.argv[0]}` reads data that never ends; `head -c 10M` of it is fine"
    )


def search(shell: Shell, command: Command) -> Value:
    """`grep`: of the environment a part; of a home the keys."""
    argv = command.argv
    words = [w for w in command.words[1:] if not w.text.startswith("-")]
    deep = any(re.match(r"^-[a-zA-Z]*[rR]|^--recursive", a) for a in argv[1:]) or argv[0].endswith("rg")
    pattern = words[0].text if words else ""
    keys = re.search(r"(?i)AKIA|secret_access|PRIVATE KEY|passw|aws_|token|credential|mnemonic|seed phrase", pattern)
    if deep and keys and any(places.is_doomed(w.text) for w in words[1:]):
        shell.report(
            "privilege",
            "block",
            command.line,
            "homes or the whole machine are searched for keys and passwords; search the project",
        )
    if any(re.match(r"^-\w*P|^--perl-regexp|^--pcre2", a) for a in argv[1:]) and is_exponential(pattern):
        why = "this expression takes exponential time on text that does not match; `a+` instead of `(a+)+` is fine"
        shell.report("time", "block", command.line, why)
    values = [shell.content(path, command.line) for path in words[1:]]
    quits = any(re.match(r"^-[a-zA-Z]*[qm]|^--(?:quiet|max-count)", a) for a in argv[1:])
    if not quits and any(x.ref == "endless" for x in (*values, command.stdin)):
        never_ends(shell, command)
    labels = command.stdin.labels
    if labels & v.ENVIRON and not re.search(r"(?i)token|key|secret|pass|aws|cred", pattern):
        labels &= ~v.ENVIRON
    return Value(None, "", labels)


def base64(shell: Shell, command: Command) -> Value:
    decoding = any(re.match(r"^-[a-zA-Z]*[dD]|^--decode", a) for a in command.argv[1:])
    files = [w for w in command.words[1:] if not w.text.startswith("-") and not w.text.isdecimal()]
    source = shell.content(files[0], command.line) if files else command.stdin
    if not decoding:
        return Value(None, source.ref if source.ref == "endless" else "", source.labels)
    return v.decode("base64", Value(re.sub(r"\s", "", source.text) or None, "", source.labels))


def hexadecimal(shell: Shell, command: Command) -> Value:
    if any(re.match(r"^-[a-zA-Z]*r|^-revert", a) for a in command.argv[1:]):
        return v.decode("hex", Value(re.sub(r"\s", "", command.stdin.text) or None, "", command.stdin.labels))
    files = [w for w in command.words[1:] if not w.text.startswith("-")]
    return shell.content(files[0], command.line) if files else Value(None, "", command.stdin.labels)


def reverse(shell: Shell, command: Command) -> Value:
    text = command.stdin.text
    return Value(
        "\n".join(x[::-1] for x in text.split("\n")) if text else None,
        command.stdin.ref,
        command.stdin.labels | v.DECODED,
    )


def translate(shell: Shell, command: Command) -> Value:
    """`tr`: of a constant, the letters exchanged."""
    text, sets = command.stdin.text, [_letters(a) for a in command.argv[1:] if not a.startswith("-")]
    if text and len(sets) == 2 and len(sets[0]) > 3 and len(sets[0]) == len(sets[1]):
        return Value(text.translate(str.maketrans(sets[0], sets[1])), "", command.stdin.labels | v.DECODED)
    shifted = len(sets) == 2 and len(sets[0]) > 12 and sets[0] != sets[1] and sets[0].lower() != sets[1].lower()
    return Value(None, command.stdin.ref, command.stdin.labels | (v.DECODED if shifted else 0))


def _letters(text: str) -> str:
    """Return the letters that a range of `tr` stands for."""
    return re.sub(
        r"([a-zA-Z0-9])-([a-zA-Z0-9])", lambda m: "".join(map(chr, range(ord(m[1]), ord(m[2]) + 1))), text[:200]
    )


def openssl(shell: Shell, command: Command) -> Value:
    argv = command.argv
    if command.stdin.ref == "shell" and "s_client" in argv:
        shell.report(
            "syntax",
            "block",
            command.line,
            "a shell's output goes over the network and its input comes from there (a reverse shell)",
        )
    bare = argv[-1:] if argv[1:2] in (["dhparam"], ["genrsa"]) else []
    bits = max((int(m[1]) for a in argv if (m := re.fullmatch(r"(?:rsa|\w+_bits):(\d{1,9})", a))), default=0)
    bits = max(bits, *(int(a) for a in bare if re.fullmatch(r"\d{1,9}", a)), 0)
    if bits >= costs.LONGEST_KEY:
        shell.report("time", "block", command.line, costs.long_key(bits))
    if "rand" in argv[1:2] and argv[-1].isdecimal() and int(argv[-1]) >= shell.config.disk:
        shell.report(
            "resources", "block", command.line, f"{int(argv[-1]) / 2**30:,.0f} GiB are made; up to 64 GiB is fine"
        )
    for option, word in zip(argv, command.words[1:], strict=False):
        if option == "-in":
            command.stdin = shell.content(word, command.line)
    decoding = ("enc" in argv[1:2] or "base64" in argv[1:2] or "aes-256-cbc" in argv[1:2]) and "-d" in argv
    return Value(
        None, "", command.stdin.labels | (v.DECODED if decoding else 0) | (v.REMOTE if "s_client" in argv else 0)
    )


def unpack(shell: Shell, command: Command) -> Value:
    """`gunzip`, `xz -d`, `zcat`: piped in it may hide code; the origin stays."""
    if command.stdin.ref == "endless" and not command.argv[0].startswith("gunzip"):
        consumed(shell, command)
    hidden = v.DECODED if command.stdin.labels & v.FILE else 0
    return Value(None, command.stdin.ref, command.stdin.labels | hidden)


def environment(shell: Shell, command: Command) -> Value:
    if len(command.words) > 1 and command.argv[0].endswith("printenv"):
        return Value()
    return Value(None, "", v.ENVIRON)


def temporary(shell: Shell, command: Command) -> Value:
    """`mktemp`: never empty."""
    return Value(f"./{places.HOLE}", "guarded")


def settings(shell: Shell, command: Command) -> Value:
    return Value(None, "", v.ENVIRON if len(command.words) == 1 else 0)


Stream = Callable[[Shell, Command], Value]
STREAMS: dict[str, Stream] = {
    "echo": echo, "printf": printf, "base64": base64, "base32": base64, "xxd": hexadecimal, "od": hexadecimal,
    "hexdump": hexadecimal, "rev": reverse, "tr": translate, "openssl": openssl,
    "mktemp": temporary, "printenv": environment, "env": environment, "set": settings, "export": settings,
    "declare": settings, "grep": search, "egrep": search, "fgrep": search, "rg": search, "ack": search,
    **each(read, "cat tac head tail less more strings nl bat view zcat bzcat xzcat"),
    **each(consumed, "md5sum sha1sum sha224sum sha256sum sha384sum sha512sum cksum b2sum sum wc sort shuf"),
    **each(unpack, "gunzip gzip bunzip2 bzip2 xz unxz zstd lz4 uudecode"),
    **each(
        filtered,
        "sed cut uniq jq yq column paste fold fmt iconv perl-filter pv buffer ts sponge dos2unix ",
        "unix2dos expand",
    ),
}  # fmt: skip
