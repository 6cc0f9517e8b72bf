"""The Docker daemon, reached by its SDK, which is imported when it is needed and not before."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from loopwright.core.errors import SandboxError

Answer = TypeVar("Answer")
_DEFAULT = "/var/run/docker.sock"
_KNOWN = ("Permission denied", "No such file or directory", "Connection refused", "Name or service not known")


def sdk(module: str = "docker") -> Any:
    """The SDK, which has no types. Raises SandboxError where it is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError:
        raise SandboxError("Docker needs its SDK: pip install 'loopwright[docker]'") from None


def connect(environment: Mapping[str, str], seconds: float) -> Any:
    """A client (docker.APIClient) of the daemon that DOCKER_HOST names, or of the local one.

    `seconds` is the longest any one answer may take. Raises SandboxError with what to do.
    """
    docker = sdk()
    host = environment.get("DOCKER_HOST") or ""
    if host and not host.startswith(("unix://", "npipe://", "/")):
        raise SandboxError(f"the Docker daemon at {host} is another machine's: it cannot see the workspace")
    try:
        options = sdk("docker.utils").kwargs_from_env(dict(environment))
        return docker.APIClient(version="auto", timeout=max(1.0, seconds), **options)
    except docker.errors.DockerException as error:
        where = environment.get("DOCKER_HOST") or _DEFAULT
        todo = "join the group docker" if "Permission" in brief(error) else "start it, or set DOCKER_HOST"
        raise SandboxError(f"the Docker daemon at {where} does not answer ({brief(error)}): {todo}") from None


@contextlib.contextmanager
def explained(what: str) -> Iterator[None]:
    """Turn what the SDK, or the way to the daemon, raises into one line."""
    docker, requests = sdk(), sdk("requests")
    try:
        yield
    except (docker.errors.DockerException, requests.exceptions.RequestException, OSError) as error:
        raise SandboxError(f"Docker: {what}: {brief(error)}") from None


def quietly(call: Callable[[], Answer]) -> Answer | None:
    """The answer, or None where the daemon, or what was asked about, is gone."""
    try:
        with explained("asked in vain"):
            return call()
    except SandboxError:
        return None


def brief(error: BaseException) -> str:
    """The part of an error of the SDK that a person needs."""
    text = str(getattr(error, "explanation", None) or error)
    if "timed out" in text.lower():
        return "no answer in time"
    known = next((words for words in _KNOWN if words in text), "")
    lines = text.strip().splitlines()
    return known if known and "OCI" not in text else lines[-1] if lines else type(error).__name__
