"""The environment of a command: a short list, so that no key or token of the user comes along."""

from __future__ import annotations

from collections.abc import Mapping

from loopwright.sandbox.toolchain import Toolchain

HOME = "/tmp/home"  # noqa: S108 - the sandbox's own, in memory

#: Taken from the caller: how text is shown, nothing else.
_KEPT = ("LANG", "LANGUAGE", "TERM", "COLORTERM", "NO_COLOR", "FORCE_COLOR", "TZ", "SOURCE_DATE_EPOCH", "CI")


def proxy_environment(port: int) -> dict[str, str]:
    """The variables by which programs find the proxy on the sandbox's own loopback."""
    address = f"http://127.0.0.1:{port}"
    names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    return {
        **{name: address for upper in names for name in (upper, upper.lower())},
        "NO_PROXY": "",
        "no_proxy": "",
        "NODE_USE_ENV_PROXY": "1",
        "PIP_NO_INDEX": "",
    }


def clean_environment(caller: Mapping[str, str], toolchain: Toolchain) -> dict[str, str]:
    """The variables every command starts with."""
    kept = {n: v for n, v in caller.items() if n in _KEPT or n.startswith("LC_")}
    return {
        "LANG": "C.UTF-8",
        **kept,
        **toolchain.variables,
        "PATH": toolchain.path,
        "HOME": HOME,
        "USER": "user",
        "LOGNAME": "user",
        "SHELL": "/bin/sh",
        "TMPDIR": "/tmp",  # noqa: S108 - the sandbox's own
        "PIP_NO_INDEX": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
    }
