"""Shell commands that open containers, namespaces, mounts and clusters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.shell import floods

if TYPE_CHECKING:
    from loopwright.guard.checks.safety.shell.shell import Command, Shell


def container(shell: Shell, command: Command) -> Value | None:
    """`docker run`, `podman run`: flags that open the host."""
    line = " ".join(command.argv[1:])
    floods.replicas(shell, f" {line}", command.line)
    if re.search(r"security\.privileged[= ]true|disk source=/(?:\s|$)", line):
        shell.report("privilege", "block", command.line, f"`{line[:60]}` gives a container the host's rights")
    image = re.search(r"^(?:run|pull|create)\b.*?\s((?:\d{1,3}\.){3}\d{1,3}(?::\d+)?)/", line)
    if image and not places.is_local(image[1]):
        why = f"an image is taken from {image[1]}, which nobody vouches for; a registry with a name is fine"
        shell.report("imports", "block", command.line, why)
    opened = re.search(
        (
            r"--privileged\b|--pid[= ]host|--cap-add[= ](?:ALL|SYS_ADMIN|SYS_PTRACE|SYS_MODULE|"
            r"DAC_READ_SEARCH)|(?:-v|--volume)[= ]?/(?:etc|root|proc|sys|dev|var/run|run|boot|"
            r"home)?(?:/docker\.sock)?:"
            r"|source=/,|src=/,|docker\.sock|--device[= ]/dev/(?:sd|nvme|mem|kmsg)|seccomp[=:]unconfined|"
            r"apparmor[=:]unconfined|--userns[= ]host|--ipc[= ]host|\"privileged\":\s*true|"
            r"hostPID\"?:\s*true|--security-opt[= ]label[:=]disable.*-v /:"
        ),
        line,
    )
    if opened:
        shell.report(
            "privilege",
            "block",
            command.line,
            f"`{opened[0][:60]}` gives a container the host's rights; mount the project's directory alone",
        )
    return None


def namespaces(shell: Shell, command: Command) -> Value | None:
    """`nsenter`, `unshare`, `chroot`."""
    argv = command.argv
    name = argv[0].rsplit("/", 1)[-1]
    line = " ".join(argv[1:])
    if (
        name == "nsenter"
        or (name == "chroot" and re.match(r"^/(?:(?:host|mnt|h|rootfs)\b|proc/\d+/root)", line))
        or (name == "unshare" and re.search(r"mount|-\w*[Cr]", line))
    ):
        shell.report(
            "privilege",
            "block",
            command.line,
            f"`{name}` leaves the container or takes its root's rights; run the command as it is",
        )
        nested = next((i for i, a in enumerate(argv) if i and a in ("sh", "bash")), 0)
        if nested and "-c" in argv[nested:]:
            shell.judge("shell", argv[-1], command.line)
    return None


def mount(shell: Shell, command: Command) -> Value | None:
    line = " ".join(command.argv[1:])
    if re.search(
        (
            r"-t\s*(?:cgroup|proc|sysfs|debugfs|securityfs|overlay|devtmpfs|bpf)|/dev/(?:sd|nvme|vd|xvd|"
            r"dm-|mapper)|--bind\s+/(?:etc|root|home|proc|sys|dev|boot|usr|var)?(?:\s|$)|remount|\bsuid\b"
        ),
        line,
    ) or places.is_device(line.split(" ")[0]):
        shell.report(
            "privilege",
            "block",
            command.line,
            f"`mount {line[:60]}` opens the host's disks or kernel; files of the project are fine",
        )
    return None


def cluster(shell: Shell, command: Command) -> Value | None:
    line = " ".join(command.argv[1:])
    if re.search(
        (
            r"get\s+secrets?\s+(?:-A\b|--all-namespaces|(?:-n\s+\S+\s+)?-o\s*(?:yaml|json))|hostPID|\"?privileged\"?:\s*true|"
            r"create\s+clusterrolebinding.*cluster-admin|exec.*--.*(?:nsenter|chroot /host)"
        ),
        line,
    ):
        shell.report(
            "privilege",
            "block",
            command.line,
            f"`{command.argv[0]} {line[:60]}` reads all secrets or takes the cluster's rights",
        )
    return container(shell, command)
