"""Commands that flood a network or start more machines than a project needs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from loopwright.core.expression import expression
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.names import each

if TYPE_CHECKING:
    from loopwright.guard.checks.safety.shell.shell import Command, Shell

#: Requests of a load test, and replicas of a service.
_MOST_REQUESTS, _MOST_REPLICAS = 10**8, 1_000
_REPLICAS = expression(r"\s(?:--replicas[= ]|--scale[= ][\w.-]+=|--count[= ]|--max-count[= ])(\d+)")


def flood(shell: Shell, command: Command) -> Value | None:
    """`ping -f`, `hping3 --flood`, `ab -n`."""
    line = " ".join(command.argv)
    requests = re.search(r"\s-n\s*(\d+)", line)
    floods = re.search(r"\s(?:-\w*f\b|--flood)", line) if not line.startswith("ab ") else None
    if floods or (line.startswith("ab ") and requests and int(requests[1]) >= _MOST_REQUESTS):
        why = "a network is flooded as fast as this machine can; a number of requests is fine"
        shell.report("resources", "block", command.line, why)
    return None


def replicas(shell: Shell, line: str, at: int) -> None:
    """`kubectl scale --replicas=N`, `docker compose up --scale web=N`, `aws ec2 run-instances --count N`."""
    found = _REPLICAS.search(line)
    if found and int(found[1]) >= (100 if "run-instances" in line else _MOST_REPLICAS):
        why = f"{int(found[1]):,} containers or machines are started at once; a few are fine"
        shell.report("resources", "block", at, why)


HANDLERS = each(flood, "hping3 hping ab")
