"""Follows values through a program: from the network, secrets and encoded text to what runs, sends or writes them.

An abstract interpretation of the tree: each statement once, each function once for every kind of arguments it is given
(at most `CONTEXTS`), so that the work is linear in the size of the source.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from loopwright.core.rules import Level
from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.finding import Found, Name, SafetyConfig
from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.called import Scope
from loopwright.guard.checks.safety.flow.language import Judge, Language
from loopwright.guard.checks.safety.flow.locks import Locks
from loopwright.guard.checks.safety.flow.values import Value

#: Items of a list that are told apart.
MOST_ITEMS = 2_000
#: What stands behind a loop without being meant to run after it.
_LATER = (t.Func, t.Class, t.Leave, t.Import, t.Const)

#: What a client of a server holds of where that is.
SERVER = "%server"

Values = Mapping[type[t.Node], Callable[["Flow", Any], Value]]


class Flow:
    """One source text being followed. `judge` is called with the code and the commands that it holds as text."""

    def __init__(self, language: Language, config: SafetyConfig, judge: Judge, values: Values, depth: int = 0) -> None:
        self.language = language
        self.config = config
        self.depth = depth
        self.found: dict[tuple[str, int, str], Found] = {}
        self.times = 1  # how often the current place runs, as far as counted loops tell
        self.turning = 1  # how often the current place runs by loops that may wait
        self.searching = 1  # the same with loops that may end early
        self.endless = False  # in a loop that nothing ends
        self.dropped: dict[str, int] = {}  # files written from the network
        self.ran: dict[str, int] = {}  # files and commands that are run
        self.modules: dict[str, int] = {}  # imported modules and their lines
        self.worked = 0  # items that were worked out one by one
        self.scanned = 0  # nodes looked at for loops
        self.shells: list[tuple[str, int]] = []  # command lines, for what was dropped
        self.facts: dict[str, int] = {}  # what happened somewhere in the file, and where
        self._judge = judge
        self._values = values
        self.stars: list[str] = []
        self.scope = Scope()
        self.doubtful = 0
        self.calls = 0
        self.contexts: dict[int, dict[tuple[object, ...], Value]] = {}
        self.pending: list[tuple[t.Func, Scope, Value | None]] = []
        self.closures: dict[int, Scope] = {}
        self.methods_of: dict[int, dict[str, t.Func]] = {}
        self.instances: dict[int, Value] = {}
        self.returned: list[Value] = []
        self.picking = 0  # comprehensions around the current place
        self.from_outside: set[int] = set()  # functions whose arguments come from outside
        self.from_arguments: set[int] = set()  # functions whose arguments are the program's own
        self.generating = False  # the function yields without end
        self.yields = 0  # how often it yields, as far as that is known
        self.around = 1  # how often the place runs that it is called from
        self.alone = language.name != "python"
        self.surely = 0  # loops around the current place that turn at least once
        self.starting = False  # at the top level of the file, in no branch
        self.body: list[t.Node] = []
        self._shared: set[str] | None = None
        self._set: Counter[str] | None = None
        self.active: list[t.Func] = []  # the functions being followed
        self.lasting: t.Node | None = None  # the loop that nothing ends by which the last statement never ends
        self.awaited: t.Node | None = None  # the same of the last function called that runs when it is awaited
        self.locks = Locks(self.report)
        self.losses: list[tuple[str, int]] = []  # what of a database is removed, and where
        self.waits: list[tuple[str, int]] = []  # what is waited for without a deadline, and where

    @property
    def within(self) -> bool:
        """True: a program does what is followed here."""
        return True

    def report(self, name: Name, level: Level, line: int, reason: str) -> None:
        key = (name, line, reason)
        if key not in self.found:
            self.found[key] = Found(name, self.config.capped(name, level), line, reason)

    def judge(self, language: str, text: str, line: int) -> None:
        """Judge code or a command that the program holds as text."""
        if text.strip():
            self._judge(language, text, line, self.depth + 1)

    def begin(self, body: list[t.Node]) -> None:
        """Follow what a module does whenever it is started."""
        self.body = body
        self.starting = True
        self.block(body)
        self.starting = False

    def block(self, body: list[t.Node]) -> None:
        if self.language.name != "python":
            for each in body:
                if isinstance(each, t.Func) and each.name:
                    self.value(each)
        for index, each in enumerate(body):
            lasting = self._lasts(each)
            if lasting is not None and any(not isinstance(n, _LATER) for n in body[index + 1 :]):
                why = "nothing ends this, so what follows is never run; a `break` or a deadline is fine"
                self.report("time", "block", lasting.line, why)

    def _lasts(self, statement: t.Node) -> t.Node | None:
        """Follow a statement, and return the loop or wait by which it never ends."""
        self.lasting = None
        self.value(statement)
        return self.lasting

    def value(self, node: t.Node) -> Value:
        """Return what is known of a node's value, having followed it."""
        return self._values[type(node)](self, node)

    def generates(self, times: int = 0) -> None:
        """Note that the function being followed yields so often, without end where no number is given."""
        self.generating = self.generating or not times
        self.yields = max(self.yields, times // self.around)

    @property
    def certain(self) -> bool:
        """True where the current place runs whenever its function does."""
        return not self.doubtful

    @property
    def sure(self) -> bool:
        """The same, where a loop that turns at least once is no doubt."""
        return self.doubtful == self.surely

    @property
    def starts_always(self) -> bool:
        """True where the current place runs whenever the file does."""
        return self.starting and self.doubtful == self.surely

    def awaits_nothing(self, pauses: bool) -> bool:
        """True at a place in a function that other tasks run beside, where it does not let them."""
        return bool(self.active) and self.active[-1].later and not pauses and not t.gives(self.active[-1].body)

    def shared(self) -> set[str]:
        """Return the names that more than one function may set."""
        if self._shared is None:
            self._shared = t.names_shared(self.body, self.language.name == "python")
        return self._shared

    def times_set(self, name: str) -> int:
        """Return how many places of the file give the name, or the attribute `.name`, a value."""
        if self._set is None:
            self._set = Counter(t.names_set(self.body))
            self._set.update(f".{name}" for name in t.attributes_set(self.body))
        return self._set[name]

    def method(self, value: Value, name: str) -> Value | None:
        """Return the bound method of an instance of a local class."""
        func = self.methods_of.get(id(value.kind), {}).get(name) if value.kind is not None else None
        if func is None:
            return None
        bound = Value(func=func)
        bound.attrs = {"this": value}
        return bound

    def lookup(self, name: str) -> Value:
        found = self.scope.find(name)
        if found is not None:
            return found
        for module in self.stars:
            if f"{module}.{name}" in self.language.owners:
                return Value(ref=f"{module}.{name}")
        value = Value(ref=self.language.canonical(name))
        return self.language.attributes(Value(), name) or value

    def attribute(self, base: Value, name: str) -> Value:
        """Return the value of `base.name`."""
        if base.attrs is not None and name in base.attrs:
            return base.attrs[name]
        bound = self.method(base, name)
        if bound is not None:
            return bound
        known = self.language.attributes(base, name)
        if known is not None:
            return known
        ref = self.language.canonical(f"{base.ref}.{name}") if base.ref else f"?.{name}"
        made = Value(None, ref, base.labels, None, base.size if name == "buffer" else 0)
        if base.attrs is not None and SERVER in base.attrs:  # a part of what a client reaches
            made.attrs = {key: x for key, x in base.attrs.items() if key.startswith("%")}
        return made

    def oversize(self, line: int, size: int) -> None:
        self.report(
            "resources",
            "block",
            line,
            (
                f"one value takes about {size / (1 << 30):,.1f} GiB; up to "
                f"{self.config.memory / (1 << 30):,.1f} GiB is fine: work in chunks"
            ),
        )

    def each(self, value: Value) -> Value:
        """Return one item of an iterable."""
        told = v.ARGUMENT if value.ref.startswith("%arguments") else 0  # files that are named one by one
        made = Value(None, f"{value.ref}[]" if value.ref else "", value.labels & ~told)
        made.bound = value.bound
        if value.items:
            known = next(
                (x for x in value.items if places.is_private(x.text) or places.is_doomed(x.text)), value.items[0]
            )
            made.items = known.items
            made.ref = known.ref if all(x.ref == known.ref for x in value.items) else made.ref
            if len(value.items) == 1 or all(x.text for x in value.items):
                made.const = known.const
        return made

    def count(self, line: int, times: int) -> None:
        """Judge how often a place runs."""
        if self.config.iterations <= times < 1 << 300:
            self.report(
                "time", "block", line, f"this runs about {times:.0e} times; up to {self.config.iterations:.0e} is fine"
            )
