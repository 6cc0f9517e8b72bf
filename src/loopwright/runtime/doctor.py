"""What works on this machine."""

from __future__ import annotations

import platform
import shutil
import subprocess

from loopwright.core.ports import Capability
from loopwright.runtime.host import Host
from loopwright.runtime.wire import configured

_PROGRAMS = {
    "git": "version control of the workspace; without it every file counts as tracked",
    "rg": "fast search; without it a slower search in Python is used",
}


def examine(host: Host) -> list[Capability]:
    """Return every probed mechanism: platform, sandboxes, programs, state directory, providers' keys."""
    found = [
        Capability(
            "platform", platform.system() == "Linux", f"{platform.platform()}, Python {platform.python_version()}"
        )
    ]
    for name, make in host.hub.sandboxes.items():
        if name != "direct":  # the absence of a sandbox has nothing to probe
            found += configured(make(host.env), host.config.docker).probe()
    found.append(_serving(found))
    found += [_program(name, use) for name, use in _PROGRAMS.items()]
    found.append(_state(host))
    found += _providers(host)
    return found


def _serving(found: list[Capability]) -> Capability:
    """Which backend serves here: bubblewrap where the kernel lets it, Docker where there is a daemon."""
    works = {item.name: item.works for item in found}
    if works.get("bubblewrap") and works.get("namespaces"):
        return Capability("sandbox", True, "bubblewrap serves here" + (", docker too" if works.get("docker") else ""))
    if works.get("docker"):
        return Capability("sandbox", True, "docker serves here: --backend docker, or `config set backend docker`")
    fix = "install bubblewrap on a Linux kernel that allows namespaces, or start a Docker daemon"
    return Capability("sandbox", False, "no backend serves here: nothing will be run", fix)


def _program(name: str, use: str) -> Capability:
    where = shutil.which(name)
    if where is None:
        return Capability(name, False, use, f"install {'ripgrep' if name == 'rg' else name}")
    shown = subprocess.run([where, "--version"], capture_output=True, text=True, check=False, timeout=10)
    return Capability(name, True, shown.stdout.splitlines()[0] if shown.stdout else where)


def _state(host: Host) -> Capability:
    try:
        _ = host.store.sessions(limit=1)
    except Exception as error:
        return Capability("state", False, str(error), f"make {host.home.state} writable, or set LOOPWRIGHT_HOME")
    return Capability("state", True, str(host.home.state))


def _providers(host: Host) -> list[Capability]:
    from loopwright.runtime.models import list_providers

    ready = [p["name"] for p in list_providers(host.env) if p["configured"]]
    if ready:
        return [Capability("models", True, f"keys found for {', '.join(ready)}")]
    wanted = "set a provider's key (see `loopwright models`); fix, rules, check and sandbox need none"
    return [Capability("models", False, "no provider's key is set", wanted)]
