"""Mounting the writable layers of a sandbox and what must stay read-only over them, before any right is given up.

Every layer's files lie in one file system in memory, so that its size and inodes limit what is written to all of the
directories together. See Documentation/filesystems/overlayfs.rst in the kernel tree for the options.
"""

import posix as os

from kernel import call, checked, errno, exists, text  # type: ignore[import-not-found]  # a neighbour by name, as the programs in here are run

#: Where the launcher mounts the layers' own file system, and shows the directories below them.
LAYERS = b"/run/loopwright/layers"

_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_REMOUNT, _MS_BIND = 1, 2, 4, 32, 4096
_MNT_DETACH = 2
_SAFE = _MS_NOSUID | _MS_NODEV
_ENOENT, _ENOTDIR = 2, 20


def limit_memory(target: bytes, size: int, inodes: int) -> None:
    """Limit the bytes and inodes of a tmpfs that is mounted already, whatever is mounted below it."""
    options = b"size=%d,nr_inodes=%d" % (size, inodes)
    checked(call("mount", None, target, None, _MS_REMOUNT | _SAFE, options), f"limit the size of {text(target)}")


def lay(lower: bytes, target: bytes, number: int, uid: int, gid: int) -> int:
    """Mount a layer over `lower` at `target`; returns a descriptor of the directory that takes what is written."""
    place = b"%s/%d" % (LAYERS, number)
    for name in (b"", b"/upper", b"/work"):
        os.mkdir(place + name, 0o755)
    os.chown(place + b"/upper", uid, gid)
    os.chmod(place + b"/upper", os.stat(lower).st_mode & 0o777)
    options = b"lowerdir=%s,upperdir=%s/upper,workdir=%s/work,index=off,metacopy=off,xino=off" % (lower, place, place)
    try:
        _mount_layer(target, options + b",userxattr")
    except OSError:
        _mount_layer(target, options + b",redirect_dir=nofollow")
    return os.open(place + b"/upper", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def _mount_layer(target: bytes, options: bytes) -> None:
    checked(call("mount", b"loopwright", target, b"overlay", _SAFE, options), f"mount a layer over {text(target)}")


def shield(source: bytes, target: bytes) -> None:
    """Make `target` read-only: as `source` shows it, or empty where there is no source."""
    if not exists(target):
        os.mkdir(target, 0o555)
    if source:
        checked(call("mount", source, target, None, _MS_BIND, None), f"protect {text(target)}")
    else:
        options = b"size=4k,nr_inodes=2,mode=0555"
        checked(call("mount", b"loopwright", target, b"tmpfs", _SAFE, options), f"protect {text(target)}")
    flags = _MS_REMOUNT | _MS_BIND | _MS_RDONLY | _SAFE
    checked(call("mount", None, target, None, flags, None), f"protect {text(target)}")


def mask(target: bytes) -> None:
    """Let a file stand for nothing, where it is still there. One that cannot be reached here may be, by its owner."""
    result = call("mount", b"/dev/null", target, None, _MS_BIND, None)
    if result < 0 and errno() not in (_ENOENT, _ENOTDIR):
        checked(result, f"mask {text(target)}")


def hide(target: bytes) -> None:
    """Take a mount away from everyone but those who hold something of it open."""
    checked(call("umount2", target, _MNT_DETACH), f"hide {text(target)}")
    while call("umount2", target, _MNT_DETACH) == 0:  # one that shows its owner as another lies over the plain one
        pass
