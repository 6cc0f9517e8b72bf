"""Views that are thrown away (for verification and repair) have less than the session they belong to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from loopwright.core.running import Limits, Ran, run
from loopwright.runtime.widened import WidenedSandbox, binds
from loopwright.sandbox import BubblewrapSandbox
from loopwright.testing.memory import MemoryBlobs
from loopwright.testing.trees import make_repository
from loopwright.workspace.workspace import View, open_workspace

pytestmark = pytest.mark.anyio
ALLOWED = Limits(network="allow:example.org", timeout=20)


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    made = tmp_path / "beside"
    made.mkdir()
    (made / "data").write_text("shown")
    made.chmod(0o777)
    return made


@pytest.fixture
async def view(tmp_path: Path, beside: Path) -> AsyncIterator[View]:
    sandbox = WidenedSandbox(BubblewrapSandbox(), binds([], [str(beside)]), {"NAMED": "yes"})
    root = make_repository(tmp_path / "p", {"a.py": b"a\n"})
    opened = await open_workspace(str(root), sandbox=sandbox, blobs=MemoryBlobs(), limits=ALLOWED)
    yield opened
    await opened.aclose()


async def look(view: View, beside: Path, limits: Limits = Limits()) -> Ran:
    return await run(
        view.executor,
        ["sh", "-c", f"env | grep -ic proxy; cat {beside}/data; echo $NAMED; echo x > {beside}/new"],
        limits,
    )


async def test_the_session_s_own_view_has_what_was_given_to_it(view: View, beside: Path) -> None:
    ran = await look(view, beside)
    assert ran.out.splitlines()[0] != b"0"
    assert (beside / "new").is_file()


@pytest.mark.parametrize("limits", [Limits(), ALLOWED], ids=["its-own", "the-session-s"])
async def test_a_throw_away_view_reads_and_has_no_network(view: View, beside: Path, limits: Limits) -> None:
    async with view.fresh(await view.checkpoint()) as fresh:
        ran = await look(fresh, beside, limits)
    assert ran.out.split() == [b"0", b"shownyes"], ran.text()
    assert not (beside / "new").exists()
