"""Shell commands that send and fetch."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from loopwright.core.expression import expression
from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.installs import judge_library_file
from loopwright.guard.checks.safety.names import each
from loopwright.guard.checks.safety.shell import floods

if TYPE_CHECKING:
    from loopwright.guard.checks.safety.shell.shell import Command, Shell

_SENT = expression(
    r"^(?:-d|--data(?:-raw|-binary|-urlencode|-ascii)?|--json|-F|--form(?:-string)?|-T|--upload-file|"
    r"--post-data|--post-file|--body-data|--body-file|-b|--url-query|--referer|-e|-A|--user-agent)$"
)
_SENT_JOINED = expression(
    (
        r"^(--(?:data[\w-]*|json|form[\w-]*|upload-file|post-data|post-file|body-data|body-file|"
        r"url-query))=(.*)$|^(-[dFT])(.+)$"
    ),
    re.DOTALL,
)
_VALUED = expression(
    r"^(?:-[HoXuxmAewbcKYyzrECtPQU]|--(?:header|output|request|user|proxy|max-time|user-agent|retry|"
    r"connect-timeout|cacert|cert|key|write-out|cookie|resolve|retry-delay|output-document|"
    r"directory-prefix|timeout|tries|proto|proto-default|proto-redir|interface|unix-socket|ciphers|limit-rate))$"
)
#: Hosts whose installers their own documentation tells people to pipe into a shell: a person is asked.
_INSTALLERS = (
    "sh.rustup.rs", "astral.sh", "get.docker.com", "install.python-poetry.org", "deb.nodesource.com",
    "rpm.nodesource.com", "raw.githubusercontent.com/nvm-sh/", "raw.githubusercontent.com/Homebrew/",
    "raw.githubusercontent.com/helm/", "raw.githubusercontent.com/pyenv/", "bun.sh", "bun.com", "deno.land",
    "get.pnpm.io", "pyenv.run", "get.sdkman.io", "starship.rs", "mise.run", "bootstrap.pypa.io", "get.k3s.io",
    "cli.github.com", "ollama.com", "fnm.vercel.app", "get.helm.sh", "install.determinate.systems", "nixos.org",
    "raw.githubusercontent.com/ohmyzsh/", "raw.githubusercontent.com/golangci/", "sh.brew.sh", "uv.sh",
    "awscli.amazonaws.com", "sdk.cloud.google.com", "packages.microsoft.com", "apt.llvm.org",
    "raw.githubusercontent.com/rust-lang/", "yarnpkg.com", "raw.githubusercontent.com/aquasecurity/",
    "raw.githubusercontent.com/anchore/", "codecov.io",
)  # fmt: skip


def known_installer(ref: str) -> str:
    """Return the host of a download (`url:…`) whose project tells people to run it so, "" for any other."""
    found = re.match(r"^url:https://(.+)$", ref)
    if not found:
        return ""
    return next((h for h in _INSTALLERS if found[1].startswith(h)), "")


def fetch(shell: Shell, command: Command) -> Value | None:
    """`curl` and `wget`: what they send, where the answer goes."""
    sent, urls, output, standard = _read_words(command)
    target = next((u.text for u in urls if "://" in u.text), next((u.text for u in urls if u.text), ""))
    for url in urls:
        if places.is_metadata(url.text):
            shell.report(
                "privilege",
                "block",
                command.line,
                "the cloud's metadata service is asked, which gives out this machine's credentials",
            )
    if _crawls(command.argv):
        why = "whatever is linked from an address is loaded, without end; a depth, or a quota (-Q), is fine"
        shell.report("resources", "block", command.line, why)
    for word in [*sent, *urls]:
        _judge_sent(shell, command, word, target)
    made = Value(None, f"url:{target}" if target else "", v.REMOTE)
    if output:
        judge_library_file(shell, output, command.line, target)
        shell.dropped.setdefault(posixpath.basename(output), command.line)
        if places.is_bare(target) or places.is_drop(target):
            shell.bare.add(posixpath.basename(output))
        if not standard:
            return Value()
    return made


def _crawls(argv: list[str]) -> bool:
    """`wget -r -l inf`"""
    line = " ".join(argv[1:])
    deep = re.search(r"(?:^|\s)(?:-\w*l\s*(?:inf|0)|--level[= ](?:inf|0))(?:\s|$)", line)
    return argv[0].endswith("wget") and deep is not None and not re.search(r"\s(?:-\w*Q|--quota)", line)


def _read_words(command: Command) -> tuple[list[Value], list[Value], str, bool]:
    """Return the data sent, the addresses, the file the answer goes to, and whether it is printed."""
    wget = command.argv[0].rsplit("/", 1)[-1].startswith("wget")
    sent: list[Value] = []
    urls: list[Value] = []
    output, remote_name = "", wget
    words = command.words[1:]
    index = 0
    while index < len(words):
        word, text = words[index], words[index].text
        following = words[index + 1] if index + 1 < len(words) else Value()
        joined = _SENT_JOINED.match(text)
        if _SENT.match(text):
            sent.append(following)
            index += 1
        elif joined and not text.startswith("-dF"):
            sent.append(Value(joined[2] or joined[4], "", word.labels))
        elif wget and re.match(r"^-[a-zA-Z]*O-?$", text):
            output = following.text if not text.endswith("-") else "-"
            index += not text.endswith("-")
        elif (not wget and re.match(r"^-[a-zA-Z]*o$|^--output$", text)) or (wget and text == "--output-document"):
            output = following.text
            index += 1
        elif not wget and re.match(r"^-[a-zA-Z]*O[a-zA-Z]*$|^--remote-name", text):
            remote_name = True
        elif _VALUED.match(text) and not (wget and text in ("-b", "-c", "-r", "-x", "-m", "-H", "-E", "-K")):
            index += 1
        elif not text.startswith("-") and text != "":
            urls.append(word)
        index += 1
    if output in ("-", "/dev/stdout"):
        return sent, urls, "", True
    if not output and remote_name and urls:
        output = urls[-1].text.split("?")[0].rstrip("/")
    return sent, urls, output, not output


def _judge_sent(shell: Shell, command: Command, word: Value, target: str) -> None:
    text = word.text
    labels = word.labels
    file = re.search(r"(?:^|=|^\w+)[@<](.+)$", text)
    if file and file[1] != "-":
        labels |= _file_labels(shell, file[1].split(";")[0])
    elif file or text in ("-", "."):
        labels |= command.stdin.labels
    elif re.match(r"^(?:/|~|\./)", text) and places.is_private(text):
        labels |= v.PRIVATE
    report_sent(shell, labels, target, command.line)


def _file_labels(shell: Shell, path: str) -> int:
    if path in shell.files:
        return shell.files[path]
    return v.SECRET if places.is_secret(path) else v.PRIVATE if places.is_private(path) else v.FILE


def report_sent(shell: Shell, labels: int, target: str, line: int) -> None:
    what = ""
    if labels & v.SECRET:
        what = "a file of credentials"
    elif labels & v.ENVIRON:
        what = "the whole environment with its keys"
    elif labels & v.PRIVATE:
        what = "a file that holds credentials or accounts"
    elif (labels & v.HOST).bit_count() >= 2:
        what = "who and where this machine is"
    elif labels & v.TOKEN and (places.is_drop(target) or places.is_bare(target)):
        what = "a credential"
    elif labels & (v.FILE | v.OUTPUT | v.HOST) and places.is_drop(target):
        what = "a file or a command's output, to a place that anybody may read,"
    if what:
        shell.report(
            "privilege",
            "block",
            line,
            f"{what} is sent over the network; send single, named values that the task needs",
        )


def netcat(shell: Shell, command: Command) -> Value | None:
    """`nc`, `ncat`, `socat`, `telnet`."""
    argv = command.argv
    runs = (
        any(re.match(r"^-[a-zA-Z]*[ec]$|^--(?:sh-)?exec", a) for a in argv[1:])
        and argv[0].rsplit("/", 1)[-1] != "telnet"
    )
    shellish = re.search(r"(?:^|[\s:/\"'])(?:ba|z|da|k|a)?sh\b|cmd\.exe|powershell", " ".join(argv[1:]))
    if (runs and shellish) or re.search(r"(?i)\b(?:exec|system):", " ".join(argv[1:])):
        shell.report(
            "syntax",
            "block",
            command.line,
            "a shell is joined to a network connection (a reverse shell); sending a file is fine",
        )
    if command.stdin.ref == "shell":
        shell.report(
            "syntax",
            "block",
            command.line,
            "a shell's output goes over the network and its input comes from there (a reverse shell)",
        )
    report_sent(shell, command.stdin.labels, " ".join(argv), command.line)
    return Value(None, "", v.REMOTE)


def look_up(shell: Shell, command: Command) -> Value | None:
    """`dig`, `nslookup`: a name carries what it is made of to whoever answers for the domain."""
    for word in command.words[1:]:
        report_sent(shell, word.labels, "", command.line)
    return Value(None, "", v.REMOTE)


def transfer(shell: Shell, command: Command) -> Value | None:
    """`scp`, `rsync`, `sftp`, `ftp`, `rclone`, cloud copies."""
    words = [w for w in command.words[1:] if not w.text.startswith("-")]
    if any(a.startswith("--delete") for a in command.argv) and len(words) > 1 and places.is_doomed(words[-1].text):
        shell.report(
            "syntax", "block", command.line, f"everything in {words[-1].text} that is not in {words[0].text} is removed"
        )
    away = any(re.match(r"^[\w.@-]+:|^(?:s3|gs|ftp|rsync)://", w.text) for w in words[1:])
    skipped = {
        command.words[i + 1].text
        for i, w in enumerate(command.words[:-1])
        if w.text in ("-i", "-e", "-F", "-S", "-o", "-P")
    }
    for word in words[:-1]:
        if away and word.text not in skipped and places.is_private(word.text):
            report_sent(shell, v.PRIVATE, "", command.line)
    return Value()


def ping(shell: Shell, command: Command) -> Value | None:
    """`ping host`: it looks the host up, and may flood it."""
    floods.flood(shell, command)
    return look_up(shell, command)


def cloud_copy(shell: Shell, command: Command) -> Value | None:
    """`aws s3 cp`: as other transfers; anything else of the clouds' own programs prints."""
    whole = " ".join(command.argv[1:])
    floods.replicas(shell, f"{command.argv[0]} {whole}", command.line)
    if re.search(r"\bcp\b.*\s-$|^(?:storage )?cat\b|/dev/stdout", whole):
        return Value(None, "", v.OUTPUT | v.REMOTE)
    if any(a in ("cp", "sync", "mv", "upload", "rsync") for a in command.argv[1:5]):
        return transfer(shell, command)
    return Value(None, "", v.OUTPUT)


def mail(shell: Shell, command: Command) -> Value | None:
    report_sent(shell, command.stdin.labels, "", command.line)
    return Value()


def remote_shell(shell: Shell, command: Command) -> Value | None:
    """`ssh host command`: the other machine is not judged, what is piped to it is."""
    report_sent(shell, command.stdin.labels & (v.SECRET | v.ENVIRON), "", command.line)
    return Value(None, "", v.OUTPUT | v.REMOTE)


def archive(shell: Shell, command: Command) -> Value | None:
    """`tar`, `zip`: what is packed keeps its origin."""
    labels = command.stdin.labels & v.REMOTE
    creates = any(re.match(r"^-?[a-zA-Z]*c", a) for a in command.argv[1:4]) or "zip" in command.argv[0]
    source = command.stdin.ref.removeprefix("url:")
    if command.stdin.labels & v.REMOTE and (places.is_bare(source) or places.is_drop(source)):
        shell.foreign = True
    if command.stdin.labels & v.REMOTE and not creates:
        for option, word in zip(command.words, command.words[1:], strict=False):
            if re.match(r"-\w*C$|--directory$", option.text):
                judge_library_file(shell, f"{word.text.rstrip('/')}/", command.line, source)
    if any(re.match(r"--checkpoint-action=exec=|--to-command=(?:\S*/)?(?:ba|da|z)?sh\b", a) for a in command.argv):
        why = "tar is made to run a command, as is done to keep the rights it has; run the command itself"
        shell.report("syntax", "block", command.line, why)
    removes = "--remove-files" in command.argv or (command.argv[0].endswith("zip") and "-rm" in command.argv)
    for word in command.words[1:]:
        source = word.ref.removeprefix("url:")
        if word.labels & v.REMOTE and (places.is_bare(source) or places.is_drop(source)):
            shell.foreign = True
    for word in command.words[2:] if creates else ():
        labels |= _file_labels(shell, word.text.rstrip("/")) & ~v.FILE
        if places.is_secret(word.text.rstrip("/") + "/*") and not places.is_doomed(word.text):
            labels |= v.SECRET
        if word.text == "/" and not any(a.startswith(("--exclude", "-X", "--one-file")) for a in command.argv):
            why = "all of the machine is packed, what is written by that too; name the directories"
            shell.report("resources", "block", command.line, why)
        if places.is_secret(word.text):
            shell.report("privilege", "block", command.line, f"{word.text[:80]} holds credentials and is packed")
        if word.text.rstrip("/").endswith((".ssh", ".gnupg", ".aws")) and not labels & v.REMOTE:
            shell.report("privilege", "block", command.line, f"{word.text} holds credentials and is packed")
        if removes and places.is_doomed(word.text):
            shell.report("syntax", "block", command.line, f"{word.text} is packed and removed with all below it")
    return Value(None, "", labels)


#: Programs that print what is kept elsewhere, or was copied from there, and with which words.
_KEPT = {
    **each(expression(r""), "psql mysql mariadb smbclient pbpaste wl-paste etcdctl mosquitto_sub"),
    **each(expression(r"\b(?:h?get|[lrb]+pop|lrange|subscribe)\b", re.IGNORECASE), "redis-cli"),
    **each(expression(r"^get\b|\sget\s"), "kubectl oc consul"),
    **each(expression(r"(?:^|\s)-\w*o|--output"), "xclip xsel"),
    "gh": expression(r"^(?:gist view|api)\b"),
    "git": expression(r"^(?:show|cat-file)\b.*(?:\b(?:origin|upstream)/|FETCH_HEAD)|^archive\b.*--remote"),
}  # fmt: skip


def kept_elsewhere(name: str, argv: list[str]) -> int:
    """Return v.REMOTE for a command that prints what is kept elsewhere."""
    known = _KEPT.get(name)
    return v.REMOTE if known is not None and known.search(" ".join(["", *argv[1:]]).lstrip()) else 0


HANDLERS = {
    **each(
        fetch, "curl wget wget2 curlie aria2c axel fetch lwp-request lwp-download http https xh GET ftp lynx w3m elinks"
    ),
    **each(netcat, "nc ncat netcat socat telnet nc.traditional nc.openbsd"),
    **each(look_up, "dig nslookup host drill resolvectl"),
    **each(ping, "ping ping6"),
    **each(transfer, "scp rsync sftp rclone lftp s3cmd tftp"),
    **each(cloud_copy, "aws az gcloud gsutil"),
    **each(mail, "mail mailx sendmail mutt msmtp swaks"),
    **each(archive, "tar zip 7z"),
    "ssh": remote_shell,
}
