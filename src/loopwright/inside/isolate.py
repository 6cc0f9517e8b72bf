"""What a process gives up before it starts code nobody has checked: mounts first, then rights, then system calls."""

import posix as os

import landlock
import layers  # type: ignore[import-not-found]  # a neighbour inside the sandbox, found by its name there
from kernel import Held, call, checked, number  # type: ignore[import-not-found]  # a neighbour by name, as the programs in here are run

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_CAPBSET_DROP = 1, 4, 22, 24
_PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 36, 38
_SIGKILL, _SECCOMP_MODE_FILTER = 9, 2
_SECCOMP = {"x86_64": 317, "aarch64": 277}
_SET_MODE_FILTER, _NEW_LISTENER, _WAIT_KILLABLE = 1, 1 << 3, 1 << 5
_LINUX_CAPABILITY_VERSION_3 = 0x20080522
_CLONE_NEWUSER = 0x10000000


def _prctl(option: int, argument: int = 0, further: int | bytes = 0) -> None:
    checked(call("prctl", option, argument, further, 0, 0), f"prctl {option}")


def hide() -> None:
    """Keep other processes of the same user from tracing this one and from reading its memory and descriptors."""
    _prctl(_PR_SET_DUMPABLE, 0)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent() -> None:
    """End when the parent ends."""
    _prctl(_PR_SET_PDEATHSIG, _SIGKILL)


def apply(fields: list[bytes], doors: list[int]) -> tuple[bytes, list[int]]:
    """Enter the control groups and do what the host asks for in order.

    Returns `ready ABI AUDITED` or `failed TEXT`, and descriptors of the layers.
    """
    how, uid, gid, home, cpus, seccomp, audit, *steps = fields
    triples = [(steps[i], steps[i + 1], steps[i + 2]) for i in range(0, len(steps), 3)]
    descriptors: list[int] = []
    try:
        enter(doors)
        # In a user namespace this process is still user 0, whom it maps to the command's own afterwards.
        owner = (int(uid), int(gid)) if how == b"drop" else (0, 0)
        for step in triples:
            _arrange(step, (int(uid), int(gid)), owner, descriptors)
        if cpus:
            os.sched_setaffinity(0, {int(number) for number in cpus.split(b",")})
        if how == b"remap":
            _write(b"/proc/sys/user/max_user_namespaces", b"1")
        if how != b"stay":
            layers.shield(b"/proc/sys", b"/proc/sys")  # settings of its own namespaces are no command's either
        if how == b"drop":
            shrink_bounding_set()
            os.setgroups([])
            os.setresgid(int(gid), int(gid), int(gid))
            os.setresuid(int(uid), int(uid), int(uid))
        elif how == b"remap":
            leave_user_namespace(int(uid), int(gid))
            shrink_bounding_set()
        if home:
            _make(home)
        abi = audited = 0
        if seccomp:
            drop_capabilities()
            die_with_parent()
            hide()
            _prctl(_PR_SET_NO_NEW_PRIVS, 1)
            rules = [(path, access) for kind, path, access in triples if kind == b"allow"]
            abi = landlock.restrict(rules) if rules else 0
            listener = _listen_to_calls(bytes.fromhex(audit.decode())) if audit else -1
            if listener >= 0:
                descriptors.append(listener)
                audited = 1
            _filter(bytes.fromhex(seccomp.decode()))
    except (OSError, ValueError) as error:
        said = f"{error.strerror}: {error.filename}" if isinstance(error, OSError) and error.filename else str(error)
        return b"failed\0" + said.encode(errors="replace"), []
    return b"ready\0%d\0%d" % (abi, audited), descriptors


def enter(doors: list[int]) -> None:
    """Have this process, and what it starts, counted in these control groups. Raises OSError."""
    for door in doors:
        try:
            os.write(door, b"0")
        except OSError as error:
            raise OSError(error.errno, f"enter a control group: {error.strerror}") from None


def _arrange(
    step: tuple[bytes, bytes, bytes], ids: tuple[int, int], owner: tuple[int, int], descriptors: list[int]
) -> None:
    """One step on the mounts: limit, own, layer, shield, mask or hide."""
    kind, first, second = step
    if kind == b"limit":
        size, inodes = second.split(b",")
        layers.limit_memory(first, int(size), int(inodes))
    elif kind == b"own":
        import ownership

        uid, gid = second.split(b",")
        ownership.show_as_own(first, (int(uid), int(gid)), ids)
    elif kind == b"layer":
        descriptors.append(layers.lay(first, second, len(descriptors), *owner))
    elif kind == b"shield":
        layers.shield(first, second)
    elif kind == b"mask":
        layers.mask(first)
    elif kind == b"hide":
        layers.hide(first)
    elif kind == b"listen":
        descriptors.append(_listen(int(first)))


def _listen(port: int) -> int:
    """A socket that listens on the sandbox's own loopback; whoever holds it serves what connects from inside."""
    import _socket

    listener = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM | _socket.SOCK_CLOEXEC)
    listener.bind(("127.0.0.1", port))
    listener.listen(128)
    return listener.detach()


def _make(directory: bytes) -> None:
    try:
        os.mkdir(directory, 0o700)
    except FileExistsError:
        return


def leave_user_namespace(uid: int, gid: int) -> None:
    """Move into a user namespace below the one that owns the mounts, as an ordinary user; no further one can follow."""
    checked(call("unshare", _CLONE_NEWUSER), "user namespace")
    _write(b"/proc/self/setgroups", b"deny")
    _write(b"/proc/self/uid_map", b"%d 0 1" % uid)
    _write(b"/proc/self/gid_map", b"%d 0 1" % gid)


def _write(path: bytes, text: bytes) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(fd, text)
    finally:
        os.close(fd)


def shrink_bounding_set() -> None:
    """No program started from here can be given a capability by its file."""
    held = _bounding_set()
    for capability in range(64):
        if held >> capability & 1 and call("prctl", _PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            return  # past the last one this kernel has, or without the right to: no_new_privs follows all the same


def _bounding_set() -> int:
    """A bit for each capability that is left in it; all where nothing says which."""
    try:
        fd = os.open(b"/proc/self/status", os.O_RDONLY | os.O_CLOEXEC)
        try:
            return int(os.read(fd, 4096).partition(b"CapBnd:")[2].split()[0], 16)
        finally:
            os.close(fd)
    except (OSError, IndexError, ValueError):
        return (1 << 64) - 1


def drop_capabilities() -> None:
    """Give up every capability for good. Raises OSError where one is left."""
    checked(call("capset", number(_LINUX_CAPABILITY_VERSION_3, 4) + bytes(4), bytes(24)), "capset")


def _filter(program: bytes) -> None:
    held = Held(program)
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, _sock_fprog(program, held))


def _sock_fprog(program: bytes, held: Held) -> bytes:
    """struct sock_fprog: how many instructions, and where they are."""
    length, place = number(len(program) // 8, 2), number(held.address, 8)
    return bytes(length + bytes(6) + place)


def _listen_to_calls(program: bytes) -> int:
    """Install a filter that asks a listener, and return the listener; -1 where the kernel has none to give."""
    held = Held(program)
    wanted = _sock_fprog(program, held)
    seccomp = _SECCOMP.get(os.uname().machine)
    if seccomp is None:
        return -1
    for flags in (_NEW_LISTENER | _WAIT_KILLABLE, _NEW_LISTENER):  # the second flag is there since Linux 5.19
        listener: int = call("syscall", seccomp, _SET_MODE_FILTER, flags, wanted)
        if listener >= 0:
            os.set_inheritable(listener, False)
            return listener
    return -1
