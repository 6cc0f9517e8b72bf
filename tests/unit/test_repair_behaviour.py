"""Rivals are told apart by what they do: on the tests' own calls, and on calls like them."""

import importlib
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.test_repair_engine import apply, propose, write

from loopwright import inside
from loopwright.core.state import Acted
from loopwright.engines.repair import report
from loopwright.engines.repair.behaviour import Behaviours, Input, against, stand
from loopwright.engines.repair.candidates import Candidate, changed, goes_unread
from loopwright.engines.repair.choose import rank
from loopwright.engines.repair.found import Found
from loopwright.engines.repair.patch import edits
from loopwright.engines.repair.pool import gather
from loopwright.engines.repair.site import Edit, sites
from loopwright.engines.repair.source import Source, Splice
from loopwright.engines.repair.trial import Trial
from loopwright.engines.repair.unreached import arms

INSIDE = str(Path(str(inside.__file__)).parent)


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Imports a module as the project's interpreter does."""
    monkeypatch.syspath_prepend(INSIDE)
    return importlib.import_module


def call(name: str, *given: Any, **keywords: Any) -> tuple[str, str, bytes]:
    return ("m.py", name, pickle.dumps((list(given), keywords)))


def test_calls_are_varied_one_argument_at_a_time_and_always_alike(hand: Any) -> None:
    record = hand("repair_record")
    calls = [call("f", [1, 2, 3], "abc", key={"a": 1}), call("f", [9], "z", key={})]
    made = record.variations(calls, 40)
    assert made == record.variations(calls, 40) and len(set(made)) == len(made) > 15
    known = [pickle.loads(c[2]) for c in calls]
    for one in made:
        given, keywords = pickle.loads(one[2])
        parts = [*given, *keywords.values()]
        changed = [sum(a != b for a, b in zip(parts, [*g, *k.values()], strict=True)) for g, k in known]
        assert min(changed) == 1
        assert [type(part) for part in parts] == [list, str, dict]


def test_values_of_no_plain_type_stay_as_they_are(hand: Any) -> None:
    record = hand("repair_record")
    value = object()
    assert record.varied(value, record.random.Random(1)) is value


def test_calls_from_outside_are_recorded_as_they_were_made(hand: Any, tmp_path: Path) -> None:
    record = hand("repair_record")
    source = "def outer(xs):\n    xs.append(inner(1))\n    return xs\n\ndef inner(n):\n    return n\n"
    file = str(tmp_path / "m.py")
    space: dict[str, Any] = {}
    exec(compile(source, file, "exec"), space)
    recorder = record.Recorder(lambda path: path == file, {(file, 5)})
    recorder.start()
    space["outer"]([7])
    recorder.stop()
    ((path, name, data),) = recorder.calls
    assert (path, name, pickle.loads(data)) == (file, "outer", ([[7]], {}))
    assert record.written(name, data) == "outer([7])"


def test_equal_values_look_equal_and_others_do_not(hand: Any) -> None:
    canonical = hand("repair_probe").canonical
    assert canonical({"b": {2, 1}, "a": 0.1 + 0.2}) == canonical({"a": 0.3, "b": {1, 2}})
    assert len({canonical(v) for v in (1, True, "1", [1], (1,), None, {1})}) == 7
    loop: list[Any] = []
    loop.append(loop)
    assert canonical(loop)


def test_experiments_change_nothing_outside(tmp_path: Path) -> None:
    script = f"""
import pickle, sys
sys.path.insert(0, {INSIDE!r})
import repair_probe
sys.addaudithook(repair_probe._pure)
def writes(path): open(path, "w").close()
def reads(path): return len(open(path).read())
def starts(): __import__("subprocess").run(["true"])
for function, given in ((writes, ["new"]), (reads, ["old"]), (starts, [])):
    print(repair_probe.outcome(function, pickle.dumps((given, {{}})))[1])
"""
    (tmp_path / "old").write_text("abc")
    ran = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout.split("\n")[:3] == ["raises PermissionError", "3", "raises PermissionError"]
    assert [p.name for p in tmp_path.iterdir()] == ["old"]


def test_what_becomes_of_the_arguments_is_told(hand: Any) -> None:
    outcome = hand("repair_probe").outcome
    assert outcome(sorted, pickle.dumps(([[2, 1]], {}))) == (outcome(sorted, pickle.dumps(([[2, 1]], {})))[0], "[1, 2]")
    assert outcome(list.sort, pickle.dumps(([[2, 1]], {})))[1] == "None, changes its arguments"


@pytest.mark.real
def test_what_no_test_decides_is_shown_with_the_input_that_decides_it(tmp_path: Path) -> None:
    module = "def total(xs):\n    t = 0\n    for x in xs:\n        t = x\n    return t\n"
    tests = "from m import total\n\ndef test_two(): assert total([1, 2]) == 3\ndef test_none(): assert total([]) == 0\n"
    write(tmp_path, {"m.py": module, "test_m.py": tests})
    proposal, _ = propose(tmp_path, rivals=4.0)
    assert apply(tmp_path, proposal)
    assert proposal.report["inputs_compared"]
    rivals: Any = proposal.report["rivals"]
    assert rivals and all("same" in r or r["cure_gives"] != r["rival_gives"] for r in rivals)
    assert any("input" in r and r["input"].startswith("total([") for r in rivals)
    assert "No test decides between this and another edit, with which total([" in proposal.text


@pytest.mark.real
def test_what_reads_a_clock_tells_no_two_edits_apart(tmp_path: Path) -> None:
    module = "import time\n\ndef elapsed(start):\n    return start - time.time()\n"
    tests = """
        import time
        from unittest import mock
        from m import elapsed

        def test_elapsed():
            with mock.patch("time.time", return_value=100.0):
                assert elapsed(90.0) == 10.0

        def test_since():
            begun = time.time()
            time.sleep(0.05)
            assert elapsed(begun) > 0.02
    """
    write(tmp_path, {"m.py": module, "test_m.py": tests})
    proposal, _ = propose(tmp_path, rivals=2.0)
    assert "also passed" in proposal.text and "No test decides" not in proposal.text, proposal.text


@pytest.mark.parametrize(
    ("mine", "other", "says"),
    [
        ("1", "2", "which f(3) is 2 instead of 1:"),
        ("1", "raises KeyError", "which f(3) raises KeyError instead of 1:"),
        ("1, changes its arguments", "1, changes its arguments", "which f(3) leaves something else behind (1, changes"),
        ("does not end", "1", "which f(3) is 1 instead of what this one does: it does not end:"),
    ],
)
def test_what_an_edit_does_is_told_in_words_that_fit(mine: str, other: str, says: str) -> None:
    source = Source("m.py", b"x = 1\n")
    one, two = rival("y"), rival("z")
    call = Input("m.py", "f", "", "f(3)", False)
    seen = Behaviours([call], [("x", "3")], [(one, [("p", mine)]), (two, [("q", other)])])
    found = Found(complete=[one, two])
    told = report.text([one], {"m.py": source}, {"m.py": source.edited(one.candidate.edit.splices)}, found, seen)
    assert says in told, told


@pytest.mark.real
def test_what_was_proposed_before_in_the_session_is_not_proposed_again(tmp_path: Path) -> None:
    module = "def total(xs):\n    t = 0\n    for x in xs:\n        t = x\n    return t\n"
    tests = "from m import total\n\ndef test_two(): assert total([1, 2]) == 3\ndef test_none(): assert total([]) == 0\n"
    write(tmp_path, {"m.py": module, "test_m.py": tests})
    first, _ = propose(tmp_path, rivals=3.0)
    second, _ = propose(tmp_path, rivals=3.0, before=(Acted(1, first),))
    assert first.calls and second.calls and edits(first.calls) != edits(second.calls)


@pytest.mark.parametrize(
    ("before", "now", "votes", "cost"),
    [
        ("3", "4", {"value": 1.0}, 0.0),
        ("3", "raises IndexError", {"value": 0.9, "crash": 0.1}, 2.0),
        ("3", "raises IndexError", {"value": 0.4, "crash": 0.6}, 0.0),
        ("3", "raises ValueError", {"value": 0.9, "raise": 0.1}, 0.0),
        ("3", "does not end", {"value": 0.9, "late": 0.1}, 3.0),
        ("3", "None", {"value": 0.9, "none": 0.1}, 1.5),
        ("3", "4, changes its arguments", {"value": 1.0}, 1.5),
        ("3, changes its arguments", "None, changes its arguments", {"value": 1.0}, 0.0),
        ("raises IndexError", "raises IndexError", {"value": 0.5, "crash": 0.5}, 0.5),
        ("raises IndexError", "raises IndexError", {"value": 0.1, "crash": 0.9}, 0.0),
    ],
)
def test_failures_cost_where_other_cures_have_none(before: str, now: str, votes: dict[str, float], cost: float) -> None:
    seen = Behaviours(before=[("", before)])
    assert against([("", now)], seen, [votes]) == cost


def rival(text: str, operator: str = "number") -> Trial:
    edit = Edit("m.py", 1, operator, (Splice(0, 1, text),))
    return Trial(Candidate(edit, None, 1.0, 1.0, 0.0, frozenset({0})), "warm")


@pytest.mark.parametrize(("other", "backs"), [("(a - 1)", False), ("a + -1", True)])
def test_an_edit_written_in_two_ways_does_not_back_itself(other: str, backs: bool) -> None:
    alone, one, two = rival("a - 1"), rival("a - 1"), rival(other)
    call, before = Input("m.py", "f", "", "f(3)", False), [("x", "3")]
    stand(Behaviours([call], before, [(alone, [("y", "2")])]))
    stand(Behaviours([call], before, [(one, [("y", "2")]), (two, [("y", "2")])]))
    assert alone.standing is not None and one.standing is not None
    assert (one.standing > alone.standing + 0.1) is backs


def test_lines_put_in_at_several_places_back_themselves_once() -> None:
    def put_in(line: int, text: str = "xs = sorted(xs)\n") -> Trial:
        edit = Edit("m.py", line, "prepare", (Splice(line, line, text),))
        return Trial(Candidate(edit, None, 1.0, 1.0, 0.0, frozenset({0})), "warm")

    call, before = Input("m.py", "f", "", "f(3)", False), [("x", "3")]
    one, two, other = put_in(1), put_in(2), put_in(3, "xs.sort()\n")
    stand(Behaviours([call], before, [(one, [("y", "2")]), (two, [("y", "2")])]))
    alone = one.standing
    stand(Behaviours([call], before, [(one, [("y", "2")]), (other, [("y", "2")])]))
    assert alone is not None and one.standing is not None
    assert one.standing > alone + 0.1


def test_what_the_place_calls_for_is_likelier_the_cure() -> None:
    assert rank(rival("b", "fill-part")) > rank(rival("b", "expression")) > rank(rival("b", "add-subscript"))


def test_cures_that_leave_an_arm_without_use_stand_behind_one_that_decides() -> None:
    likely, never, decides = rival("a > b"), rival("False", "constant-condition"), rival("a < b")
    call, before = Input("m.py", "f", "", "f(3)", False), [("x", "3")]
    seen = Behaviours([call], before, [(likely, [("y", "2")]), (never, [("y", "2")]), (decides, [("z", "4")])])
    stand(seen)
    assert decides.standing is not None and likely.standing is not None
    assert abs(decides.standing - likely.standing) < 0.1
    seen.unreached = frozenset({id(likely)})
    stand(seen)
    assert decides.standing > likely.standing + 2.5


@pytest.mark.parametrize(("edited", "heads"), [("a < b", (3, 4)), ("c > d", (5,)), ("return 2", ()), ("e", ())])
def test_the_arms_of_a_condition_are_those_of_the_statement_it_stands_in(edited: str, heads: tuple[int, ...]) -> None:
    text = "def f(a, b, c, d, z):\n    if a < b:\n        return 1\n    elif c > d:\n        return 2\n    return z\n"
    source = Source("m.py", text.encode())
    start = text.index(edited)
    assert arms(source, (Splice(start, start + len(edited), edited),)) == heads
    assert arms(source, (Splice(start, start + len(edited), edited + "\n"),)) == ()


@pytest.mark.parametrize(
    ("start", "end", "text", "size"), [(3, 9, "c and a == b", 6), (3, 9, "a", 5), (3, 9, "a != b", 2), (0, 0, "x\n", 2)]
)
def test_the_size_of_an_edit_is_what_it_changes(start: int, end: int, text: str, size: int) -> None:
    source = Source("m.py", b"if a == b: pass\n")
    assert changed(source, Edit("m.py", 1, "any", (Splice(start, end, text),))) == size


@pytest.mark.parametrize(
    ("old", "new", "lost"), [("del d[last]", "del d[k]", True), ("last", "k + last", False), ("d[last]", "d[0]", True)]
)
def test_a_local_that_nobody_reads_any_more_costs(old: str, new: str, lost: bool) -> None:
    text = "def f(d, k):\n    last = k\n    del d[last]\n    return d, k\n"
    source = Source("m.py", text.encode())
    site = next(sites(source, source.units[0], gather(source, [])))
    start = text.rindex(old)
    edit = Edit("m.py", 3, "any", (Splice(start, start + len(old), new),))
    assert goes_unread(site, edit) is lost
    mine = Candidate(edit, None, 1.0, 1.0, 0.0, frozenset({0}))
    assert (rank(Trial(mine, "warm")) > rank(Trial(replace(mine, unread=lost), "warm"))) is lost
