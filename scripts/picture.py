"""Draws docs/demo.svg: a real run of `loopwright fix` on examples/01_broken_shop, as its terminal view shows it."""

from __future__ import annotations

import io
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

import anyio
from rich.console import Console

from loopwright.core.commands import Prompt
from loopwright.frontends.show.plain import PlainView, proof_table
from loopwright.runtime.config import load_config
from loopwright.runtime.home import find_home
from loopwright.runtime.host import Host

ROOT = Path(__file__).parents[1]
TEST = "python -m pytest -q"
#: The exporter's own style names fonts on the network: a picture in a repository loads nothing.
FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
NOTICE = re.compile(r"\s*<!--.*?-->", re.DOTALL)


async def draw(scratch: Path) -> str:
    """Return the SVG of one run in a scratch copy of the example."""
    shop = scratch / "shop"
    shutil.copytree(ROOT / "examples" / "01_broken_shop", shop, ignore=shutil.ignore_patterns("__pycache__"))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "LOOPWRIGHT_HOME": str(scratch / "home"), "PATH": path}
    home = find_home(env)
    host = Host(home, load_config(home.config), env)
    console = Console(record=True, width=116, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    async with host.start(shop, observer=PlainView(console), tests=(TEST,), fix=True, engine="repair") as session:
        await session.submit(Prompt(f"Make the failing check pass without touching the tests: `{TEST}`"))
        proof = await session.run()
    console.print(proof_table(proof))
    if proof.outcome != "solved":
        raise SystemExit(f"the run ended {proof.outcome}: no picture is drawn of that")
    drawn = console.export_svg(title=f"loopwright fix . --test '{TEST}'")
    return NOTICE.sub("", FONTS.sub("", drawn))


def main() -> None:
    """Write the picture."""
    scratch = Path(tempfile.gettempdir()) / "loopwright"
    scratch.mkdir()
    try:
        (ROOT / "docs" / "demo.svg").write_text(anyio.run(draw, scratch), encoding="utf-8")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
