"""What is folded from the log: the state of a run, and the View of it that an engine sees."""

from __future__ import annotations

from datetime import datetime

from loopwright.core.calls import Approval, Decision, Proposal, TodoItem, ToolCall, ToolResult, ToolSpec
from loopwright.core.checks import Cost, Promotion, Proof, Ref, Verification
from loopwright.core.fact import Fact, JsonValue
from loopwright.core.knowledge import Diagnosis, Lesson
from loopwright.core.plan import Plan, Requirement, Task
from loopwright.core.rules import Directive, InstructionFile


class Said(Fact, frozen=True, tag="said"):
    """Words put before the engine: `by` is user, steer, summary or loopwright."""

    by: str
    text: str


class Acted(Fact, frozen=True, tag="acted"):
    """What the engine proposed in a turn."""

    turn: int
    proposal: Proposal


class Observed(Fact, frozen=True, tag="observed"):
    """The result of one call."""

    result: ToolResult


Item = Said | Acted | Observed


def size(item: Item) -> int:
    """Return the item's characters as an engine is shown them."""
    match item:
        case Said():
            return len(item.text)
        case Acted():
            p = item.proposal
            return len(p.text) + len(p.thinking) + sum(60 + len(str(c.args)) for c in p.calls)
        case Observed():
            return len(item.result.text)


class View(Fact, frozen=True):
    """What an engine may see this turn. `items` only ever grows at its end, except by compaction."""

    session: str
    workspace: str
    role: str
    turn: int
    task: Task
    requirement: Requirement
    items: tuple[Item, ...] = ()
    instructions: str = ""
    directives: tuple[Directive, ...] = ()
    todo: tuple[TodoItem, ...] = ()
    tools: tuple[ToolSpec, ...] = ()
    last_failed: bool = False
    diagnosis: Diagnosis | None = None
    lessons: tuple[Lesson, ...] = ()
    verification: Verification | None = None


class State(Fact, frozen=True):
    """Everything the loop needs to know, folded from the log; `apply` gives the next one."""

    session: str = ""
    seq: int = 0
    head: str = ""
    workspace: str = ""
    settings: dict[str, JsonValue] = {}
    base: Ref = Ref("", "")
    ref: Ref = Ref("", "")  # the view's last durable checkpoint
    prompt: str = ""  # the latest request, word for word
    prompt_seq: int = 0
    requirement: Requirement | None = None
    directives: tuple[Directive, ...] | None = None
    instructions: str = ""
    instruction_files: tuple[InstructionFile, ...] = ()
    met: frozenset[str] = frozenset()  # instruction files of directories below, shown since the engine entered them
    consented: tuple[str, ...] = ()  # instruction files that a person let be changed
    plan: Plan | None = None
    done_tasks: frozenset[str] = frozenset()
    items: tuple[Item, ...] = ()
    item_seqs: tuple[int, ...] = ()  # the event each item came from
    shown: int = 0  # characters of all items
    shortened: tuple[tuple[int, tuple[Item, ...], tuple[int, ...]], ...] = ()  # items before each compaction
    todo: tuple[TodoItem, ...] = ()
    turn: int = 0  # turns proposed so far
    prompt_turn: int = 0  # turns proposed before the latest prompt
    spent_before: Cost = Cost()  # what the session had cost when this run began
    at: datetime | None = None  # of the latest event
    proposal: Proposal | None = None  # the latest
    pending: tuple[ToolCall, ...] = ()  # proposed and not yet returned, in order
    decisions: dict[str, Decision] = {}  # of pending calls
    answers: dict[str, Approval] = {}
    asked: str = ""  # the call that waits for a person
    verification: Verification | None = None  # of the current tree, else None
    promoted: tuple[Promotion, ...] = ()
    landed: Ref | None = None  # what the user's tree holds of this session
    last_failed: bool = False
    diagnosis: Diagnosis | None = None
    fingerprints: dict[str, int] = {}  # failure fingerprint -> times seen since the last prompt
    calls_seen: dict[str, int] = {}  # identical call -> times in a row without a change of tree
    lessons: tuple[Lesson, ...] = ()
    dropped: frozenset[str] = frozenset()  # lessons that did not help in this session
    cost: Cost = Cost()
    engine_failures: int = 0  # in a row
    proof: Proof | None = None  # of the latest finish, None while the run is open
    reason: str = ""

    @property
    def open(self) -> bool:
        """True while there is something to do."""
        return self.proof is None

    @property
    def task(self) -> Task | None:
        """The first ready task, None where the plan is done or not yet made."""
        ready = self.plan.ready(self.done_tasks) if self.plan else ()
        return ready[0] if ready else None
