"""One-liners in languages that are not parsed here (Perl, Ruby, PHP, awk, Lua, PowerShell), told by what they name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwright.core.expression import expression
from loopwright.guard.checks.safety.finding import Name
from loopwright.guard.checks.safety.shell.arithmetic import evaluate

_ENDLESS = (
    r"while\s*\(?\s*(?:1|true|fork|!0)\s*\)?|loop\s*(?:\{|do)|for\s*\([^;()]*;\s*;[^;()]*\)"
    r"|until\s*\(?\s*(?:0|false)\b|while\s+true"
)
_ENDING = expression(
    r"\b(?:sleep|exit|last|break|return|die|gets|getline|read|accept|recv|wait|select|next_line|STDIN)\b|<\w*>"
)
_LOOP = expression(_ENDLESS, re.IGNORECASE)
_STARTS = expression(
    r"\bfork\b|Thread\.new|Process\.(?:spawn|fork)|pcntl_fork|proc_open|threads->create|Start-(?:Job|Process)"
)
_GROWS = expression(r"\bpush\b|<<|\w\[\w+\]\s*=|\.=|\+=\s*[\"'@(]|\[\]\s*=|\bx\s*=|table\.insert|\.append|\.concat")
_CONNECTS = expression(
    r"(?i)(?:/bin/(?:ba)?sh|cmd\.exe).{0,200}(?:socket|connect|TCP)|(?:socket|TCPSocket|fsockopen|IO::Socket|TCPClient)"
    r".{0,400}(?:exec|/bin/(?:ba)?sh|system|popen|iex)|/inet/tcp"
)
_RUNS = expression(
    r"(?i)(?:system|exec)\s*\(?\s*(?:pack|unpack|decode_base64|base64_decode)|eval\s*\(?\s*(?:get|LWP|file_get_contents|"
    r"URI\.open|open)\b|eval\s*\(?\s*(?:gzinflate|base64_decode|pack|decode_base64|unpack)|DownloadString|"
    r"Invoke-Expression|\bIEX\b|-enc(?:odedcommand)?\s"
)
_REMOVES = expression(
    r"(?i)unlink\s*\(?\s*(?:glob|<)|Remove-Item.*-Recurse.*(?:C:|\$env:|~|\\Users)|FileUtils\.rm_rf\s*\(?\s*[\"'](?:/|~)[\"'*]"
    r"|rmtree\s*\(?\s*[\"'](?:/|~)[\"']"
)
_TAKES = expression(
    r"\bsete?uid\s*\(?\s*0\b|\$[<>(]\s*=\s*0\b|Process(?:::Sys)?(?:\.|::)\w*uid\w*\s*=?\s*\(?\s*0\b|posix_setuid\(0"
)
#: A text or list, repeated thousands of millions of times.
_HUGE = expression(
    r"(?:[\"'\])]\s*(?:x|\*)\s*|str_repeat\([^,()]*,\s*)(?:\d+e(?:9|\d\d)|10\s*\*\*\s*(?:9|\d\d)|\d{10,})\b"
)
_REPEATED = expression(r"(?:[\"'\])]\s*(?:x|\*)\s*|str_repeat\([^,()]*,\s*)\(?((?:[\d\s*+-]|\*\*)+)\)")
_MOST_REPEATED = 10**9
_HELD = expression(r"(?:system|exec|popen|shell_exec|passthru|Run|`)\s*\(?\s*[\"'`]([^\"'`]{3,400})[\"'`]")


def judge_oneliner(program: str, text: str) -> Iterator[tuple[Name, str]]:
    """Yield (check, reason) for what the code given to a program is plain to do."""
    if _CONNECTS.search(text):
        yield "syntax", f"`{program}` is given code that opens a shell to the network (a reverse shell)"
    if _RUNS.search(text):
        yield "syntax", f"`{program}` is given code that runs what it decodes or downloads; write it plainly"
    if _REMOVES.search(text):
        yield "syntax", f"`{program}` is given code that removes whatever it finds; name the files"
    if _TAKES.search(text):
        yield "privilege", f"`{program}` is given code that takes root's rights; run it as the user that there is"
    if _HUGE.search(text):
        yield "resources", f"`{program}` makes a text of gigabytes; a shorter one is fine"
    repeated = _REPEATED.search(text)
    if repeated and (evaluate(repeated[1], lambda _: "") or 0) >= _MOST_REPEATED:
        yield "resources", f"`{program}` makes a text of gigabytes; a shorter one is fine"
    loop = _LOOP.search(text)
    if loop is None:
        return
    if _STARTS.search(text):
        yield "resources", f"`{program}` starts itself or threads for ever (a fork bomb); a few with a wait are fine"
    elif not _ENDING.search(text):
        if _GROWS.search(text):
            yield "resources", f"`{program}` fills memory in a loop that never ends; a count or a `last` is fine"
        else:
            yield "time", f"`{program}` is given a loop that never ends; one with a condition or an exit is fine"


def held_commands(text: str) -> list[str]:
    """Return the shell commands that such code holds as text."""
    return _HELD.findall(text)
