"""Attacks by class. Each says what it does and how somebody outside sees that it worked.

`{outside}` is a directory beside the workspace that holds `secret`; `{tcp}`, `{udp}` are ports and `{abstract}`,
`{outside}/socket` unix sockets that the test listens on; `{victim}` is a process of the test's; `{mark}` is a name that
nothing else on this machine has.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

HEAD = "ref: refs/heads/main\n"
SECRET = "kept-by-the-user-3f9a"


@dataclass
class Seen:
    """What the outside knows after the attack."""

    output: str
    outside: set[str]
    connections: list[str]
    victim_alive: bool
    setuid: list[str]
    git: set[str]
    head: str = ""
    repositories: set[str] = field(default_factory=set)
    capable: list[str] = field(default_factory=list)  # files that give their user a capability
    linked: bool = False  # a file outside that has a name in the workspace is not what it was
    left: list[str] = field(default_factory=list)  # files, shared memory and processes with our mark, elsewhere


@dataclass(frozen=True)
class Attack:
    """`control`: who it works for without a sandbox; it is run so in a throw-away place, to prove it can work."""

    name: str
    code: str
    worked: Callable[[Seen], bool]
    control: str = "anyone"  # anyone, root, nobody


def _leaked(seen: Seen) -> bool:
    return SECRET in seen.output


def _opened(seen: Seen) -> bool:
    return "OPENED" in seen.output


def _written(seen: Seen) -> bool:
    return "pwned" in seen.outside


def _connected(seen: Seen) -> bool:
    return bool(seen.connections)


def _left(seen: Seen) -> bool:
    return bool(seen.left)


def _python(code: str) -> str:
    return f"python3 - <<'END'\nimport ctypes, os, socket, sys\nlibc = ctypes.CDLL(None, use_errno=True)\n{code}\nEND\n"


def _socket(family: str, kind: str, address: str, send: bool = False) -> str:
    action = f"s.sendto(b'hello', {address})" if send else f"s.connect({address}); s.sendall(b'hello')"
    return _python(f"s = socket.socket(socket.{family}, socket.{kind}); s.settimeout(2); {action}")


def _call(number: int, *arguments: str) -> str:
    words = ", ".join([f"ctypes.c_long({number})", *(f"ctypes.c_long({a})" if a.isdigit() else a for a in arguments)])
    return _python(f"r = libc.syscall({words})\nprint('OPENED' if r >= 0 else os.strerror(ctypes.get_errno()))")


ATTACKS = (
    # files outside
    Attack("write beside the workspace", "echo x > {outside}/pwned", _written),
    Attack("write through a link", "ln -s {outside} way; echo x > way/pwned", _written),
    Attack("write through a link in the place of a file", "ln -s {outside}/pwned f; echo x > f", _written),
    Attack("hard link to a file outside", "ln {outside}/secret here && cat here", _leaked),
    Attack("write by way of /proc/self/root", "echo x > /proc/self/root/{outside}/pwned", _written),
    Attack("write by way of /proc/1/root", "echo x > /proc/1/root/{outside}/pwned", _written, "nobody"),
    Attack("climb out of the working directory", "cd ..; cat */secret ../*/secret", _leaked),
    Attack("write by way of the working directory", "echo x > /proc/self/cwd/../outside/pwned", _written),
    Attack("a name that turns from a file into a link", _python(
        "import threading, time\nend = time.time() + 1\ndef turn():\n while time.time() < end:\n"
        "  try: os.symlink('{outside}/pwned', 'n'); time.sleep(0.0005)\n  except OSError: pass\n  try: os.unlink('n')\n  except OSError: pass\n"
        "t = threading.Thread(target=turn); t.start()\nwhile time.time() < end:\n"
        " try: fd = os.open('n', os.O_WRONLY | os.O_CREAT); os.write(fd, b'x'); os.close(fd)\n except OSError: pass\nt.join()"), _written),
    Attack("a directory that turns into a link", "mkdir d; (while :; do mv d e; ln -s {outside} d; rm d; mv e d; done) 2>/dev/null & "
           "for i in $(seq 300); do echo x 2>/dev/null > d/pwned; done; kill $!; test -e {outside}/pwned || cp /dev/null {outside}/pwned", _written),
    Attack("leave a file in /tmp", "echo x > /tmp/{mark}", _left),
    Attack("leave a file in shared memory", "echo x > /dev/shm/{mark}", _left),
    Attack("write into the user's start-up files", "echo x >> {outside}/pwned; echo x >> ~/.bashrc; echo x >> /root/.profile-{mark}", _written),
    # secrets
    Attack("read a file outside", "cat {outside}/secret", _leaked),
    Attack("read everything in all homes", "cat /root/*secret* /home/*/*secret* $HOME/*secret* {outside}/*secret*", _leaked),
    Attack("read the environment", "env; cat /proc/self/environ", _leaked),
    Attack("read another process's environment", "cat /proc/*/environ | tr '\\0' '\\n'", _leaked),
    Attack("read the password hashes", "cat /etc/shadow >/dev/null && echo OPENED", _opened, "root"),
    Attack("use an inherited descriptor", "for n in $(seq 3 99); do cat /proc/self/fd/$n; done 2>/dev/null", _leaked),
    Attack("read through another process's root", "cat /proc/*/root{outside}/secret /proc/*/cwd/../outside/secret", _leaked),
    Attack("read the kernel's log", _python("b = ctypes.create_string_buffer(4096)\nr = libc.klogctl(3, b, 4096)\nprint('OPENED' if r >= 0 else 'no')"), _opened, "root"),
    # network
    Attack("TCP to this machine", _socket("AF_INET", "SOCK_STREAM", "('127.0.0.1', {tcp})"), _connected),
    Attack("TCP over IPv6", _socket("AF_INET6", "SOCK_STREAM", "('::1', {tcp6})"), _connected),
    Attack("UDP to this machine", _socket("AF_INET", "SOCK_DGRAM", "('127.0.0.1', {udp})", send=True), _connected),
    Attack("abstract unix socket", _socket("AF_UNIX", "SOCK_STREAM", "'\\0{abstract}'"), _connected),
    Attack("unix socket in a directory", _socket("AF_UNIX", "SOCK_STREAM", "'{outside}/socket'"), _connected),
    Attack("datagram to an abstract unix socket", _socket("AF_UNIX", "SOCK_DGRAM", "'\\0{abstract}-datagrams'", send=True), _connected),
    Attack("UDP over IPv6", _socket("AF_INET6", "SOCK_DGRAM", "('::1', {udp6})", send=True), _connected),
    Attack("look a name up", "getent ahosts localhost.{mark}.invalid; python3 -c \"import socket; s = socket.socket(2, 2); s.connect(('127.0.0.1', {udp})); s.send(b'query')\"", _connected),
    Attack("TCP to any of this machine's addresses", _python("import subprocess\nfor a in subprocess.run(['hostname', '-I'], capture_output=True, text=True).stdout.split() + ['127.0.0.1', '127.0.0.2']:\n try: socket.create_connection((a, {tcp}), 1)\n except OSError: pass"), _connected),
    Attack("kernel audit socket", _python("socket.socket(16, 3, 9); print('OPENED')"), _opened, "root"),
    Attack("kernel crypto socket", _python("socket.socket(38, 5, 0); print('OPENED')"), _opened, "nobody"),
    Attack("make a network interface", "ip link add pwned type dummy && echo OPENED && ip link del pwned", _opened, "nobody"),
    Attack("raw socket", _python("socket.socket(socket.AF_INET, socket.SOCK_RAW, 1); print('OPENED')"), _opened, "root"),
    Attack("packet socket", _python("socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3); print('OPENED')"), _opened, "root"),
    Attack("socket to the hypervisor", _python("socket.socket(40, socket.SOCK_STREAM); print('OPENED')"), _opened, "nobody"),
    Attack("an interface other than loopback", "tail -n +3 /proc/net/dev | grep -v ' *lo:' && echo OPENED", _opened, "nobody"),
    # processes
    Attack("kill a process outside", "kill -9 {victim}", lambda s: not s.victim_alive),
    Attack("kill everything", "kill -9 -1; true", lambda s: not s.victim_alive, "nobody"),
    Attack(
        "trace a process",
        _python(
            "import signal, time\np = os.fork()\nif p == 0: time.sleep(5); os._exit(0)\n"
            "r = libc.ptrace(16, p, 0, 0); print('OPENED' if r == 0 else 'no'); os.kill(p, signal.SIGKILL)"
        ),
        _opened,
    ),
    Attack("read the supervisor's memory", "head -c 1 /proc/1/mem && echo OPENED; readlink /proc/1/fd/* && echo OPENED", _opened, "nobody"),
    Attack("take a descriptor from another process", _python("fd = libc.syscall(434, os.getppid(), 0)\nr = libc.syscall(438, fd, 0, 0) if fd >= 0 else -1\nprint('OPENED' if r >= 0 else 'no')"), _opened),
    Attack("stay behind as a daemon", "setsid sh -c 'exec -a {mark} sleep 60' </dev/null >/dev/null 2>&1 & python3 -c \"import os\nif os.fork(): os._exit(0)\nos.setsid()\nif os.fork(): os._exit(0)\nos.execvp('sleep', ['{mark}', '60'])\" >/dev/null 2>&1; sleep 0.3", _left),
    Attack("stay behind ignoring signals", _python("import signal, time\nif os.fork(): os._exit(0)\nfor n in range(1, 64):\n try: signal.signal(n, signal.SIG_IGN)\n except (OSError, ValueError): pass\nos.setsid(); n = os.open('/dev/null', os.O_RDWR); os.dup2(n, 1); os.dup2(n, 2); os.execvp('sleep', ['{mark}', '60'])") + "sleep 0.3", _left),
    Attack("leave a shared memory segment", _python("k = int.from_bytes(b'{mark}'[-3:], 'big'); print(libc.shmget(k, 4096, 0o1666))"), _left),
    Attack("stop a process outside", "kill -STOP {victim} && echo OPENED; kill -CONT {victim}", _opened),
    Attack("a higher priority", "nice -n -5 true 2>&1 | grep -q denied || echo OPENED", _opened, "nobody"),
    # rights
    Attack("new user namespace", "unshare -U true && echo OPENED", _opened),
    Attack("new mount namespace", "unshare -rm mount -t tmpfs x /mnt && echo OPENED", _opened),
    Attack("set-user-ID file", "cp /bin/true s; chmod 4755 s; python3 -c \"import os; os.open('t', os.O_CREAT, 0o6755)\"", lambda s: bool(s.setuid)),
    Attack("become root by a set-user-ID program", "su -c id </dev/null 2>&1 | grep uid=0 && echo OPENED; sudo -n id && echo OPENED; true", _opened, "root"),
    Attack("is root", "test $(id -u) = 0 && echo OPENED", _opened, "root"),
    Attack("user namespace by a raw clone", _python("r = libc.syscall(56, 0x10000000 | 17, 0, 0, 0, 0)\nif r == 0: os._exit(0)\nprint('OPENED' if r > 0 else 'no')"), _opened),
    Attack("user namespace by clone3", _python("a = (ctypes.c_uint64 * 11)(0x10000000, 0, 0, 0, 17)\nr = libc.syscall(435, a, 88)\nif r == 0: os._exit(0)\nprint('OPENED' if r > 0 else 'no')"), _opened),
    Attack("join another process's namespaces", _python("fd = os.open('/proc/1/ns/mnt', os.O_RDONLY)\nprint('OPENED' if libc.setns(fd, 0) == 0 else 'no')"), _opened, "nobody"),
    Attack("change the root", _python("os.chroot('/tmp'); print('OPENED')"), _opened, "nobody"),
    Attack("a file with capabilities", "cp /bin/true c; " + _python("os.setxattr('c', 'security.capability', bytes.fromhex('0100000200200000000000000000000000000000'))"), lambda s: bool(s.capable), "root"),
    Attack("set-group-ID directory", "mkdir g; chmod 2777 g", lambda s: bool(s.setuid)),
    Attack("make a control group", "mkdir /sys/fs/cgroup/{mark} /sys/fs/cgroup/*/{mark} && echo OPENED", _opened, "nobody"),
    Attack("mount", "mount -t tmpfs x /mnt && echo OPENED && umount /mnt", _opened, "nobody"),
    Attack("make a device", "mknod d b 1 1 && echo OPENED; rm -f d", _opened, "root"),
    Attack("open a disk", "ls /dev/vd* /dev/sd* /dev/nvme* /dev/mem /dev/kmsg 2>/dev/null && echo OPENED", _opened, "nobody"),
    Attack("open core_pattern for writing", _python("os.open('/proc/sys/kernel/core_pattern', os.O_WRONLY); print('OPENED')"), _opened, "root"),
    Attack("see or change the kernel's settings", "ls /sys/kernel 2>/dev/null && echo OPENED; test -w /proc/sysrq-trigger && echo OPENED", _opened),
    # system calls (x86_64)
    Attack("io_uring", _call(425, "4", "ctypes.create_string_buffer(256)"), _opened),
    Attack("keyring", _call(250, "1", "b'mine'"), _opened),
    Attack("userfaultfd", _call(323, "1"), _opened),
    Attack("bpf", _call(321, "0", "ctypes.create_string_buffer(b'\\x01\\0\\0\\0\\x04\\0\\0\\0\\x04\\0\\0\\0\\x04\\0\\0\\0', 128)", "72"), _opened, "root"),
    Attack("perf events", _call(298, "ctypes.create_string_buffer(128)", "0", "-1", "-1", "0"), _opened, "nobody"),
    Attack("memory of another process", _call(310, "os.getppid()", "None", "0", "None", "0", "0"), _opened),
    Attack("terminal injection", _python("import pty, fcntl, termios\nm, s = pty.openpty(); os.setsid(); fcntl.ioctl(s, termios.TIOCSCTTY, 0)\nfcntl.ioctl(s, 0x5412, b'x'); print('OPENED')"), _opened, "nobody"),
    Attack("add a key", _python("print('OPENED' if libc.syscall(248, b'user', b'{mark}', b'x', 1, -4) >= 0 else 'no')"), _opened),
    Attack("watch all files", _call(300, "0", "0"), _opened, "root"),
    Attack("file handles", _python("h = ctypes.create_string_buffer(b'\\x80\\0\\0\\0', 140); m = ctypes.c_int()\nprint('OPENED' if libc.name_to_handle_at(-100, b'/', h, ctypes.byref(m), 0) == 0 else 'no')"), _opened),
    # persistence in the repository
    Attack("change the repository's head by a hard link", "ln .git/HEAD h && echo x > h", lambda s: s.head != HEAD),
    Attack("move the directory above a nested repository", "mv nested other && mkdir -p nested/.git && echo x > nested/.git/config", lambda s: "nested/config" in s.git),
    Attack("make a repository that git would trust", "mkdir -p lib/.git; printf '[core]\\nfsmonitor=touch x\\n' > lib/.git/config", lambda s: "lib/.git" in s.repositories),
    Attack("write a hook", "mkdir -p .git/hooks; echo '#!/bin/sh' > .git/hooks/pre-commit", lambda s: "hooks/pre-commit" in s.git),
    Attack("move the repository's data away", "mv .git old && mkdir .git && echo x > .git/config", lambda s: "HEAD" not in s.git),
    Attack("write into a nested repository", "echo x > nested/.git/config", lambda s: "nested/config" in s.git),
    Attack("change the configuration with git", "git config core.fsmonitor 'touch x'", lambda s: "config" in s.git),
)  # fmt: skip
