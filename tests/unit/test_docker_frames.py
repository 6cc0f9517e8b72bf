"""The stream to a container: frames survive any cut, and what is no frame is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import loopwright.sandbox
from loopwright.core.errors import SandboxError
from loopwright.sandbox.container_frames import Decoder, Frame, encode
from loopwright.sandbox.docker_container import is_orphan, owner
from loopwright.sandbox.docker_image import make_frame
from loopwright.sandbox.docker_options import DockerOptions, check_options, read_daemon

FRAMES = st.lists(
    st.builds(Frame, st.sampled_from([b"o", b"e", b"x"]), st.integers(0, 2**32 - 1), st.binary(max_size=50)), max_size=8
)


def attached(stream: int, data: bytes) -> bytes:
    return bytes([stream, 0, 0, 0]) + len(data).to_bytes(4, "big") + data


@given(FRAMES, st.integers(1, 40), st.integers(1, 40))
def test_frames_come_whole_however_they_are_cut(frames: list[Frame], inner: int, outer: int) -> None:
    data = b"".join(encode(f.kind, f.ident, f.payload) for f in frames)
    wrapped = b"".join(attached(1, data[i : i + inner]) + attached(2, b"noise\n") for i in range(0, len(data), inner))
    decoder = Decoder()
    found = [f for i in range(0, len(wrapped), outer) for f in decoder.feed(wrapped[i : i + outer])]
    assert found == frames
    assert decoder.complaint() == ("noise" if data else "")


def test_an_endless_frame_is_refused() -> None:
    with pytest.raises(SandboxError, match="protocol"):
        list(Decoder().feed(attached(1, b"\xff\xff\xff\xffo\0\0\0\1")))


def test_a_container_of_a_living_process_is_no_orphan() -> None:
    mine = owner()
    host, pid, started = mine.rsplit(" ", 2)
    assert not is_orphan(mine)
    assert is_orphan(f"{host} {pid} {int(started) + 1}")
    assert is_orphan(f"{host} 4194305 1")  # beyond the largest number a process can have
    assert not is_orphan(f"another-machine {pid} 1") and not is_orphan("")


def test_the_same_frame_has_the_same_bytes() -> None:
    assert make_frame({"/bin": "usr/bin"}) == make_frame({"/bin": "usr/bin"}) != make_frame({})


def info(**changes: object) -> dict[str, object]:
    limits = {"MemoryLimit": True, "PidsLimit": True, "CpuCfsQuota": True}
    return {"Runtimes": {"runc": {}}, "SecurityOptions": ["name=seccomp,profile=default"], **limits, **changes}


@pytest.mark.parametrize(
    ("options", "changes", "said"),
    [
        (DockerOptions(runtime="kata"), {}, "no runtime 'kata'; it has: runc"),
        (DockerOptions(apparmor="strict"), {}, "AppArmor is not active"),
        (DockerOptions(), {"SecurityOptions": []}, "cannot filter system calls"),
        (DockerOptions(), {"PidsLimit": False}, "cannot limit pids"),
        (DockerOptions(start_seconds=0), {}, "not positive"),
    ],
)
def test_what_a_daemon_lacks_is_refused(options: DockerOptions, changes: dict[str, object], said: str) -> None:
    with pytest.raises(SandboxError, match=said):
        check_options(options, read_daemon(info(**changes)))


def test_our_profile_lacks_what_no_command_needs() -> None:
    path = Path(loopwright.sandbox.__file__).with_name("docker_seccomp.json")
    rules = json.loads(path.read_text())["syscalls"]
    allowed = {name for rule in rules if rule["action"] == "SCMP_ACT_ALLOW" for name in rule["names"]}
    assert {"read", "execve", "clone", "landlock_restrict_self", "socket"} <= allowed
    refused = {"io_uring_setup", "userfaultfd", "keyctl", "add_key", "request_key", "ptrace", "bpf", "mount", "unshare"}
    assert not refused & allowed
    families = {rule["args"][0]["value"] for rule in rules if rule["names"] == ["socket"]}
    assert families == {1, 2, 10, 16}
