"""Functions and classes of the source: what a call of them gives, followed once for every kind of arguments."""

from __future__ import annotations

from loopwright.core.expression import expression
from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.called import Called, Scope
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.hidden import HIDDEN
from loopwright.guard.checks.safety.flow.values import Value

#: Kinds of arguments for which a function is followed again.
CONTEXTS = 4
#: The same for one that is a single expression, as those are that decode something.
_FORMULA_CONTEXTS = 64
_DEEPEST = 12
#: Arguments beyond these are not told apart.
_MOST_ARGUMENTS = 200
#: Names of parameters that hold what a client sent.
_REQUESTS = frozenset({"req", "request", "ctx"})
_RESPONSES = frozenset({"res", "reply"})
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


#: Methods that a framework calls with what came over a connection.
_RECEIVING = frozenset(
    {"on_message", "onMessage", "dataReceived", "data_received", "lineReceived", "datagramReceived",
     "datagram_received", "stringReceived", "messageReceived", "on_data"}
)  # fmt: skip


#: Methods of `http.server` that are called for each request.
_ANSWERS = expression(r"do_[A-Z]+$")


def is_formula(func: t.Func) -> bool:
    """True for a function that only gives the value of an expression."""
    return (
        len(func.body) == 1 and isinstance(func.body[0], t.Leave) and func.body[0].kind == "return" and not func.later
    )


def enter(
    flow: Flow, func: t.Func, scope: Scope, args: list[Value], named: dict[str, Value], this: Value | None = None
) -> Value:
    """Return what a local function gives for these arguments."""
    seen = flow.contexts.setdefault(id(func), {})
    signature = (*map(_told, args), *named)
    if signature in seen:
        return seen[signature]
    if len(seen) >= (_FORMULA_CONTEXTS if is_formula(func) else CONTEXTS) or flow.calls >= _DEEPEST:
        return v.join([*seen.values(), *args])
    seen[signature] = Value()
    outer, returned, weak = flow.scope, flow.returned, (flow.doubtful, flow.surely)
    times, endless, locks = flow.times, flow.endless, list(flow.locks.held)
    flow.scope, flow.returned, flow.doubtful, flow.surely = Scope(scope), [], 0, 0
    flow.calls += 1
    flow.active.append(func)
    outer_generator, flow.generating = (flow.generating, flow.yields, flow.around), False
    flow.yields, flow.around = 0, flow.times
    bind(flow, func, args, named, this)
    flow.block(func.body)
    generates, yields = flow.generating, flow.yields
    flow.generating, flow.yields, flow.around = outer_generator
    known = flow.returned
    result = known[0] if len(known) == 1 else v.join(known)
    _judge_reduced(flow, func, result)
    if generates:
        result = Value(None, "%forever", result.labels)
    elif yields:
        result = Value(None, "", result.labels)
        result.length = yields
    flow.scope, flow.returned = outer, returned
    flow.doubtful, flow.surely = weak
    flow.times, flow.endless, flow.locks.held = times, endless, locks
    flow.calls -= 1
    flow.active.pop()
    seen[signature] = result
    if func.later:
        flow.lasting, flow.awaited = None, flow.lasting
    return result


def _told(argument: Value) -> tuple[object, ...]:
    """What of an argument tells one call of a function from another."""
    const = argument.const if isinstance(argument.const, (str, int)) else None
    return argument.labels, const, argument.ref, argument.length


def _judge_reduced(flow: Flow, func: t.Func, result: Value) -> None:
    if func.name in ("__reduce__", "__reduce_ex__") and result.items and result.items[0].ref in HIDDEN:
        why = f"unpickling this runs `{result.items[0].ref}`"
        flow.report("syntax", "block", func.line, f"{why}; return the class and its arguments")


def bind(flow: Flow, func: t.Func, args: list[Value], named: dict[str, Value], this: Value | None) -> None:
    """Give the parameters of a function their values."""
    names = list(func.params)
    if flow.language.name == "python":
        if this is not None and names and func.owner:
            flow.scope.names[names.pop(0)] = this
    elif this is not None:
        flow.scope.names["this"] = this
    called_for = _called_for(func, names, this)
    for index, name in enumerate(names):
        if name in named:
            value = named[name]
        elif name == func.rest:
            given = args[index:]
            value = v.join(given)
            value.items = given[:_MOST_ARGUMENTS]
        elif index < len(args):
            value = args[index]
            if name in _REQUESTS | _RESPONSES and not value.labels and value.const is None and value.func is None:
                value = Value(None, f"%{name}")
        elif name in func.defaults:
            value = flow.value(func.defaults[name])
        else:
            outside = name.lower() in _OUTSIDE or (id(func) in flow.from_outside and name != "self")
            value = Value(labels=v.ASKED if outside or func.name in _RECEIVING or name in called_for else 0)
            if name in _REQUESTS - {"ctx"} and name not in called_for and flow.language.name == "python":
                value.labels = 0  # of a request the parts count: it holds the application too
            if id(func) in flow.from_arguments:
                value.labels = v.ARGUMENT
            value.ref = f"%{name}"
        flow.scope.names[name] = value


def _called_for(func: t.Func, names: list[str], this: Value | None) -> set[str]:
    """Return the parameters in which a framework hands a client's words to a function that it finds by its name."""
    if names[:2] == ["event", "context"]:
        return {"event"}  # a function of a cloud
    bases = this.kind.bases if this is not None and this.kind is not None else []
    last = [b.name if isinstance(b, t.Attr) else b.id if isinstance(b, t.Name) else "" for b in bases]
    if any(b.endswith("Servicer") for b in last) and names[1:2] == ["context"]:
        return {names[0]}
    if func.name.startswith("resolve_") and any(b in ("ObjectType", "Mutation") for b in last):
        return set(names[1:])
    return set()


def call_back(flow: Flow, value: Value, args: list[Value], given: Value | None = None) -> Value:
    """Follow a function that is handed to another, with these arguments."""
    if isinstance(value.func, t.Func):
        this = value.attrs.get("this") if value.attrs else given
        lasting, made = (
            flow.lasting,
            enter(
                flow,
                value.func,
                flow.closures.get(id(value.func), flow.scope),
                args,
                {},
                this,
            ),
        )
        flow.lasting = lasting
        return made
    return Value()


def call_local(flow: Flow, func: t.Func | t.Class, callee: Value, called: Called) -> Value:
    """Return what a function or class of the source gives for a call."""
    if isinstance(func, t.Class):
        made = instance(flow, func)
        constructor = flow.methods_of.get(id(func), {}).get("__init__") or flow.methods_of.get(id(func), {}).get(
            "constructor"
        )
        if constructor is not None:
            enter(flow, constructor, flow.closures[id(func)], called.args, called.named, made)
        return made
    this = callee.attrs.get("this") if callee.attrs else None
    return enter(flow, func, flow.closures.get(id(func), flow.scope), called.args, called.named, this)


def instance(flow: Flow, kind: t.Class) -> Value:
    """The one value that stands for all instances of a class."""
    if id(kind) not in flow.instances:
        made = Value()
        made.kind, made.attrs = kind, {}
        flow.instances[id(kind)] = made
    return flow.instances[id(kind)]


def follow(flow: Flow, body: list[t.Node]) -> None:
    """Follow a whole module, then the functions that nothing called."""
    flow.begin(body)
    while flow.pending:
        func, scope, this = flow.pending.pop(0)
        if id(func) in flow.contexts:
            continue
        if id(func) in flow.from_outside or _ANSWERS.match(func.name):
            flow.facts["served"] = func.line
        enter(flow, func, scope, [], {}, this)
        flow.facts.pop("served", None)
