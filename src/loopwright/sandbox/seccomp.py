"""The system calls no command needs and no sandbox should offer, as a classic BPF program made here.

Numbers: the kernel's arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h. The choice follows
Docker's default profile (moby profiles/seccomp), less io_uring, userfaultfd, keyrings and odd socket families.
"""

from __future__ import annotations

import errno
import platform
import struct
from collections.abc import Iterable

from loopwright.core.errors import SandboxError
from loopwright.core.oversight import AuditedCall

_LOAD, _EQUAL, _ANY_BIT, _AT_LEAST, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_ALLOW, _ERRNO, _KILL, _NOTIFY = 0x7FFF0000, 0x00050000, 0x80000000, 0x7FC00000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_X32 = 0x40000000

_NAMESPACES = 0x7E020000  # every CLONE_NEW* but CLONE_NEWTIME, which clone() does not take
_SET_ID_BITS = 0o6000
_O_CREAT = 0o100
_TERMINAL_INJECTION = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX
_PR_SET_DUMPABLE, _PR_SET_PTRACER = 4, 0x59616D61
_FAMILIES = (1, 2, 10, 16)  # unix, inet, inet6, netlink
_NETLINK, _NETLINK_ROUTE = 16, 0

#: Refused outright. First number: x86_64, second: aarch64 (None = it has no such call).
_DENIED: dict[str, tuple[int | None, int | None]] = {
    "ptrace": (101, 117), "syslog": (103, 116), "acct": (163, 89), "mount": (165, 40), "umount2": (166, 39),
    "swapon": (167, 224), "swapoff": (168, 225), "reboot": (169, 142), "sethostname": (170, 161),
    "setdomainname": (171, 162), "iopl": (172, None), "ioperm": (173, None), "init_module": (175, 105),
    "delete_module": (176, 106), "quotactl": (179, 60), "pivot_root": (155, 41), "chroot": (161, 51),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "clock_adjtime": (305, 266), "adjtimex": (159, 171),
    "vhangup": (153, 58), "modify_ldt": (154, None), "uselib": (134, None), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "migrate_pages": (256, 238), "move_pages": (279, 239), "unshare": (272, 97), "setns": (308, 268),
    "perf_event_open": (298, 241), "fanotify_init": (300, 262), "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "kcmp": (312, 272), "finit_module": (313, 273), "bpf": (321, 280), "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431),
    "fsmount": (432, 432), "fspick": (433, 433), "pidfd_getfd": (438, 438), "process_madvise": (440, 440),
    "mount_setattr": (442, 442), "quotactl_fd": (443, 443), "memfd_secret": (447, 447), "statmount": (457, 457),
    "listmount": (458, 458), "open_tree_attr": (467, 467), "lookup_dcookie": (212, 18), "nfsservctl": (180, 42),
}  # fmt: skip

#: Calls whose file mode must not carry set-user-ID or set-group-ID: which argument holds it, and the flags' if any.
_MODES: dict[str, tuple[int | None, int | None, int, int | None]] = {
    "chmod": (90, None, 1, None), "fchmod": (91, 52, 1, None), "fchmodat": (268, 53, 2, None),
    "fchmodat2": (452, 452, 2, None), "mknod": (133, None, 1, None), "mknodat": (259, 33, 2, None),
    "creat": (85, None, 1, None), "open": (2, None, 2, 1), "openat": (257, 56, 3, 2),
}  # fmt: skip

#: What the audit is told of.
AUDITED: dict[AuditedCall, tuple[int, int]] = {
    "execve": (59, 221), "execveat": (322, 281), "connect": (42, 203), "bind": (49, 200),
}  # fmt: skip
_SET_AFFINITY = (203, 122)
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7), "arm64": (1, 0xC00000B7)}
#: Their arguments lie in memory, where no filter reads them; libraries do without these where a kernel has none.
_UNREADABLE = ((435, 435), (437, 437))  # clone3: namespaces; openat2: modes
_CLONE, _SOCKET, _SOCKETPAIR, _IOCTL, _PRCTL = (
    (56, 220),
    (41, 198),
    (53, 199),
    (16, 29),
    (157, 167),
)


def program(machine: str = "", fixed_processors: bool = False) -> bytes:
    """The filter as an array of `struct sock_filter`; `fixed_processors` refuses to move to other processors as well.

    Raises SandboxError on a machine without a table.
    """
    machine = machine or platform.machine()
    if machine not in _MACHINES:
        raise SandboxError(f"no system call table for {machine}: the sandbox runs on x86_64 and aarch64")
    column, audit = _MACHINES[machine]
    lines = [_op(_LOAD, _ARCHITECTURE), _op(_EQUAL, audit, 1, 0), _op(_RETURN, _KILL), _op(_LOAD, _NUMBER)]
    if column == 0:
        lines += [_op(_AT_LEAST, _X32, 0, 1), _refuse(errno.EPERM)]
    denied = [*_DENIED.values(), _SET_AFFINITY] if fixed_processors else list(_DENIED.values())
    for numbers in denied:
        lines += _when(numbers[column], [_refuse(errno.EPERM)])
    for numbers in _UNREADABLE:
        lines += _when(numbers[column], [_refuse(errno.ENOSYS)])
    lines += _when(_CLONE[column], [_argument(0), _op(_ANY_BIT, _NAMESPACES, 0, 1), _refuse(errno.EPERM)])
    for call in (_SOCKET, _SOCKETPAIR):
        lines += _when(call[column], _families())
    lines += _when(_IOCTL[column], [_argument(1), *_one_of(_TERMINAL_INJECTION)])
    lines += _when(_PRCTL[column], [_argument(0), *_one_of((_PR_SET_DUMPABLE, _PR_SET_PTRACER))])
    for *numbers_, mode, flags in _MODES.values():
        lines += _when(numbers_[column], _without_set_id(mode, flags))
    return b"".join([*lines, _op(_RETURN, _ALLOW)])


def audit_program(machine: str = "") -> bytes:
    """A filter that tells a listener of each call that starts a program or opens a way to others, and forbids nothing.

    Empty on a machine without a table.
    """
    machine = machine or platform.machine()
    if machine not in _MACHINES:
        return b""
    column, audit = _MACHINES[machine]
    lines = [_op(_LOAD, _ARCHITECTURE), _op(_EQUAL, audit, 1, 0), _op(_RETURN, _ALLOW), _op(_LOAD, _NUMBER)]
    for numbers in AUDITED.values():
        lines += [_op(_EQUAL, numbers[column], 0, 1), _op(_RETURN, _NOTIFY)]
    return b"".join([*lines, _op(_RETURN, _ALLOW)])


def audited_name(number: int, machine: str = "") -> AuditedCall | None:
    """The audited call of this number."""
    column = _MACHINES[machine or platform.machine()][0]
    return next((name for name, numbers in AUDITED.items() if numbers[column] == number), None)


def _op(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("=HBBI", code, then, otherwise, value)


def _refuse(code: int) -> bytes:
    return _op(_RETURN, _ERRNO | code)


def _argument(index: int, high: bool = False) -> bytes:
    return _op(_LOAD, _FIRST_ARGUMENT + 8 * index + (4 if high else 0))


def _when(number: int | None, then: list[bytes]) -> list[bytes]:
    """`then` for one system call; afterwards the accumulator holds the call's number again."""
    if number is None:
        return []
    tail = [_op(_LOAD, _NUMBER)]
    return [_op(_EQUAL, number, 0, len(then) + len(tail)), *then, *tail]


def _one_of(values: Iterable[int]) -> list[bytes]:
    return [line for value in values for line in (_op(_EQUAL, value, 0, 1), _refuse(errno.EPERM))]


def _families() -> list[bytes]:
    """Unix and internet sockets, and of netlink only what name lookups read."""
    lines = [_argument(0)]
    for position, family in enumerate(_FAMILIES):
        lines.append(_op(_EQUAL, family, len(_FAMILIES) - position, 0))
    return [
        *lines,
        _refuse(errno.EAFNOSUPPORT),
        _op(_EQUAL, _NETLINK, 0, 3),
        _argument(2),
        _op(_EQUAL, _NETLINK_ROUTE, 1, 0),
        _refuse(errno.EAFNOSUPPORT),
    ]


def _without_set_id(mode: int | None, flags: int | None) -> list[bytes]:
    assert mode is not None
    check = [_argument(mode), _op(_ANY_BIT, _SET_ID_BITS, 0, 1), _refuse(errno.EPERM)]
    if flags is None:
        return check
    return [_argument(flags), _op(_ANY_BIT, _O_CREAT, 0, len(check)), *check]
