"""Rules about commit messages, branches and pull requests, judged on the command that would make them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from loopwright.core.calls import Decision, Effect, ToolCall
from loopwright.core.expression import expression
from loopwright.core.rules import Directive
from loopwright.core.state import State
from loopwright.guard import policy_call as calls
from loopwright.guard import policy_shell as shell
from loopwright.guard.letters import is_foreign
from loopwright.guard.policy_directives import decision, strings

_CONVENTIONAL = expression(r"^(?P<type>[a-z]+)(?:\([\w ./,@-]+\))?!?: \S")
_TYPES = frozenset(
    ["feat", "fix", "docs", "style", "refactor", "perf", "test", "tests", "build", "ci", "chore", "revert"]
)

Judge = Callable[[Directive, tuple[str, ...]], str]


class GitTextPolicy:
    """Refuses commits, branches and pull requests whose text a rule of the project forbids."""

    async def decide(self, call: ToolCall, effect: Effect, state: State) -> Decision:
        rules = [d for d in state.directives or () if d.kind in JUDGES and d.status in ("enforced", "partly")]
        line = calls.command_line(call)
        if not rules or not line:
            return Decision("allow")
        found = [d for simple in shell.read(line).commands for d in _broken(rules, simple.argv)]
        return next((d for d in found if d.verdict == "deny"), found[0] if found else Decision("allow"))


def _broken(rules: list[Directive], argv: tuple[str, ...]) -> Iterator[Decision]:
    for rule in rules:
        if reason := JUDGES[rule.kind](rule, argv):
            yield decision(rule, reason)


def _option(argv: tuple[str, ...], *names: str) -> tuple[str, ...]:
    """Return the values of an option, however it is written."""
    found = []
    for index, word in enumerate(argv):
        name, equals, value = word.partition("=")
        if name in names and equals:
            found.append(value)
        elif (word in names and index + 1 < len(argv)) or (
            re.match(r"^-[a-zA-Z]*m$", word) and "-m" in names and word != "-m" and index + 1 < len(argv)
        ):
            found.append(argv[index + 1])
    return tuple(found)


def _message(argv: tuple[str, ...]) -> str:
    """The message a commit would have, as far as its command line says it."""
    return "\n\n".join(_option(argv, "-m", "--message")) if shell.matches("git commit", argv) else ""


def _title(argv: tuple[str, ...]) -> str:
    made = shell.matches("gh pr create", argv) or shell.matches("gh pr edit", argv)
    return "".join(_option(argv, "-t", "--title")[:1]) if made else ""


def _commit_format(rule: Directive, argv: tuple[str, ...]) -> str:
    signs = any(re.match(r"^(?:--signoff|-[a-zA-Z]*s[a-zA-Z]*)$", word) for word in argv[1:])
    if signs and str(rule.params.get("contains", "")).startswith("Signed-off-by"):
        return ""
    return _wrong(rule, message, "commit message") if (message := _message(argv)) else ""


def _title_format(rule: Directive, argv: tuple[str, ...]) -> str:
    return _wrong(rule, title, "title") if (title := _title(argv)) else ""


def _wrong(rule: Directive, text: str, what: str) -> str:
    subject = text.split("\n", 1)[0]
    if rule.params.get("style") == "conventional":
        found = _CONVENTIONAL.match(subject)
        types = (frozenset(strings(rule, "types")) or _TYPES) | frozenset(strings(rule, "also"))
        if not found or found["type"] not in types:
            return f"the {what} `{subject[:80]}` is not a conventional one ({', '.join(sorted(types)[:8])}: …)"
    if (prefixes := strings(rule, "prefixes")) and not subject.startswith(tuple(f"{p}:" for p in prefixes)):
        return f"the {what} `{subject[:80]}` begins with none of {', '.join(prefixes)}"
    if rule.params.get("starts") == "emoji" and not _EMOJI_FIRST.match(subject):
        return f"the {what} `{subject[:80]}` does not begin with an emoji"
    if (case := rule.params.get("starts")) in ("lowercase", "uppercase"):
        first = subject.partition(": ")[2][:1] or subject[:1]
        if first.isalpha() and first != (first.lower() if case == "lowercase" else first.upper()):
            return f"the {what} `{subject[:80]}` does not begin with a letter in {case}"
    if rule.params.get("mood") and (told := _TOLD.match(subject)):
        return f"the {what} `{subject[:80]}` begins with `{told[1]}`, which is not in the imperative"
    shapes = (*strings(rule, "shapes"), *([str(rule.params["shape"])] if rule.params.get("shape") else []))
    if shapes and not any(_shape(s).match(subject) for s in shapes):
        return f"the {what} `{subject[:80]}` does not have the form `{shapes[0]}`"
    if (mention := str(rule.params.get("mentions", ""))) and not re.search(_number_of(mention), text):
        return f"the {what} `{subject[:80]}` does not name `{mention}`"
    most = rule.params.get("subject_max")
    if isinstance(most, int) and len(subject) > most:
        return f"the first line of the {what} has {len(subject)} characters, {most} are allowed"
    wanted = rule.params.get("contains")
    if isinstance(wanted, str) and wanted not in text and not (wanted.startswith("Signed-off-by") and what == "title"):
        return f"the {what} does not contain `{wanted}`"
    if rule.params.get("no_body") and "\n" in text.strip():
        return f"the {what} has a body"
    return ""


#: A first word that tells what was done: "Added", "fixes", "Updating", after a type or a scope.
_TOLD = expression(
    r"^(?:\[[^\]]{1,40}\] |[\w./-]{1,40}(?:\([^)]{1,60}\))?!?: )?"
    r"(?!(?:embed|feed|need|seed|speed|exceed|proceed|succeed|shed|shred|weed|heed|breed|bleed|wed|"
    r"bring|ring|ping|string|spring|sling|swing|sting|fling|wing|thing|king)\b)"
    r"([a-z]{2,}(?:ed|ing)|adds|fixes|updates|removes|changes|moves|renames|bumps|improves|implements|refactors|"
    r"allows|"
    r"introduces|handles|replaces|creates|converts|enables|disables|ensures|reverts|prevents|simplifies|made|"
    r"did)\b(?! #)",
    re.IGNORECASE,
)


def _number_of(mention: str) -> str:
    """An expression for a key written with `<n>` for its number."""
    return r"(?<!\w)" + r"\d+".join(re.escape(part) for part in re.split(r"<\w+>", mention[:40]))


#: A picture, or its name between colons: `:sparkles:`.
_EMOJI_FIRST = expression("^(?:[\u2190-\u2bff\U0001f000-\U0001faff]|:[a-z0-9_+-]+:)")


#: Parts of a form that stand for anything, at most: more would make matching slow.
_HOLES = 6
_HOLE_WORD = (
    r"(?:type|scope|description|subject|summary|message|component|area|package|pkg|title|text|name|topic|module|"
    r"subsystem|crate|category|prefix)"
)
#: What stands for something else in a form, several words of it for one thing: `<area>`, `{scope}`, `package name`.
_HOLE = expression(rf"(<[^>]*>|\{{[^}}]*\}}|\b(?:short |brief )?{_HOLE_WORD}(?: {_HOLE_WORD})*\b)")
#: What may be left out: `[, pkg2, pkg3]`.
_OPTIONAL = expression(r"\s*\[[,/][^\]]*\]")


def _shape(shape: str) -> re.Pattern[str]:
    """A form as people write it: `type: description`, `<area>: what changed`, `[component] text`, `feat: example`."""
    if bracketed := re.match(r"\[[^\]]+\] ", shape):
        return (
            re.compile(r"^\[[^\]\n]+\] \S")
            if ":" not in shape[bracketed.end() :]
            else re.compile(r"^\[[^\]\n]+\] [^:\n]+: \S")
        )
    head, colon, _tail = _OPTIONAL.sub("", shape[:120]).partition(": ")
    parts = _HOLE.split(head, maxsplit=_HOLES)
    if colon and len(parts) == 1 and not re.search(r"[*{<]", head):  # an example, not a form
        return re.compile(r"^[\w-]+(?:\([^)]*\))?!?:\ .+")
    body = "".join(r"[^:\n]+?" if index % 2 else re.escape(part) for index, part in enumerate(parts))
    return re.compile(f"^{body}: \\S" if colon else f"^{body}(?:$|.*)")


def _forbidden_text(rule: Directive, argv: tuple[str, ...]) -> str:
    text = _message(argv)
    trailers = " ".join(_option(argv, "--trailer")) if shell.matches("git commit", argv) else ""
    for pattern in strings(rule, "patterns"):
        if (text or trailers) and re.search(pattern, f"{text}\n{trailers}"):
            return "the commit message holds what the rule forbids"
    return ""


def _branch(rule: Directive, argv: tuple[str, ...]) -> str:
    base, made = rule.params.get("base"), shell.matches("gh pr create", argv)
    if (
        made
        and isinstance(base, str)
        and any(b not in (base, *strings(rule, "also")) for b in _option(argv, "-B", "--base"))
    ):
        return f"pull requests go to `{base}`"
    if made and rule.params.get("draft") and not {"--draft", "-d"}.intersection(argv):
        return "pull requests are opened as drafts: add --draft"
    for name in strings(rule, "protected"):
        if shell.matches("git push", argv) and any(
            re.fullmatch(rf"(?:[^:]*:)?(?:refs/heads/)?{re.escape(name)}", a) for a in argv[2:]
        ):
            return f"`{name}` is not pushed to directly"
    pattern = rule.params.get("pattern")
    created = _created(argv)
    if created and (prefixes := strings(rule, "prefixes")) and not created.startswith(prefixes):
        return f"the branch `{created}` begins with none of {', '.join(prefixes)}"
    characters = rule.params.get("characters")
    if created and isinstance(characters, str) and (wrong := re.sub(f"[{_class_of(characters)}]", "", created)):
        return f"the branch `{created}` holds `{wrong[0]}`"
    if isinstance(pattern, str) and created and not _branch_shape(pattern).match(created):
        return f"the branch `{created}` does not have the form `{pattern}`"
    return ""


def _class_of(characters: str) -> str:
    """What stands between the brackets of a class: ranges as they are, a hyphen of its own at the end."""
    ranges = "".join(part for part in ("a-z", "A-Z", "0-9") if part in characters)
    rest = characters
    for part in ("a-z", "A-Z", "0-9"):
        rest = rest.replace(part, "")
    return ranges + re.escape(rest)


def _created(argv: tuple[str, ...]) -> str:
    for command, options in (("git checkout", ("-b", "-B")), ("git switch", ("-c", "-C", "--create"))):
        if shell.matches(command, argv):
            return "".join(_option(argv, *options)[:1])
    return ""


def _branch_shape(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(<[^>]*>|\{[^}]*\}|\[[^\]]*\]|\*)", pattern[:120], maxsplit=_HOLES)
    return re.compile("^" + "".join(r"[\w./-]+" if i % 2 else re.escape(p) for i, p in enumerate(parts)) + "$")


def _template(rule: Directive, argv: tuple[str, ...]) -> str:
    if (
        not rule.params.get("contains")
        and shell.matches("gh pr create", argv)
        and {"--fill", "--fill-first", "-f"}.intersection(argv)
    ):
        return "the template is not filled in by --fill"
    bodies = _option(argv, "-b", "--body") if shell.matches("gh pr create", argv) else ()
    if wanted := str(rule.params.get("contains", "")):
        return f"the body does not contain `{wanted}`" if any(wanted not in b for b in bodies) else ""
    return (
        "the body has none of the template's headings"
        if bodies and not any(re.search(r"(?m)^#{1,4} ", b) for b in bodies)
        else ""
    )


def _language(rule: Directive, argv: tuple[str, ...]) -> str:
    text = f"{_message(argv)}\n{_title(argv)}".strip()
    wanted = str(rule.params.get("language", ""))
    if "messages" in strings(rule, "what") and is_foreign(text, wanted):
        return f"`{text[:80]}` is not {wanted.capitalize()}"
    return ""


JUDGES: dict[str, Judge] = {
    "text_language": _language,
    "commit_format": _commit_format,
    "commit_forbid": _forbidden_text,
    "pr_title_format": _title_format,
    "branch_rule": _branch,
    "pr_template": _template,
}
