"""Version managers whose shims are scripts: which installation a shim stands for in a directory, without running it.

The rules are those of `pyenv`, `rbenv` and `nodenv`: the variable, then the nearest version file upwards from the
directory, then the manager's global file; `a:b` names several; a name may be a prefix such as 3.11.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

#: Name of the shims' parent -> its root variable, version variable and version file.
_MANAGERS = {
    "pyenv": ("PYENV_ROOT", "PYENV_VERSION", ".python-version"),
    "rbenv": ("RBENV_ROOT", "RBENV_VERSION", ".ruby-version"),
    "nodenv": ("NODENV_ROOT", "NODENV_VERSION", ".node-version"),
}


def shim_directories(directory: str, root: str, environment: Mapping[str, str]) -> list[str]:
    """The `bin` directories that a directory of shims stands for in `root`; any other directory stands for itself."""
    if directory.rpartition("/")[2] != "shims":
        return [directory]
    for name, (root_variable, variable, file) in _MANAGERS.items():
        for top in (environment.get(root_variable, ""), os.path.dirname(directory)):
            managed = os.path.basename(top).lstrip(".") == name or top == environment.get(root_variable)
            if not managed or not os.path.isdir(f"{top}/versions"):
                continue
            return _directories(top, _chosen(top, environment.get(variable, ""), file, root))
    return [directory]


def _chosen(top: str, named: str, file: str, root: str) -> list[str]:
    if named:
        return named.split(":")
    directory, above = root, os.path.dirname(root)
    while not (words := _words(f"{directory}/{file}")) and above != directory:
        directory, above = above, os.path.dirname(above)
    return words or _words(f"{top}/version") or ["system"]


def _words(path: str) -> list[str]:
    if not os.path.isfile(path):
        return []  # mostly there is none: to ask costs a fifth of what opening it does
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()
    except OSError:
        return []
    return [word for line in lines for word in line.partition("#")[0].split()]


def _directories(top: str, names: list[str]) -> list[str]:
    found = []
    for name in names:
        if name == "system" or "/" in name or name.startswith("."):
            continue
        version = _installed(f"{top}/versions", name)
        if version:
            found.append(f"{top}/versions/{version}/bin")
    return found


def _installed(versions: str, name: str) -> str:
    """The installed version of this name, or the latest that it is a prefix of."""
    if os.path.isdir(f"{versions}/{name}"):
        return name
    pattern = re.compile(re.escape(name) + r"\.\d+$")
    fitting = [version for version in os.listdir(versions) if pattern.match(version)]
    return max(fitting, key=lambda v: [int(n) for n in re.findall(r"\d+", v)], default="")
