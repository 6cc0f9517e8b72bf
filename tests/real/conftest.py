"""One daemon for all tests here; where none can be started they are skipped, and say why."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.real.daemon import Daemon, NoDaemon


@pytest.fixture(scope="session")
def daemon() -> Iterator[Daemon]:
    yield from _running()


@pytest.fixture
def own_daemon() -> Iterator[Daemon]:
    """One that a test may break."""
    yield from _running()


def _running() -> Iterator[Daemon]:
    pytest.importorskip("docker", reason="the extra loopwright[docker] is not installed")
    try:
        made = Daemon()
        made.start()
    except NoDaemon as error:
        pytest.skip(f"NOT TESTED: {error}")
    try:
        yield made
    finally:
        made.close()
