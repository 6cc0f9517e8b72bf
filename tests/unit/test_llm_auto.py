"""The auto engine: the first engine as long as it has something to say, then the other with what it learned."""

from __future__ import annotations

import anyio
import pytest

from loopwright.core.calls import Proposal, ToolCall
from loopwright.core.errors import ConfigError, EngineError
from loopwright.core.ports import EngineContext
from loopwright.core.state import View
from loopwright.engines.auto import AutoEngine
from loopwright.testing.talk import Talk

pytestmark = pytest.mark.anyio
EDIT = Proposal(calls=(ToolCall("", "edit", {"path": "a.py"}),))
CLAIM = Proposal(text="mended", done=True)
SPENT = Proposal(text="nothing fits", spent=True, report={"suspicious": ["a.py:3"]})
NOT_MINE = Proposal(text="No repair: no test command.", spent=True, report={"why": "no test command"})


class Listed:
    """An engine that says what is in its list, then that it is spent."""

    def __init__(self, name: str, *says: Proposal) -> None:
        self.name = name
        self.says = list(says)
        self.seen: list[View] = []
        self.seconds: list[float | None] = []
        self.closed = False

    async def propose(self, view: View, ctx: EngineContext) -> Proposal:
        self.seen.append(view)
        self.seconds.append(ctx.seconds)
        return self.says.pop(0) if self.says else NOT_MINE

    async def aclose(self) -> None:
        self.closed = True


async def proposals(talk: Talk, turns: int) -> list[Proposal]:
    made = []
    for _ in range(turns):
        proposal = await talk.propose()
        talk.answer(*["done"] * len(proposal.calls))
        made.append(proposal)
    return made


async def test_the_first_engine_works_alone_as_long_as_it_can() -> None:
    model = Listed("llm")
    made = await proposals(Talk(AutoEngine(Listed("repair", EDIT, CLAIM), model)), 2)
    assert [p.engine for p in made] == ["repair", "repair"]
    assert made[1].done
    assert not model.seen


async def test_what_it_learned_is_a_turn_of_its_own_that_the_other_sees() -> None:
    repair, model = Listed("repair", SPENT), Listed("llm", Proposal(text="I see", engine="llm", done=True))
    handed, answered = await proposals(Talk(AutoEngine(repair, model)), 2)
    assert (handed.spent, handed.done, handed.calls) == (False, False, ())
    assert handed.report == {"suspicious": ["a.py:3"]}
    assert answered.text == "I see"
    assert model.seen[0].items[-1].proposal == handed  # type: ignore[union-attr]


async def test_once_handed_over_the_first_is_not_asked_again_until_the_person_speaks() -> None:
    repair = Listed("repair", SPENT, SPENT)
    model = Listed("llm", *[Proposal(text="work", engine="llm", calls=EDIT.calls)] * 9)
    talk = Talk(AutoEngine(repair, model))
    await proposals(talk, 4)
    talk.say("faster", by="steer")
    await proposals(talk, 1)
    assert len(repair.seen) == 1
    talk.say("and now this")
    await proposals(talk, 1)
    assert len(repair.seen) == 2


async def test_where_the_first_has_nothing_to_do_the_other_answers_at_once() -> None:
    repair, model = Listed("repair"), Listed("llm", *[Proposal(text="hello", engine="llm", calls=EDIT.calls)] * 2)
    made = await proposals(Talk(AutoEngine(repair, model)), 2)
    assert [p.text for p in made] == ["hello", "hello"]
    assert len(repair.seen) == 1


async def test_a_red_claim_of_the_first_leaves_it_its_turn() -> None:
    repair, model = Listed("repair", CLAIM, EDIT), Listed("llm")
    talk = Talk(AutoEngine(repair, model))
    await proposals(talk, 1)
    talk.say("Not proven yet.", by="loopwright")
    (second,) = await proposals(talk, 1)
    assert second.engine == "repair" and second.calls


async def test_with_nothing_to_do_and_no_model_the_person_is_told_what_was_looked_for() -> None:
    talk = Talk(AutoEngine(Listed("repair"), None, missing="looked for A_KEY, B_KEY"))
    with pytest.raises(ConfigError, match=r"^No repair: no test command; looked for A_KEY, B_KEY$"):
        await talk.propose()


async def test_without_a_model_the_first_has_the_last_word() -> None:
    talk = Talk(AutoEngine(Listed("repair", SPENT), None, missing="looked for A_KEY"))
    (last,) = await proposals(talk, 1)
    assert last.spent and last.report
    assert "nothing fits" in last.text and "looked for A_KEY" in last.text
    talk = Talk(AutoEngine(Listed("repair", EDIT), None, missing="looked for A_KEY"))
    assert [p.spent for p in await proposals(talk, 2)] == [False, True]


async def test_a_session_taken_up_again_goes_on_with_the_right_engine() -> None:
    talk = Talk(AutoEngine(Listed("repair", SPENT), Listed("llm")))
    await proposals(talk, 1)
    model = Listed("llm", Proposal(text="mine", engine="llm"))
    other = talk.resume(AutoEngine(Listed("repair", EDIT), model))
    assert (await other.propose()).text == "mine"


@pytest.mark.parametrize(("left", "given"), [(100.0, 30.0), (1000.0, 90.0), (None, 90.0)])
async def test_the_first_has_a_share_of_the_time_and_all_of_it_where_there_is_no_other(
    left: float | None, given: float
) -> None:
    repair = Listed("repair", SPENT, SPENT)
    talk = Talk(AutoEngine(repair, Listed("llm")))
    talk.seconds = left
    await talk.propose()
    alone = Talk(AutoEngine(repair, None, missing="looked for A_KEY"))
    alone.seconds = left
    await alone.propose()
    assert repair.seconds == [given, left]


TIMED_OUT = Proposal(text="out of time", spent=True, report={"candidates": 900, "untried": 400})


class Slow:
    """An engine that takes its time, and may be told to stop waiting."""

    def __init__(self, name: str, *says: Proposal | Exception, seconds: float = 0.0) -> None:
        self.name, self.says, self.seconds = name, list(says), seconds
        self.left = 0

    async def propose(self, view: View, ctx: EngineContext) -> Proposal:
        say = self.says.pop(0)
        try:
            await anyio.sleep(self.seconds if not self.left else 0)
        except anyio.get_cancelled_exc_class():
            self.left += 1
            raise
        if isinstance(say, Exception):
            raise say
        return say

    async def aclose(self) -> None:
        return None


ANSWER = Proposal(text="mine", engine="llm", calls=EDIT.calls)
CURE = Proposal(text="cured", engine="repair", calls=EDIT.calls, done=True)


async def test_a_search_that_ran_out_of_time_goes_on_while_the_model_is_asked_and_its_cure_is_heard() -> None:
    repair, model = Slow("repair", TIMED_OUT, CURE), Slow("llm", ANSWER, seconds=30)
    handed, cured = await proposals(Talk(AutoEngine(repair, model, cores=2)), 2)
    assert handed.text == "out of time" and model.left == 1
    assert (cured.engine, cured.done, cured.report) == ("repair", True, {"asked": "llm"})
    assert "was not waited for, and may be billed" in cured.text


@pytest.mark.parametrize("found", [TIMED_OUT, EngineError("the sandbox failed")])
async def test_a_search_beside_the_model_that_finds_nothing_is_silence(found: Proposal | Exception) -> None:
    talk = Talk(AutoEngine(Slow("repair", TIMED_OUT, found), Slow("llm", ANSWER, seconds=0.05), cores=2))
    assert [p.text for p in await proposals(talk, 2)] == ["out of time", "mine"]


async def test_an_answer_that_comes_first_ends_the_search() -> None:
    repair = Slow("repair", TIMED_OUT, CURE)
    talk = Talk(AutoEngine(repair, Slow("llm", ANSWER, ANSWER), cores=2))
    await proposals(talk, 1)
    repair.seconds = 30
    assert [p.text for p in await proposals(talk, 2)] == ["mine", "mine"]  # and only the first call has company
    assert repair.left == 1


async def test_what_the_model_cannot_do_is_raised_as_it_is() -> None:
    talk = Talk(AutoEngine(Slow("repair", TIMED_OUT, TIMED_OUT), Slow("llm", EngineError("no answer")), cores=2))
    await proposals(talk, 1)
    with pytest.raises(EngineError, match=r"^no answer$"):
        await talk.propose()


@pytest.mark.parametrize(("cores", "first"), [(1, TIMED_OUT), (2, SPENT)])
async def test_with_one_processor_or_nothing_left_to_try_the_model_is_asked_alone(cores: int, first: Proposal) -> None:
    talk = Talk(AutoEngine(Slow("repair", first), Slow("llm", ANSWER), cores=cores))
    assert [p.text for p in await proposals(talk, 2)][1] == "mine"


async def test_both_are_closed() -> None:
    repair, model = Listed("repair"), Listed("llm")
    await AutoEngine(repair, model).aclose()
    assert repair.closed and model.closed
