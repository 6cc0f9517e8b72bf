"""Several candidates in one worker: fast, and as if each had been alone."""

import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.test_repair_engine import apply, propose, write

from loopwright import inside

sys.path.append(str(Path(str(inside.__file__)).parent))  # the programs of `inside` import each other as scripts

from loopwright.inside import repair_batch, repair_swap

SOURCE = """
    import functools

    class Kept:
        names = []

    kept = []

    def grows(a, held=[]):
        held.append(a)

    @functools.lru_cache
    def remembers(a):
        return a

    def plain(a):
        return a
"""


@pytest.fixture
def module(tmp_path: Path) -> Iterator[Any]:
    write(tmp_path, {"held.py": SOURCE})
    made = types.ModuleType("held")
    made.__file__ = str(tmp_path / "held.py")
    exec(compile((tmp_path / "held.py").read_text(), made.__file__, "exec"), made.__dict__)
    sys.modules["held"] = made
    yield made
    del sys.modules["held"]


def traces(given: dict[str, Any], module: Any) -> repair_batch.Traces:
    suite: Any = types.SimpleNamespace(items=[types.SimpleNamespace(callspec=types.SimpleNamespace(params=given))])
    return repair_batch.Traces(suite, lambda path: path == module.__file__)


@pytest.mark.parametrize(
    "leave",
    [
        lambda m, given: m.kept.append(1),
        lambda m, given: m.Kept.names.append(1),
        lambda m, given: m.grows(1),
        lambda m, given: m.remembers(1),
        lambda m, given: setattr(m, "new", 1),
        lambda m, given: given["items"].sort(),
    ],
)
def test_what_a_candidate_leaves_behind_is_seen(module: Any, leave: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repair_batch, "COSTLY", 60.0)  # however busy the machine is
    given = {"items": [2, 1]}
    before = traces(given, module)
    module.plain(given)
    assert before.same()
    leave(module, given)
    assert not before.same()


def test_a_project_that_cannot_be_looked_at_gets_a_worker_for_each_candidate(module: Any) -> None:
    class Shut:
        def __reduce__(self) -> Any:
            raise ValueError

        def __repr__(self) -> str:
            raise ValueError

        __slots__ = ()

    module.shut = Shut()
    assert not traces({}, module).cheap


def test_an_edit_is_taken_back() -> None:
    def one() -> int:
        return 1

    def two() -> int:
        return 2

    repair_swap.put(one, two.__code__)  # type: ignore[arg-type]  # a function is one
    assert one() == 2
    repair_swap.undo()
    assert one() == 1


def test_candidates_that_change_the_arguments_of_the_tests_do_not_decide_for_others(tmp_path: Path) -> None:
    fault = """
        def ordered(items):
            for i in range(1, len(items)):
                while i > 1 and items[i - 1] > items[i]:
                    items[i - 1], items[i] = items[i], items[i - 1]
                    i -= 1
            return items
    """
    tests = """
        import pytest
        from places import ordered

        CASES = [([], []), ([2, 1], [1, 2]), ([3, 1, 2], [1, 2, 3]), ([1, 2], [1, 2])]

        @pytest.mark.parametrize("items, wanted", CASES)
        def test_ordered(items, wanted):
            assert ordered(items) == wanted
    """
    write(tmp_path, {"places.py": fault, "test_places.py": tests})
    proposal, _ = propose(tmp_path)
    mended = apply(tmp_path, proposal)
    assert "i > 0" in mended or "i >= 1" in mended
