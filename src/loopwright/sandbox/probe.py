"""What this machine can do for a sandbox, and what to do where it cannot."""

from __future__ import annotations

import ctypes
import platform
import shutil
import subprocess
from pathlib import Path

from loopwright.core.ports import Capability
from loopwright.sandbox.cgroups import Hierarchy
from loopwright.sandbox.limits import mechanisms

_LANDLOCK_CREATE_RULESET = 444


def probe(hierarchy: Hierarchy | None) -> tuple[Capability, ...]:
    """Every mechanism, whether it works here, and the setting that is in the way if not."""
    return (
        _bubblewrap(),
        _namespaces(),
        _seccomp(),
        _landlock(),
        _cgroups(hierarchy),
        _overlay(),
        _audit(),
        _trace(),
        *(Capability(f"limit:{name}", bool(by), by) for name, by in mechanisms(hierarchy).items()),
    )


def advice(complaint: str) -> str:
    """One line: what failed, and the most likely setting."""
    return f"the sandbox cannot start: {complaint or 'no reason given'}. {_setting(complaint)}".strip()


def _setting(complaint: str) -> str:
    if _read("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1" and (
        "RTM_NEWADDR" in complaint or "ermission denied" in complaint or "uid map" in complaint
    ):
        return "AppArmor forbids it: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or a profile for bwrap"
    if _read("/proc/sys/kernel/unprivileged_userns_clone") == "0":
        return "Set kernel.unprivileged_userns_clone=1"
    if _read("/proc/sys/user/max_user_namespaces") == "0":
        return "Set user.max_user_namespaces to a number above 0"
    if "slave" in complaint or "pivot_root" in complaint or "Creating new namespace" in complaint:
        return "This container forbids namespaces: allow them (for Docker --security-opt seccomp=… and CAP_SYS_ADMIN)"
    if "mount proc" in complaint:
        return "This container masks /proc: start it with --security-opt systempaths=unconfined"
    return "`loopwright doctor` shows what is missing"


def _bubblewrap() -> Capability:
    path = shutil.which("bwrap")
    if not path:
        return Capability("bubblewrap", False, "not found", "install the package bubblewrap")
    version = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    return Capability("bubblewrap", True, version or path)


def _namespaces() -> Capability:
    path = shutil.which("bwrap")
    if not path:
        return Capability("namespaces", False, "bubblewrap is missing", "install the package bubblewrap")
    words = [path, "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "true"]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    complaint = ran.stderr.strip().splitlines()[-1] if ran.stderr.strip() else ""
    if ran.returncode == 0:
        return Capability("namespaces", True, "user, mount, pid, network, ipc, uts")
    return Capability("namespaces", False, complaint, _setting(complaint))


def _seccomp() -> Capability:
    actions = _read("/proc/sys/kernel/seccomp/actions_avail")
    fit = platform.machine() in ("x86_64", "aarch64", "arm64")
    works = "errno" in actions and fit
    return Capability("seccomp", works, actions or "absent", "" if works else "a kernel with CONFIG_SECCOMP_FILTER")


def _landlock() -> Capability:
    libc = ctypes.CDLL(None, use_errno=True)
    abi = int(libc.syscall(_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), 1))
    fix = "" if abi > 0 else "optional: boot with lsm=landlock,… (Linux 5.13 or later)"
    return Capability("landlock", abi > 0, f"ABI {abi}" if abi > 0 else "absent", fix)


def _cgroups(hierarchy: Hierarchy | None) -> Capability:
    if hierarchy is None:
        fix = "optional: run under `systemd-run --user --scope -p Delegate=yes`, or as root"
        return Capability("cgroups", False, "none is writable; a sampler watches the tree instead", fix)
    return Capability("cgroups", True, f"v{hierarchy.version}: {', '.join(sorted(hierarchy.parents))}")


def _audit() -> Capability:
    works = "user_notif" in _read("/proc/sys/kernel/seccomp/actions_avail").split()
    fix = "" if works else "optional: Linux 5.0 or later"
    return Capability("audit", works, "programs and connections told by seccomp user notification", fix)


def _trace() -> Capability:
    path = shutil.which("strace")
    return Capability("trace", bool(path), path or "not found", "" if path else "optional: install the package strace")


def _overlay() -> Capability:
    works = "overlay" in _read("/proc/filesystems").split()
    return Capability("overlay", works, "kernel knows overlayfs" if works else "", "" if works else "modprobe overlay")


def _read(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""
