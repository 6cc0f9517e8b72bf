"""The parts of this machine's system that every sandbox shows, read-only: never the whole of `/`."""

from __future__ import annotations

import os

#: Merged-usr links on most systems, directories of their own on others.
_ROOTS = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_TREES = ("/usr", "/nix/store", "/gnu/store")

#: Configuration that programs need and that holds no secret.
_ETC = (
    "alternatives", "bash.bashrc", "ca-certificates", "ca-certificates.conf",
    "debian_version", "fonts", "gai.conf", "host.conf", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "locale.alias",
    "locale.conf", "localtime", "magic", "magic.mime", "mime.types", "os-release", "perl", "pki/tls/certs",
    "pki/ca-trust", "protocols", "python3", "services", "shells", "ssl/certs", "ssl/openssl.cnf", "terminfo",
    "timezone", "xml", "java",
)  # fmt: skip


class Layout:
    """bubblewrap arguments for what stands where, in order. Directories above a bind are open for all to pass:
    some releases of bubblewrap would make them with mode 0700."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self._made: set[str] = set()

    def bind(self, source: str, target: str, option: str = "--ro-bind") -> None:
        """Show `source` at `target`."""
        self.make_parents(target)
        self.words += [option, source, target]

    def private(self, target: str, size: int) -> None:
        """A writable directory in memory, of `size` bytes at most."""
        self.make_parents(target)
        self.words += ["--perms", "1777", "--size", str(size), "--tmpfs", target]

    def file(self, fd: int, target: str) -> None:
        """A read-only file with what can be read from a descriptor."""
        self.make_parents(target)
        self.words += ["--perms", "0644", "--ro-bind-data", str(fd), target]

    def make_parents(self, target: str) -> None:
        end = target.find("/", 1)
        while end > 0:
            if (parent := target[:end]) not in self._made:
                self._made.add(parent)
                self.words += ["--dir", parent]
            end = target.find("/", end + 1)


def bind_system(layout: Layout) -> None:
    """Show the system directories and the chosen files of /etc."""
    for tree in _TREES:
        if os.path.isdir(tree):
            layout.bind(tree, tree)
    for root in _ROOTS:
        if os.path.islink(root):
            layout.words += ["--symlink", os.readlink(root), root]
        elif os.path.isdir(root):
            layout.bind(root, root)
    for name in _ETC:
        if os.path.lexists(f"/etc/{name}"):
            layout.bind(f"/etc/{name}", f"/etc/{name}", "--ro-bind-try")


def identity_files(uid: int, gid: int, home: str) -> dict[str, bytes]:
    """The few files of /etc made for the sandbox: who is there, which names are known, nothing of this machine."""
    accounts = "" if uid == 0 else f"user:x:{uid}:{gid}:user:{home}:/bin/sh\n"
    groups = "" if gid == 0 else f"user:x:{gid}:\n"
    return {
        "/etc/passwd": f"root:x:0:0:root:/:/bin/sh\n{accounts}".encode(),
        "/etc/group": f"root:x:0:\n{groups}".encode(),
        "/etc/hosts": b"127.0.0.1 localhost sandbox\n::1 localhost sandbox\n",
        "/etc/nsswitch.conf": b"passwd: files\ngroup: files\nhosts: files dns\n",
    }
