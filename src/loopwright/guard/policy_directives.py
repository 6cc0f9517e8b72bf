"""Rules of AGENTS.md at the call: forbidden commands, protected paths, the package manager, new dependencies."""

from __future__ import annotations

from collections.abc import Iterator

from loopwright.core.calls import Decision, Effect, ToolCall
from loopwright.core.rules import Directive
from loopwright.core.state import State
from loopwright.guard import policy_call as calls
from loopwright.guard import policy_shell as shell

#: Words after a package manager that bring something new into the project.
_ADDING = frozenset({"add", "install", "i", "require"})
_QUIET = frozenset({"-r", "--requirement", "-e", "--editable", "--frozen-lockfile", "--no-save", "ci", "."})
_MANAGERS = ("npm", "pnpm", "yarn", "bun", "pip", "uv", "poetry", "pdm", "pipenv", "cargo", "composer", "gem", "go")


class DirectivePolicy:
    """Refuses what a compiled rule forbids, and asks where the rule leaves an exception to a person."""

    async def decide(self, call: ToolCall, effect: Effect, state: State) -> Decision:
        rules = [d for d in state.directives or () if d.status in ("enforced", "partly")]
        if not rules:
            return Decision("allow")
        written = calls.written_paths(call, state.workspace) if effect & Effect.WRITE else ()
        line = calls.command_line(call)
        simple = shell.read(line).commands if line else ()
        touched = (*written, *_shell_paths(simple, state.workspace))
        found = [d for rule in rules for d in _violations(rule, touched, simple)]
        denied = next((d for d in found if d.verdict == "deny"), None)
        return denied or (found[0] if found else Decision("allow"))


def _shell_paths(simple: tuple[shell.Simple, ...], root: str) -> tuple[str, ...]:
    return tuple(calls.normal_path(p, root) for s in simple for p in calls.changed_by(s.argv, s.writes))


def _violations(rule: Directive, touched: tuple[str, ...], simple: tuple[shell.Simple, ...]) -> Iterator[Decision]:
    match rule.kind:
        case "path_protected":
            for path in touched:
                if in_scope(rule, path) and any(
                    calls.path_matches(below(rule, path), g) for g in strings(rule, "globs")
                ):
                    yield decision(rule, f"{path} must not be changed")
        case "forbid_command":
            for each in simple:
                if any(
                    shell.matches(pattern, each.argv) for pattern in (*strings(rule, "commands"), *strings(rule, "raw"))
                ) and not _wanted(rule, each.argv, simple):
                    yield decision(rule, f"`{' '.join(each.argv)[:120]}` is not to be run")
        case "package_manager":
            for each in simple:
                if each.argv and _program(each.argv) in strings(rule, "forbid"):
                    yield decision(
                        rule, f"the package manager here is {rule.params.get('name')}, not {_program(each.argv)}"
                    )
        case "new_dependency":
            for each in simple:
                if adds_dependency(each.argv) and not strings(rule, "manifests"):
                    yield decision(rule, f"`{' '.join(each.argv)[:120]}` adds a dependency")


def forbids(rule: Directive, line: str) -> bool:
    """True where the rule forbids a command that the shell line would run, as a call would be judged."""
    return any(_violations(rule, (), shell.read(line).commands))


def _wanted(rule: Directive, argv: tuple[str, ...], simple: tuple[shell.Simple, ...]) -> bool:
    """True where the command has the option, or stands in the wrapper, that makes it the right one."""
    if any(option in argv or any(a.startswith(f"{option}=") for a in argv) for option in strings(rule, "with")):
        return True
    for wrapper in strings(rule, "via"):
        words = tuple(wrapper.split())
        for outer in simple:
            if outer.argv[: len(words)] == words and outer.argv[-len(argv) :] == argv:
                return True
    return False


def _program(argv: tuple[str, ...]) -> str:
    name = argv[0].rsplit("/", 1)[-1]
    if name.startswith("python") and argv[1:3] == ("-m", "pip"):
        return "pip"
    if name == "uv" and argv[1:2] == ("pip",):
        return "uv"
    return {"pip3": "pip", "npx": "npx"}.get(name, name)


def adds_dependency(argv: tuple[str, ...]) -> bool:
    """True where a package manager is told to bring in something by name."""
    if not argv:
        return False
    name, rest = _program(argv), list(argv[1:])
    if argv[1:3] == ("-m", "pip"):
        rest = list(argv[3:])
    if name == "uv" and rest[:1] == ["pip"]:
        rest = rest[1:]
    if name not in _MANAGERS or not rest:
        return False
    verbs = _ADDING | ({"get"} if name == "go" else set())
    if rest[0] not in verbs or (name == "go" and rest[0] == "install"):
        return False
    named = [a for a in rest[1:] if not a.startswith("-")]
    return bool(named) and not _QUIET.intersection(rest[1:])


def decision(rule: Directive, what: str) -> Decision:
    """Return the decision of a broken rule: a must denies, everything weaker asks. `by` is its file and line."""
    reason = f"{what}: {rule.text[:300]} ({rule.source})"
    return Decision("deny" if rule.level == "block" else "ask", reason, rule.source)


def in_scope(rule: Directive, path: str) -> bool:
    """True where the rule's directory, and its globs where it has some, hold the path."""
    if rule.scope and not (path == rule.scope or path.startswith(rule.scope + "/")):
        return False
    only = strings(rule, "only")
    return not only or any(calls.path_matches(path, g) for g in only)


def below(rule: Directive, path: str) -> str:
    """Return path as seen from the rule's directory."""
    return path[len(rule.scope) + 1 :] if rule.scope else path


def strings(rule: Directive, name: str) -> tuple[str, ...]:
    """Return a parameter that is a list of strings; () where it is absent."""
    value = rule.params.get(name)
    return tuple(v for v in value if isinstance(v, str)) if isinstance(value, list) else ()
