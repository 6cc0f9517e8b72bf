"""What the Docker daemon of this machine can do for a sandbox, for `doctor`."""

from __future__ import annotations

import platform
from collections.abc import Mapping

from loopwright.core.errors import SandboxError
from loopwright.core.ports import Capability
from loopwright.sandbox.docker_engine import connect, explained
from loopwright.sandbox.docker_options import Daemon, DockerOptions, check_options, read_daemon, read_profile
from loopwright.sandbox.lending import may_borrow

_SECONDS = 5.0


def probe(environment: Mapping[str, str], options: DockerOptions) -> tuple[Capability, ...]:
    """The daemon, its runtimes and filters, and what enforces each limit in a container."""
    try:
        client = connect(environment, _SECONDS)
        with explained("the daemon does not tell what it can"):
            daemon = read_daemon(client.info())
        client.close()
    except SandboxError as error:
        what, _, fix = str(error).rpartition(": ")
        return (Capability("docker", False, what, f"only for --backend docker: {fix}"),)
    lends = may_borrow(options.runtime)
    return (
        _daemon(daemon, options),
        Capability("docker:runtimes", True, ", ".join(daemon.runtimes)),
        Capability("docker:seccomp", daemon.has("seccomp"), "our profile" if not options.seccomp else options.seccomp),
        Capability(
            "docker:apparmor",
            daemon.has("apparmor"),
            options.apparmor or ("docker-default" if daemon.has("apparmor") else "not on the daemon's host"),
            "" if daemon.has("apparmor") else "optional: a kernel with AppArmor",
        ),
        *(
            Capability(f"docker:limit:{name}", works, "control group of the container" if works else "")
            for name, works in daemon.limits.items()
        ),
        Capability("docker:limit:timeout", True, "host clock; the container is removed by name"),
        Capability("docker:limit:output", True, "host reader"),
        Capability("docker:limit:disk", True, "size of the view's upper layer; a plain directory is measured"),
        Capability("docker:limit:inodes", True, "inodes of the view's upper layer; a plain directory is measured"),
        Capability("docker:network", True, "none; " + ("allow and ask: a proxy outside" if lends else "no other")),
    )


def _daemon(daemon: Daemon, options: DockerOptions) -> Capability:
    said = f"{daemon.version}, kernel {daemon.kernel}"
    try:
        check_options(options, daemon)
        read_profile(options)
    except SandboxError as error:
        return Capability("docker", False, f"{said}: {error}", "correct [docker] in your configuration")
    elsewhere = "" if platform.system() == "Linux" else " (in a virtual machine: the workspace must be shared with it)"
    return Capability("docker", True, said + elsewhere)
