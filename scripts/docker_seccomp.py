"""Makes our system call filter for containers from Docker's default profile (moby, profiles/seccomp/default.json).

    python scripts/docker_seccomp.py DEFAULT.json > src/loopwright/sandbox/docker_seccomp.json

Left out: what the bubblewrap sandbox's filter refuses, what a capability would allow (a container of ours has none),
every socket family but unix, inet, inet6 and netlink. Added: newer calls that are harmless and that libc tries first.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from loopwright.sandbox.seccomp import _DENIED, _FAMILIES

_NEWER = (
    "cachestat", "close_range", "epoll_pwait2", "faccessat2", "fchmodat2", "futex_requeue", "futex_wait",
    "futex_waitv", "futex_wake", "getxattrat", "landlock_add_rule", "landlock_create_ruleset",
    "landlock_restrict_self", "listxattrat", "map_shadow_stack", "mseal", "openat2", "pidfd_open",
    "pidfd_send_signal", "process_mrelease", "removexattrat", "setxattrat",
)  # fmt: skip


def narrow(default: dict[str, Any]) -> dict[str, Any]:
    """Our profile."""
    refused = {*_DENIED, "socket", "socketcall"}
    rules = [_rule(rule, refused) for rule in default["syscalls"] if not (rule.get("includes") or {}).get("caps")]
    kept = [rule for rule in rules if rule["names"]]
    kept[0]["names"] = sorted({*kept[0]["names"], *_NEWER} - refused)
    for family in _FAMILIES:
        argument = {"index": 0, "value": family, "op": "SCMP_CMP_EQ"}
        kept.append({"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [argument]})
    return {"defaultAction": "SCMP_ACT_ERRNO", "archMap": default["archMap"], "syscalls": kept}


def _rule(rule: dict[str, Any], refused: set[str]) -> dict[str, Any]:
    """One rule without the refused calls and without what says nothing; clone3 answers as if the kernel had none."""
    names = [name for name in rule["names"] if name not in refused]
    told = {key: value for key, value in rule.items() if value and key not in ("names", "comment")}
    return {"names": names, **told}


if __name__ == "__main__":
    json.dump(narrow(json.loads(Path(sys.argv[1]).read_text())), sys.stdout, indent=1)
    sys.stdout.write("\n")
