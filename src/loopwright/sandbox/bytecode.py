"""The programs a sandbox starts with, compiled.

To find and read them inside takes time, and to compile them there, where nothing can be kept, as long as all the rest.
"""

from __future__ import annotations

import functools
import marshal
from importlib.machinery import SourceFileLoader
from pathlib import Path

_DIRECTORY = Path(__file__).parent.parent / "inside"
#: In the order they are loaded in: each needs none but those before it.
PROGRAMS = ("kernel", "messages", "landlock", "layers", "isolate", "reaper", "resources", "keeper", "supervisor")

#: What the interpreter inside runs. The rest of the programs is found in their directory when it is asked for.
BOOT = """
import marshal, posix, sys
sys.path.insert(0, {directory!r})
bundle = int(sys.argv[1])
for name, code in marshal.loads(posix.pread(bundle, posix.fstat(bundle).st_size, 0)):
    module = sys.modules[name] = type(sys)(name)
    exec(code, module.__dict__)
module.main()
"""


@functools.cache
def bundle() -> bytes:
    """Return the names and the code of the programs, as `BOOT` reads them in an interpreter of this version."""
    loaders = ((name, SourceFileLoader(name, str(_DIRECTORY / f"{name}.py"))) for name in PROGRAMS)
    return marshal.dumps([(name, loader.get_code(name)) for name, loader in loaders])
