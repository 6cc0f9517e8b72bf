"""Follows values through a program: from the network, secrets and encoded text to what runs, sends or writes them.

An abstract interpretation of the tree: each statement once, each function once for every kind of arguments it is given
(at most `_CONTEXTS`), so that the work is linear in the size of the source.
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
from loopwright.guard.checks.safety.flow.called import Called, Scope
from loopwright.guard.checks.safety.flow.loops import Span, span
from loopwright.guard.checks.safety.flow.values import Value

_CONTEXTS = 4
#: Items of a list that are told apart.
_MOST_ITEMS = 200
_DEEPEST = 12
#: Methods that call their argument for each item of what they are called on.
_ITERATING = frozenset({"forEach", "map", "filter", "some", "every", "find", "flatMap", "reduce"})
#: Decorators of functions that answer requests.
_ANSWERING = frozenset({"route", "get", "post", "put", "patch", "websocket", "message_handler", "on_message", "event"})
#: Functions that run what they are given.
_RUNNING = frozenset(
    {"exec", "eval", "compile", "os.system", "os.popen", "subprocess.run", "subprocess.call", "subprocess.Popen",
     "subprocess.check_output", "subprocess.getoutput", "Function", "child_process.exec", "child_process.execSync"}
)  # fmt: skip
#: Names of parameters that hold what a client sent.
_REQUESTS = frozenset({"req", "request", "ctx"})
#: Names of parameters that say that their value comes from outside.
_OUTSIDE = frozenset(
    {
        "user_input",
        "userinput",
        "user_code",
        "untrusted",
        "user_data",
        "user_query",
        "user_command",
        "user_supplied",
        "untrusted_input",
        "user_expression",
    }
)


_ALL_OF_ENDLESS = "all of a sequence that never ends is taken; itertools.islice takes a part"

Handler = Callable[["Flow", Called], Value | None]
Judge = Callable[[str, str, int, int], None]  # language, text, line, depth  # language, text, line, depth


class Language:
    """What a language calls things: effects of calls by dotted name and by method name, values of attributes."""

    def __init__(
        self,
        name: str,
        effects: Mapping[str, Handler],
        methods: Mapping[str, Handler],
        attributes: Callable[[Value, str], Value | None],
        canonical: Callable[[str], str],
        hoists: bool,
    ) -> None:
        self.name = name
        self.effects = effects
        self.methods = methods
        self.attributes = attributes
        self.canonical = canonical
        self.hoists = hoists  # an assignment in a function may be to a name outside of it


class Flow:
    """One source text being followed. `judge` is called with the code and the commands that it holds as text."""

    def __init__(self, language: Language, config: SafetyConfig, judge: Judge, depth: int = 0) -> None:
        self.language = language
        self.config = config
        self.depth = depth
        self.found: dict[tuple[str, int, str], Found] = {}
        self.times = 1  # how often the current place runs, as far as counted loops tell
        self.endless = False  # in a loop that nothing ends
        self.dropped: dict[str, int] = {}  # files written from the network
        self.ran: dict[str, int] = {}  # files and commands that are run
        self.modules: dict[str, int] = {}  # imported modules and their lines
        self.scanned = 0  # nodes looked at for loops
        self.shells: list[tuple[str, int]] = []  # command lines, for what was dropped
        self.facts: dict[str, int] = {}  # what happened somewhere in the file, and where
        self._judge = judge
        self._stars: list[str] = []
        self._scope = Scope()
        self._weak = 0
        self._calls = 0
        self._contexts: dict[int, dict[tuple[object, ...], Value]] = {}
        self._pending: list[tuple[t.Func, Scope, Value | None]] = []
        self._closures: dict[int, Scope] = {}
        self._methods: dict[int, dict[str, t.Func]] = {}
        self._instances: dict[int, Value] = {}
        self._returned: list[Value] = []
        self._picking = 0  # comprehensions around the current place
        self._outside: set[int] = set()  # functions whose arguments come from outside
        self._generates = False  # the function yields without end
        self.alone = language.name != "python"
        self.starting = False  # at the top level of the file, in no branch
        self._body: list[t.Node] = []
        self._set: Counter[str] | None = None
        self.active: list[t.Func] = []  # the functions being followed

    # ------------------------------------------------------------ reporting

    def report(self, name: Name, level: Level, line: int, reason: str) -> None:
        key = (name, line, reason)
        if key not in self.found:
            self.found[key] = Found(name, self.config.capped(name, level), line, reason)

    def judge(self, language: str, text: str, line: int) -> None:
        """Judge code or a command that the program holds as text."""
        if text.strip():
            self._judge(language, text, line, self.depth + 1)

    # ------------------------------------------------------------ statements

    def run(self, body: list[t.Node]) -> None:
        """Follow a whole module, then the functions that nothing called."""
        self._body = body
        self.starting = True
        self.block(body)
        self.starting = False
        while self._pending:
            func, scope, this = self._pending.pop(0)
            if id(func) not in self._contexts:
                self.enter(func, scope, [], {}, this)

    def block(self, body: list[t.Node]) -> None:
        if self.language.name != "python":
            for each in body:
                if isinstance(each, t.Func) and each.name:
                    self.value(each)
        for each in body:
            self.value(each)

    def value(self, node: t.Node) -> Value:
        """Return what is known of a node's value, having followed it."""
        return _VALUES[type(node)](self, node)

    def assign(self, target: t.Node, value: Value) -> None:
        match target:
            case t.Name():
                scope = self._scope.owner(target.id) if self.language.hoists else self._scope
                old = scope.names.get(target.id)
                if old is not None and self._weak and old is not value:
                    kept = Value(value.const, value.ref, value.labels | old.labels, value.func or old.func, value.size)
                    kept.items, kept.attrs, kept.kind, kept.token = value.items, value.attrs, value.kind, value.token
                    value = kept
                scope.names[target.id] = value
            case t.Attr():
                base = self.value(target.of)
                if base.ref:
                    self._written(base, target.name, value, target.line)
                if base.attrs is None:
                    base.attrs = {}
                base.attrs[target.name] = value
            case t.Index():
                base = self.value(target.of)
                key = self.value(target.key)
                base.labels |= value.labels
                self._written(base, key.text, value, target.line)
            case t.Group():
                for index, item in enumerate(target.items):
                    known = value.items is not None and len(value.items) == len(target.items)
                    part = value.items[index] if known and value.items else Value(None, "", value.labels)
                    if value.ref.endswith(".accept()") and not index:
                        part.ref = value.ref
                    self.assign(item, part)
            case _:
                self.value(target)

    def _written(self, base: Value, name: str, value: Value, line: int) -> None:
        handler = self.language.effects.get(f"{base.ref}.{name}=") or self.language.effects.get(f"*.{name}=")
        if handler is not None:
            node = t.Call(line, t.Const(line, None), [])
            handler(self, Called(node, f"{base.ref}.{name}", [value], {}, base))

    # ------------------------------------------------------------ functions

    def enter(
        self, func: t.Func, scope: Scope, args: list[Value], named: dict[str, Value], this: Value | None = None
    ) -> Value:
        """Return what a local function gives for these arguments."""
        seen = self._contexts.setdefault(id(func), {})
        signature = (*((a.labels, a.const if isinstance(a.const, (str, int)) else None, a.ref) for a in args), *named)
        if signature in seen:
            return seen[signature]
        if len(seen) >= _CONTEXTS or self._calls >= _DEEPEST:
            return v.join([*seen.values(), *args])
        seen[signature] = Value()
        outer, returned, weak = self._scope, self._returned, self._weak
        times, endless = self.times, self.endless
        self._scope, self._returned, self._weak = Scope(scope), [], 0
        self._calls += 1
        self.active.append(func)
        outer_generator, self._generates = self._generates, False
        self._parameters(func, args, named, this)
        self.block(func.body)
        generates, self._generates = self._generates, outer_generator
        known = self._returned
        result = known[0] if len(known) == 1 else v.join(known)
        if func.name in ("__reduce__", "__reduce_ex__") and result.items and result.items[0].ref in HIDDEN:
            self.report(
                "syntax",
                "block",
                func.line,
                f"unpickling this runs `{result.items[0].ref}`; return the class and its arguments",
            )
        if generates:
            result = Value(None, "%forever", result.labels)
        self._scope, self._returned, self._weak = outer, returned, weak
        self.times, self.endless = times, endless
        self._calls -= 1
        self.active.pop()
        seen[signature] = result
        return result

    def _parameters(self, func: t.Func, args: list[Value], named: dict[str, Value], this: Value | None) -> None:
        names = list(func.params)
        if self.language.name == "python":
            if this is not None and names and func.owner:
                self._scope.names[names.pop(0)] = this
        elif this is not None:
            self._scope.names["this"] = this
        for index, name in enumerate(names):
            if name in named:
                value = named[name]
            elif name == func.rest:
                given = args[index:]
                value = v.join(given)
                value.items = given[:_MOST_ITEMS]
            elif index < len(args):
                value = args[index]
                if name in _REQUESTS and not value.labels and value.const is None and value.func is None:
                    value = Value(None, f"%{name}")
            elif name in func.defaults:
                value = self.value(func.defaults[name])
            else:
                outside = name.lower() in _OUTSIDE or (id(func) in self._outside and name != "self")
                value = Value(labels=v.INPUT if outside or func.name == "on_message" else 0)
                value.ref = f"%{name}"
            self._scope.names[name] = value

    def generates(self) -> None:
        """Note that the function being followed yields without end."""
        self._generates = True

    @property
    def certain(self) -> bool:
        """True where the current place runs whenever its function does."""
        return not self._weak

    @property
    def starts_always(self) -> bool:
        """True where the current place runs whenever the file does."""
        return self.starting and not self._weak

    def times_set(self, name: str) -> int:
        """Return how many places of the file give the name a value."""
        if self._set is None:
            self._set = Counter(t.names_set(self._body))
        return self._set[name]

    def call_back(self, value: Value, args: list[Value], given: Value | None = None) -> Value:
        """Follow a function that is handed to another, with these arguments."""
        if isinstance(value.func, t.Func):
            this = value.attrs.get("this") if value.attrs else given
            return self.enter(
                value.func,
                self._closures.get(id(value.func), self._scope),
                args,
                {},
                this,
            )
        return Value()

    def call_local(self, func: t.Func | t.Class, callee: Value, called: Called) -> Value:
        """Return what a function or class of the source gives for a call."""
        if isinstance(func, t.Class):
            made = self._instance(func)
            constructor = self._methods.get(id(func), {}).get("__init__") or self._methods.get(id(func), {}).get(
                "constructor"
            )
            if constructor is not None:
                self.enter(constructor, self._closures[id(func)], called.args, called.named, made)
            return made
        this = callee.attrs.get("this") if callee.attrs else None
        return self.enter(func, self._closures.get(id(func), self._scope), called.args, called.named, this)

    def _instance(self, kind: t.Class) -> Value:
        """The one value that stands for all instances of a class."""
        if id(kind) not in self._instances:
            made = Value()
            made.kind, made.attrs = kind, {}
            self._instances[id(kind)] = made
        return self._instances[id(kind)]

    def method(self, value: Value, name: str) -> Value | None:
        """Return the bound method of an instance of a local class."""
        func = self._methods.get(id(value.kind), {}).get(name) if value.kind is not None else None
        if func is None:
            return None
        bound = Value(func=func)
        bound.attrs = {"this": value}
        return bound

    # ------------------------------------------------------------ nodes

    def _const(self, node: t.Const) -> Value:
        text = node.value
        if isinstance(text, str) and ("mining." in text or "stratum+" in text) and places.speaks_to_pool(text):
            self.report("resources", "block", node.line, "a miners' pool is spoken to; it takes all of the processor")
        return Value(text)

    def _name(self, node: t.Name) -> Value:
        return self.lookup(node.id)

    def lookup(self, name: str) -> Value:
        found = self._scope.find(name)
        if found is not None:
            return found
        for module in self._stars:
            if f"{module}.{name}" in self.language.effects:
                return Value(ref=f"{module}.{name}")
        value = Value(ref=self.language.canonical(name))
        return self.language.attributes(Value(), name) or value

    def _attr(self, node: t.Attr) -> Value:
        return self.attribute(self.value(node.of), node.name)

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
        return Value(None, ref, base.labels)

    def _index(self, node: t.Index) -> Value:
        base, key = self.value(node.of), self.value(node.key)
        if key.text and composed(node.key, key):
            self._hidden(base, key, node.line)
        if base.items is not None and key.number is not None and -len(base.items) <= key.number < len(base.items):
            return base.items[key.number]
        if base.ref == "%globals" and key.text:
            return self.lookup(key.text)
        if base.ref == "sys.modules" and key.text:
            return Value(ref=key.text)
        if key.text and (base.ref or base.attrs or not base.labels):
            return self.attribute(base, key.text)
        labels = base.labels
        if self._picking and len(base.text) > 5 and key.const is None:
            return Value(None, "", labels | v.DECODED)  # a letter picked out of a text
        if labels & v.ENVIRON and not key.labels & v.ENVIRON:
            labels &= ~v.ENVIRON
        return Value(None, f"{base.ref}[]" if base.ref else "", labels)

    def _hidden(self, base: Value, key: Value, line: int) -> None:
        """A name that is put together to be looked up, and turns out to be one that runs code."""
        ref = self.language.canonical(f"{base.ref}.{key.text}") if base.ref and base.ref != "%globals" else key.text
        if ref in HIDDEN or key.text in HIDDEN:
            self.report(
                "syntax",
                "block",
                line,
                f"the name `{key.text}` is put together so that it cannot be read; write the call plainly",
            )

    def spelled(self, base: Value, key: Value, node: t.Node, line: int) -> None:
        """Report a looked-up name that is spelled in pieces."""
        if key.text and composed(node, key):
            self._hidden(base, key, line)

    def _call(self, node: t.Call) -> Value:
        receiver = Value()
        func = node.func
        if isinstance(func, t.Attr):
            receiver = self.value(func.of)
            callee = self.attribute(receiver, func.name)
        else:
            callee = self.value(func)
            if isinstance(func, t.Index):
                receiver = self.value(func.of)
        args = [self.value(a) for a in node.args]
        named: dict[str, Value] = {}
        for name, given in node.named:
            value = self.value(given)
            named[name or f"**{len(named)}"] = value
            if not name and value.attrs:
                named.update({k: x for k, x in value.attrs.items() if k not in named})
        called = Called(node, callee.ref, args, named, receiver)
        if callee.func is not None:
            return self.call_local(callee.func, callee, called)
        return self._effect(called, callee)

    def _effect(self, called: Called, callee: Value) -> Value:
        language = self.language
        if called.ref in self.config.forbidden_calls:
            self.report("syntax", "block", called.line, f"`{called.ref}` is on this project's list of forbidden calls")
        handler = language.effects.get(called.ref)
        if handler is None:
            handler = language.methods.get(called.name)
        result = handler(self, called) if handler is not None else None
        self._handed(called)
        for value in called.args:
            if value.func is not None:
                labels = self._call_back_all(value, called, result)
                result = result or Value(None, f"{called.ref}()", called.receiver.labels)
                result.labels |= labels
        if result is None:
            labels = (called.all.labels | callee.labels) & v.STURDY
            result = Value(None, f"{called.ref}()" if called.ref else "", labels)
        return result

    def _call_back_all(self, value: Value, called: Called, result: Value | None) -> int:
        """Follow a callback; one that is called for each of some known items, for each of those."""
        items = called.receiver.items if called.name in _ITERATING else None
        given = [Value(None, f"{called.ref}()", called.receiver.labels | (result.labels if result else 0))]
        if items:
            given = [Value(i.const, i.ref, i.labels | called.receiver.labels) for i in items[:_CONTEXTS]]
        labels = 0
        for one in given:
            labels |= self.call_back(value, [one] * 4, result or called.receiver).labels
        return labels

    def _handed(self, called: Called) -> None:
        """A function that runs code or commands, handed on to be called: `map(exec, xs)`, `submit(os.system, x)`."""
        values = [*called.args, *(x for k, x in called.named.items() if k in ("target", "function", "func", "fn"))]
        for index, value in enumerate(values):
            if value.ref not in _RUNNING or value.func is not None:
                continue
            handler = self.language.effects.get(value.ref)
            if handler is None:
                continue
            if called.name in ("map", "filter", "starmap"):
                given = [self.each(x) for x in called.args[index + 1 :]]
            elif called.args and index < len(called.args) and called.args[index + 1 :]:
                given = called.args[index + 1 :]
            elif "args" in called.named:
                given = called.named["args"].items or []
            else:
                given = [self.each(called.receiver)]
            handler(self, Called(called.node, value.ref, given, {}, Value()))

    def _op(self, node: t.Op) -> Value:
        left = self.value(node.left)
        if node.op == "[::-1]":
            text = left.text[::-1] if left.text else None
            return Value(text, "", left.labels | (v.DECODED if text else 0))
        right = self.value(node.right)
        if node.op == "[:]":
            part = Value(None, left.ref, left.labels)
            part.token = left.token
            return part
        made = v.operate(node.op, left, right)
        if node.op == "+" and made.text in HIDDEN:
            made.labels |= v.DECODED
        if made.size >= self.config.memory:
            self.oversize(node.line, made.size)
        elif node.op == "**" and made.size > 1 << 24:
            self.report(
                "time",
                "block",
                node.line,
                (
                    f"this number has about {made.size * 2.4:,.0f} digits and takes minutes to make; "
                    "math.log works with such numbers"
                ),
            )
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

    def _text(self, node: t.Text) -> Value:
        return v.concatenate([self.value(p) for p in node.parts])

    def _group(self, node: t.Group) -> Value:
        values = [self.value(i) for i in node.items]
        made = v.join(values)
        made.items = values[:_MOST_ITEMS]
        return made

    def _table(self, node: t.Table) -> Value:
        attrs: dict[str, Value] = {}
        values = []
        for key, item in node.pairs:
            value = self.value(item)
            values.append(value)
            name = self.value(key).text if key is not None else ""
            if key is None and value.attrs:
                attrs.update(value.attrs)
            elif name and len(attrs) < 200:
                attrs[name] = value
        made = v.join(values)
        made.attrs = attrs
        return made

    def _several(self, node: t.Several) -> Value:
        return v.join([self.value(p) for p in node.parts])

    def _choice(self, node: t.Choice) -> Value:
        first = self.value(node.test)
        self._weak += 1
        values = [self.value(p) for p in node.parts]
        self._weak -= 1
        made = v.join([first, *values])
        given = next((x for x in (*values, first) if x.ref or x.const is not None or x.func), None)
        if given is not None:
            made.const, made.ref, made.func, made.items = given.const, given.ref, given.func, given.items
        return made

    def _pause(self, node: t.Pause) -> Value:
        return self.value(node.value) if node.value is not None else Value()

    def _comprehension(self, node: t.Comprehension) -> Value:
        self._weak += 1
        times = self.times
        endless = False
        for target, over in node.loops:
            value = self.value(over)
            endless = endless or value.ref in v.ENDLESS
            self.times = min(self.times * max(1, value.size // 8 if value.ref == "range()" else 1), 1 << 80)
            self.assign(target, self.each(value))
        for test in node.tests:
            self.value(test)
        self._picking += 1
        made = self.value(node.element)
        self._picking -= 1
        if made.size * self.times >= 16 * self.config.memory and self.times > 1:
            self.oversize(node.line, made.size * self.times)
        self.count(node.line, self.times)
        self.times = times
        self._weak -= 1
        if endless and not node.lazy:
            self.report("time", "block", node.line, _ALL_OF_ENDLESS)
        labels = made.labels
        if node.tests:
            labels &= ~v.ENVIRON
        return Value(None, "%forever" if endless else "", labels)

    def each(self, value: Value) -> Value:
        """Return one item of an iterable."""
        made = Value(None, f"{value.ref}[]" if value.ref else "", value.labels)
        if value.items:
            known = next(
                (x for x in value.items if places.is_private(x.text) or places.is_doomed(x.text)), value.items[0]
            )
            made.items = known.items
            made.ref = known.ref if all(x.ref == known.ref for x in value.items) else made.ref
            if len(value.items) == 1 or all(x.text for x in value.items):
                made.const = known.const
        return made

    def _assign(self, node: t.Assign) -> Value:
        value = self.value(node.value)
        if node.op and len(node.targets) == 1:
            old = self.value(node.targets[0])
            value = v.operate(node.op, old, value) if node.op in ("+", "*", "**", "<<", "-") else v.join([old, value])
            if self._weak and not isinstance(value.const, (str, bytes)):
                value = Value(None, "", value.labels)
            elif old.items is not None:
                value.items = old.items
        for target in node.targets:
            self.assign(target, value)
        return value

    def _func(self, node: t.Func) -> Value:
        made = Value(func=node)
        if id(node) not in self._closures:
            self._closures[id(node)] = self._scope
            this = self._scope.find("this")
            if this is not None:
                made.attrs = {"this": this}
            self._pending.append((node, self._scope, this))
            self._marks(node)
        if node.name and not node.owner:
            self._scope.names[node.name] = made
        return made

    def _marks(self, node: t.Func) -> None:
        """Decorators: those that make the function answer requests say that its arguments come from outside."""
        for mark in node.marks:
            value = self.value(mark)
            if value.ref in ("exec", "eval"):
                self.report(
                    "syntax", "block", mark.line, f"`{value.ref}` is used as a decorator, which hides what it runs"
                )
            target = mark.func if isinstance(mark, t.Call) else mark
            if isinstance(target, t.Attr) and target.name in _ANSWERING:
                self._outside.add(id(node))

    def _class(self, node: t.Class) -> Value:
        made = Value(func=node)
        for base in (*node.bases, *node.marks):
            self.value(base)
        self._closures[id(node)] = self._scope
        instance = self._instance(node)
        outer = self._scope
        self._scope = Scope(outer)
        self._scope.names["this"] = instance
        self._methods[id(node)] = {f.name: f for f in node.body if isinstance(f, t.Func)}
        for each in node.body:
            if isinstance(each, t.Func):
                self._closures[id(each)] = outer
                for mark in each.marks:
                    self.value(mark)
                self._pending.append((each, outer, instance))
            else:
                self.value(each)
        if instance.attrs is not None:
            instance.attrs.update(
                {k: x for k, x in self._scope.names.items() if k != "this" and k not in instance.attrs}
            )
        self._scope = outer
        if node.name:
            self._scope.names[node.name] = made
        return made

    def _import(self, node: t.Import) -> Value:
        module = self.language.canonical(node.module)
        if module.startswith(("http://", "https://", "data:")):
            self.report(
                "imports", "block", node.line, f"code is imported from {module[:80]}; install it as a dependency"
            )
        if not node.relative and module:
            self.modules.setdefault(module, node.line)
        for local, name in node.names:
            if name == "*":
                self._stars.append(module)
            elif node.relative:
                self._scope.names[local] = Value()
            else:
                self._scope.names[local] = Value(ref=self.language.canonical(f"{module}.{name}" if name else module))
        return Value(ref=module)

    def _loop(self, node: t.Loop) -> Value:
        test = self.value(node.test) if node.test is not None else Value(True)
        over = self.value(node.over) if node.over is not None else None
        times, endless = self.times, self.endless
        found: Span = span(node, test, over, self)
        self.times = min(times * found.times, 1 << 80)
        self.endless = endless or found.endless
        if over is not None and node.target is not None:
            self.assign(node.target, self.each(over))
        self._weak += 1
        self.block(node.body)
        if node.step is not None:
            self.value(node.step)
        self._weak -= 1
        if found.counted:
            self.count(node.line, self.times)
        self.times, self.endless = times, endless
        self.block(node.orelse)
        return Value()

    def count(self, line: int, times: int) -> None:
        """Judge how often a place runs."""
        if self.config.iterations <= times < 1 << 70:
            self.report(
                "time", "block", line, f"this runs about {times:.0e} times; up to {self.config.iterations:.0e} is fine"
            )

    def _branch(self, node: t.Branch) -> Value:
        for test in node.tests:
            self.value(test)
        self._weak += 1
        for arm in node.arms:
            self.block(arm)
        self._weak -= 1
        return Value()

    def _try(self, node: t.Try) -> Value:
        self._weak += 1
        self.block(node.body)
        for arm in node.rescue:
            self.block(arm)
        self.block(node.last)
        self._weak -= 1
        return Value()

    def _block(self, node: t.Block) -> Value:
        self.block(node.body)
        return Value()

    def _leave(self, node: t.Leave) -> Value:
        if node.value is not None:
            value = self.value(node.value)
            if node.kind == "return":
                self._returned.append(value)
        return Value()


def composed(node: t.Node, value: Value) -> bool:
    """True where a name is put together instead of written."""
    return isinstance(node, (t.Op, t.Call, t.Text)) or bool(value.labels & v.DECODED)


#: Names that run code or commands: looked up by a spelled-out name they are hidden on purpose.
HIDDEN = frozenset(
    {
        "exec", "eval", "compile", "__import__", "system", "popen", "spawn", "child_process", "execSync",
        "spawnSync", "Function", "os.system", "os.popen", "subprocess",
        "subprocess.run", "subprocess.call", "subprocess.Popen", "subprocess.check_output", "subprocess.getoutput",
        "child_process.exec", "child_process.execSync",
        "child_process.spawn", "pty", "ctypes", "marshal", "__subclasses__", "process", "execFile",
    }
)  # fmt: skip

_VALUES: dict[type[t.Node], Callable[[Flow, Any], Value]] = {
    t.Const: Flow._const,
    t.Name: Flow._name,
    t.Attr: Flow._attr,
    t.Index: Flow._index,
    t.Call: Flow._call,
    t.Op: Flow._op,
    t.Text: Flow._text,
    t.Group: Flow._group,
    t.Table: Flow._table,
    t.Several: Flow._several,
    t.Choice: Flow._choice,
    t.Pause: Flow._pause,
    t.Comprehension: Flow._comprehension,
    t.Assign: Flow._assign,
    t.Func: Flow._func,
    t.Class: Flow._class,
    t.Import: Flow._import,
    t.Loop: Flow._loop,
    t.Branch: Flow._branch,
    t.Try: Flow._try,
    t.Block: Flow._block,
    t.Leave: Flow._leave,
}
