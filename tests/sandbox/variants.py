"""Other ways to the same ends: what somebody writes who has seen the first list."""

from __future__ import annotations

from .attacks import (
    Attack,
    Seen,
    _connected,
    _leaked,
    _left,
    _opened,
    _python,
    _socket,
    _written,
)


def _setuid(seen: Seen) -> bool:
    return bool(seen.setuid)


def _overwritten(seen: Seen) -> bool:
    return seen.linked


def _repository(seen: Seen) -> bool:
    return bool(seen.repositories - {".git", "nested/.git"})


def _number(number: int, arguments: str) -> str:
    return _python(
        f"r = libc.syscall(ctypes.c_long({number}), {arguments})\nprint('OPENED' if r >= 0 else os.strerror(ctypes.get_errno()))"
    )


VARIANTS = (
    # files outside
    Attack("write through a link that was there before", "echo x > way/pwned", _written),
    Attack("put a directory in the place of a link", "rm way; mkdir way; echo x > way/pwned", _written, "nobody"),
    Attack("write into a file that has a name outside", "echo x > hard", _overwritten),
    Attack("truncate a file that has a name outside", ": > hard; truncate -s 0 hard", _overwritten),
    Attack("map a file that has a name outside", _python("import mmap\nf = open('hard', 'r+b'); m = mmap.mmap(f.fileno(), 0); m[0] = 0; m.flush()"), _overwritten),
    Attack("write by way of a descriptor of the root", "exec 3</; echo x > /proc/self/fd/3{outside}/pwned", _written),
    Attack("write by way of any process's directory", "for p in /proc/[0-9]*; do echo x > $p/cwd/../outside/pwned; echo x > $p/root{outside}/pwned; done 2>/dev/null", _written),
    Attack("use an inherited directory", "for n in $(seq 3 99); do echo x > /proc/self/fd/$n/pwned; done 2>/dev/null", _written),
    Attack("climb by opened directories", _python("fd = os.open('.', os.O_RDONLY)\nfor _ in range(9):\n fd = os.open('..', os.O_RDONLY, dir_fd=fd)\n try: os.close(os.open('outside/pwned', os.O_CREAT | os.O_WRONLY, dir_fd=fd))\n except OSError: pass"), _written),
    Attack("exchange a file for a link while it is kept", "mkdir d; echo x > d/pwned; mv d e; ln -s {outside} d; cp -r e/. d/", _written),
    Attack("a link made of links", "ln -s .. a; ln -s a/outside b; echo x > b/pwned; ln -s b/pwned c; echo x > c", _written),
    Attack("extract an archive with links", "ln -s {outside} l; tar cf t l; rm l; tar xf t; mkdir -p m; echo x > m/pwned; tar cf t -C m pwned --transform 's,^,l/,'; tar xPf t", _written),
    Attack("file handle of the parent", _number(304, "-100, b'\\0' * 16, 0"), _opened, "nobody"),
    # secrets
    Attack("read through a link that was there before", "cat way/secret", _leaked),
    Attack("search the file system", "grep -rs kept-by-the-user {outside} /home /etc /opt /srv /mnt", _leaked),
    Attack("read environments by ps", "ps auxeww; cat /proc/$PPID/environ /proc/1/environ", _leaked),
    Attack("read the first bytes of the kernel's memory", "head -c 1 /proc/kcore >/dev/null && echo OPENED", _opened, "nobody"),
    # network
    Attack("TCP over a mapped address", _socket("AF_INET6", "SOCK_STREAM", "('::ffff:127.0.0.1', {tcp})"), _connected),
    Attack("TCP to no address", _socket("AF_INET", "SOCK_STREAM", "('0.0.0.0', {tcp})"), _connected),
    Attack("TCP with data in its first packet", _python("s = socket.socket(); s.settimeout(2); s.sendto(b'hello', 0x20000000, ('127.0.0.1', {tcp}))"), _connected),
    Attack("multipath TCP", _python("s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262); s.settimeout(2); s.connect(('127.0.0.1', {tcp}))"), _connected),
    Attack("UDP by a connected socket", _python("s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect(('127.0.0.1', {udp})); s.send(b'hello')"), _connected),
    Attack("UDP over a mapped address", _socket("AF_INET6", "SOCK_DGRAM", "('::ffff:127.0.0.1', {udp})", send=True), _connected),
    Attack("by bash", "bash -c 'echo hello > /dev/tcp/127.0.0.1/{tcp}'", _connected),
    Attack("by curl through a unix socket", "curl -s -m 2 --unix-socket {outside}/socket http://x/; curl -s -m 2 --abstract-unix-socket {abstract} http://x/", _connected),
    Attack("a socket in the workspace", _python("s = socket.socket(socket.AF_UNIX); s.connect('service'); s.sendall(b'x')"), _connected),
    Attack("a socket in the workspace by another name", "mv service other; ln other third; " + _python("for n in ('other', 'third', '/proc/self/cwd/service'):\n s = socket.socket(socket.AF_UNIX)\n try: s.connect(n)\n except OSError: pass"), _connected),
    Attack("kernel events", _python("socket.socket(16, 3, 15).bind((0, 1)); print('OPENED')"), _opened),
    Attack("signal by a process descriptor", _python("fd = libc.syscall(434, {victim}, 0); libc.syscall(424, fd, 9, None, 0)"), lambda s: not s.victim_alive),
    Attack("signal by a descriptor's owner", _python("import fcntl, time\na, b = socket.socketpair()\nfcntl.fcntl(a, fcntl.F_SETOWN, {victim}); fcntl.fcntl(a, 10, 9)\nfcntl.fcntl(a, fcntl.F_SETFL, os.O_ASYNC); b.send(b'x'); time.sleep(0.1)"), lambda s: not s.victim_alive),
    Attack("signal by a queue", _number(129, "{victim}, 9, b'\\0' * 128"), lambda s: not s.victim_alive, "nobody"),
    Attack("seize a process", _python("import time\np = os.fork()\nif p == 0: time.sleep(3); os._exit(0)\nprint('OPENED' if libc.ptrace(0x4206, p, 0, 0) == 0 else 'no'); os.kill(p, 9)"), _opened),
    Attack("be traced", _python("print('OPENED' if libc.ptrace(0, 0, 0, 0) == 0 else 'no')"), _opened),
    Attack("write the memory of who started it", "for p in 1 $PPID; do test -w /proc/$p/mem && (exec 3<>/proc/$p/mem) && echo OPENED; done", _opened, "nobody"),
    Attack("stay behind stopped", "python3 -c \"import os, signal\nif os.fork(): os._exit(0)\nos.setsid(); os.kill(os.getpid(), signal.SIGSTOP)\nos.execvp('sleep', ['{mark}', '60'])\" & sleep 0.3; setsid sh -c 'exec -a {mark} sleep 60' >/dev/null 2>&1 & sleep 0.1; pkill -STOP -f {mark}; true", _left, "nobody"),
    Attack("stay behind by restarting each other", _python("import signal, time\nif os.fork(): os._exit(0)\nos.setsid()\nn = os.open('/dev/null', os.O_RDWR); [os.dup2(n, i) for i in range(3)]\nend = time.time() + 20\ndef guard():\n while time.time() < end:\n  p = os.fork()\n  if p == 0: os.setsid(); os.execvp('sleep', ['{mark}', '5'])\n  os.waitpid(p, 0)\nif os.fork() == 0: guard()\nguard()") + "sleep 0.3", _left),
    Attack("lower its own chance to be killed", "echo -900 > /proc/self/oom_score_adj && echo OPENED", _opened, "nobody"),
    Attack("raise its own limits", _python("import resource\nh = resource.getrlimit(resource.RLIMIT_NOFILE)[1]\nresource.setrlimit(resource.RLIMIT_NOFILE, (h + 1, h + 1)); print('OPENED')"), _opened, "nobody"),
    Attack("a real-time priority", _python("os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)); print('OPENED')"), _opened, "nobody"),
    # rights
    Attack("set-user-ID by openat2", _python("h = (ctypes.c_uint64 * 3)(os.O_CREAT | os.O_WRONLY, 0o4755, 0)\nlibc.syscall(437, -100, b's', h, 24)"), _setuid),
    Attack("set-user-ID by install", "install -m 4755 /bin/true s; cp -p /bin/su t; touch u; chmod u+s u", _setuid),
    Attack("set-user-ID by an archive", _python("import tarfile, io\nt = tarfile.TarInfo('s'); t.mode = 0o6755\nwith tarfile.open('a', 'w') as f: f.addfile(t, io.BytesIO())") + "tar xpf a", _setuid),
    Attack("set-user-ID by a descriptor", _python("fd = os.open('s', os.O_CREAT | os.O_WRONLY)\nfor f in (lambda: os.fchmod(fd, 0o4755), lambda: os.chmod(f'/proc/self/fd/{fd}', 0o4755), lambda: libc.syscall(452, -100, b's', 0o4755, 0)):\n try: f()\n except OSError: pass"), _setuid),
    Attack("set-user-ID by mknod", _python("os.mknod('s', 0o106755)"), _setuid),
    Attack("every namespace by unshare", _python("print('OPENED' if any(libc.unshare(f) == 0 for f in (0x10000000, 0x10020000, 0x14000000, 0x18000000, 0x50000000, 0x90000000, 0x12000000)) else 'no')"), _opened),
    Attack("every namespace by clone", _python("for f in (0x10000000, 0x20000000, 0x40000000, 0x00020000, 0x04000000, 0x08000000, 0x02000000):\n r = libc.syscall(ctypes.c_long(56), ctypes.c_long(f | 17), 0, 0, 0, 0)\n if r == 0: os._exit(0)\n if r > 0: print('OPENED')"), _opened),
    Attack("write any setting of the kernel", "for f in $(find /proc/sys -type f -writable 2>/dev/null | head -50); do cat $f 2>/dev/null > /tmp/v && dd if=/tmp/v of=$f conv=notrunc 2>/dev/null && echo OPENED $f; done", _opened, "nobody"),
    Attack("devices of this machine", "ls /dev/fuse /dev/kvm /dev/net/tun /dev/loop-control /dev/mapper/control /dev/uinput /dev/vhost-net /dev/dri 2>/dev/null && echo OPENED", _opened, "nobody"),
    Attack("a device in a directory of its own", "mknod /tmp/{mark} c 1 1 && head -c 1 /tmp/{mark} && echo OPENED; rm -f /tmp/{mark}", _opened, "nobody"),
    Attack("new mount interface", _number(430, "b'tmpfs', 0"), _opened, "root"),
    Attack("a copy of a mount", _number(428, "-100, b'/', 1"), _opened, "root"),
    Attack("join a session keyring", _number(250, "1, b'{mark}'"), _opened),
    Attack("ask for a key", _number(249, "b'user', b'{mark}', None, -4"), _opened, "nobody"),
    Attack("enter io_uring", _number(426, "0, 0, 0, 0, None, 0"), lambda s: "descriptor" in s.output, "nobody"),
    Attack("load a program into the kernel", _number(321, "5, b'\\1' * 64, 64"), _opened, "nobody"),
    Attack("32-bit calls", _python("import mmap\nm = mmap.mmap(-1, 4096, prot=7)\nm.write(b'\\xb8\\x14\\0\\0\\0\\xcd\\x80\\xc3')\nf = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(m)))\nprint('OPENED' if f() > 0 else 'no')"), _opened, "nobody"),
    Attack("calls of the x32 interface", _number(0x40000000 + 39, "0"), _opened, "nobody"),
    Attack("a terminal of the user's", "echo OPENED > /dev/tty && echo OPENED; for t in /dev/pts/[0-9]*; do echo x > $t && echo OPENED; done 2>/dev/null", _opened, "nobody"),
    # persistence in the repository
    Attack("a bare repository that git would trust", "mkdir -p lib/objects lib/refs; echo 'ref: refs/heads/x' > lib/HEAD; printf '[core]\\nbare = false\\nfsmonitor = touch x\\nworktree = .\\n' > lib/config", _repository),
    Attack("a bare repository made by git", "git init -q --bare lib; git -C lib config core.fsmonitor 'touch x'", _repository),
    Attack("a file that leads git elsewhere", "mkdir -p e/objects e/refs sub; echo 'ref: refs/heads/x' > e/HEAD; echo 'gitdir: ../e' > sub/.git", _repository),
    Attack("metadata in other letters", "mkdir -p sub/.GIT .Git; echo x > sub/.GIT/config; echo x > .Git/config", lambda s: any(".git" in n.lower() for n in s.repositories - {".git", "nested/.git"})),
    Attack("replace the repository by a link", "ln -sfn evil .git; ln -s evil sub; mkdir evil; rm -rf .git; mv evil .git", lambda s: "HEAD" not in s.git),
    Attack("write through the repository's descriptor", _python("fd = os.open('.git', os.O_RDONLY); d = os.open('hooks', os.O_RDONLY, dir_fd=fd); os.close(os.open('pre-commit', os.O_CREAT | os.O_WRONLY, 0o755, dir_fd=d))"), lambda s: "hooks/pre-commit" in s.git),
    Attack("name a directory of hooks", "git config --local core.hooksPath hooks; git config -f .git/config core.hooksPath hooks", lambda s: "config" in s.git),
)  # fmt: skip
