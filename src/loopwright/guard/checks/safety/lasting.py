"""Commands that go on until somebody ends them: fine at the end of a script, in the background or under `timeout`."""

from __future__ import annotations

import re

from loopwright.core.expression import expression

#: Programs with the options (or their absence) by which they never end.
_LASTING: tuple[tuple[re.Pattern[str], re.Pattern[str] | None], ...] = tuple(
    (expression(runs), expression(ends) if ends else None)
    for runs, ends in (
        (r"^tail\b.*\s(?:-\w*[fF]\w*|--follow\S*)(?:\s|$)", r"--pid"),
        (r"^ping6?\s", r"\s-\w*[cwW]\s*\d|\s-n\s*\d"),
        (r"^(?:top|htop|btop|atop|nvtop|iotop|glances)\b", r"\s-\w*n\s*\d|\s-\w*b|-g\b|--chgexit|-h\b|--version"),
        (r"^watch\b", r"\s-\w*g|--chgexit|--errexit|-h\b|--version"),
        (r"^(?:vmstat|iostat|mpstat|sar|pidstat|free -s)\s+(?:-\w+\s+)*\d+$", None),
        (r"^journalctl\b.*\s(?:-\w*f\w*|--follow)(?:\s|$)|^dmesg\b.*\s(?:-\w*w|--follow)", None),
        (r"^(?:docker|podman|kubectl|oc|nomad|heroku|stern)\b.*\blogs?\b.*\s(?:-\w*f|--follow|--tail$)(?:\s|$)", None),
        (r"^(?:docker|podman) (?:events|stats)\b", r"--no-stream|--until"),
        (r"^kubectl\b.*\bget\b.*\s(?:-\w*w|--watch)(?:\s|$)|^kubectl (?:port-forward|proxy)\b", None),
        (r"^sleep\s+inf", None),
        (r"^(?:tcpdump|tshark|dumpcap)\b", r"\s-\w*c\s*\d|\s-r\b|-G\b|-a\b|-D\b"),
        (r"^inotifywait\b.*\s(?:-\w*m|--monitor)(?:\s|$)|^fswatch\b|^entr\b", r"\s-1"),
        (r"^(?:nc|ncat|netcat)\b.*\s-\w*k\w*", None),
        (r"^python[\d.]*\b.*\s-m\s+(?:http\.server|SimpleHTTPServer|smtpd|aiosmtpd)\b", r"--help"),
        (
            r"^(?:tsc|webpack|rollup|jest|vitest|nodemon|sass|esbuild|babel|mocha)\b.*\s(?:-w|--watch\w*)(?:\s|=true|$)",
            None,
        ),
        (r"^(?:npx|pnpm|yarn|npm)\b.*\s(?:http-server|live-server|serve|nodemon)\b", r"--version"),
        (r"^(?:ssh|autossh)\b.*\s-\w*N\w*\b", r"\s-\w*f"),
        (r"^ssh\b.*\b(?:tail -\w*[fF]|journalctl -\w*f|sleep inf)", None),
        (r"^strace\b.*\s-p\s*\d", None),
        (r"^yes\b", None),
        (r"^cat\s+/dev/(?:zero|u?random|full)", None),
    )
)
#: What ends the command that it reads from.
_FILTERS = expression(r"^(?:grep|egrep|sed|awk|tee|cat|cut|tr|sort|uniq|wc|jq|ts|nl|column|while)\b")
_ENDS = expression(
    r"^(?:head\b|grep\b.*\s(?:-\w*[mq]\w*|--max-count|--quiet)|sed\b.*\dq|sed\b.*/q\b|awk\b.*\bexit\b|dd\b.*count=|timeout\b)"
)


def lasts(argv: list[str]) -> bool:
    """True for a command that goes on until somebody ends it."""
    if not argv:
        return False
    line = " ".join([argv[0].rsplit("/", 1)[-1], *argv[1:]])[:2000]
    return any(runs.search(line) and not (ends and ends.search(line)) for runs, ends in _LASTING)


def passes_on(line: str) -> bool:
    """True for a filter that reads all there is: it lasts as long as what it reads from."""
    return bool(_FILTERS.match(line)) and not _ENDS.search(line)
