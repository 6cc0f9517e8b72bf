"""Rules about the project's tools: which one builds it, which image it runs in, which rule of a linter is meant."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import language, literals, regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers import lints_in_words
from loopwright.guard.directives.recognisers.places import place
from loopwright.guard.directives.rule import Rule

#: Tool -> files of which one shows that it is in use.
_TOOLS: dict[str, tuple[str, ...]] = {
    "gradle": ("build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"),
    "maven": ("pom.xml",),
    "bazel": ("MODULE.bazel", "WORKSPACE", "WORKSPACE.bazel", "BUILD.bazel", "BUILD"),
    "cmake": ("CMakeLists.txt",),
    "meson": ("meson.build",),
    "turborepo": ("turbo.json",),
    "turbo": ("turbo.json",),
    "lerna": ("lerna.json",),
}
_NAME = "|".join(sorted(map(re.escape, _TOOLS), key=len, reverse=True))
_BUILDS = r"(?:build (?:system|tool)|build and dependency|monorepo (?:tool|manager)|dependency management)"
_TOOL = Pattern(
    rf"^\W*{_BUILDS}\W{{1,4}}({_NAME})\b(?! or)|^\W*({_NAME})\W{{1,5}}(?:[\w /,-]{{0,40}}\b)?{_BUILDS}\b",
    re.IGNORECASE,
)


def required_tool(statement: Statement) -> Rule | None:
    """The tool that builds the project."""
    if len(statement.plain) > 140 or language.forbids(statement) or not (found := _TOOL.search(statement.plain)):
        return None
    name = next(g for g in found.groups() if g).lower()
    why = "one of the files that the tool is set up by must be there"
    return Rule("require_tool", {"tool": name, "any_of": [*_TOOLS[name]]}, "enforced", why)


#: A page on one rule of a linter.
_PAGES = (
    ("clippy", Pattern(r"rust-clippy/[\w./]*?(?:index\.html)?#/?(\w+)")),
    ("ruff", Pattern(r"docs\.astral\.sh/ruff/rules/([\w-]+)")),
    ("eslint", Pattern(r"eslint\.org/docs/(?:\w+/)?rules/([\w-]+)")),
    ("eslint", Pattern(r"typescript-eslint\.io/rules/([\w-]+)")),
)
#: A list of rules of one linter: its name above, an identifier at the start of the bullet.
_LINTER = Pattern(
    r"\b(swiftlint|eslint|detekt|rubocop|checkstyle|ktlint|pylint|stylelint|golangci-lint|oxlint)\b", re.IGNORECASE
)
_RULE_ID = Pattern(r"^\W*`([a-z][a-z]+(?:[_/-][a-z]+)+|[A-Z][a-z]+/[A-Z]\w+)`")
_LIMIT = Pattern(r"\b(?:error|max|limit)?\W{0,3}(?:>|above|max)?\W{0,3}(\d{2,4})\)?\W*$")


def _listed(statement: Statement) -> Rule | None:
    found = _RULE_ID.match(statement.plain) if statement.form == "bullet" and len(statement.plain) < 120 else None
    titles = statement.headings[1:][-2:] or statement.headings  # the title of the whole file is that of no list
    around = " ".join((*titles, statement.lead)) if found else ""
    tool = _LINTER.search(around) if found else None
    if not found or not tool:
        return None
    limit = _LIMIT.search(statement.plain)
    if limit and found[1] in ("file_length", "max-lines", "function_body_length", "max-lines-per-function"):
        of: dict[str, JsonValue] = {"of": "function"} if "function" in found[1] else {}
        why = "what the change made longer is measured"
        return Rule("max_file_lines", {"n": int(limit[1]), **of}, "enforced", why)
    return _lint(tool[1].lower(), found[1], statement)


def linked_rule(statement: Statement) -> Rule | None:
    """A rule of a linter that a sentence links to, lists, or describes in words."""
    plain = statement.text if "://" in statement.text else statement.plain
    if "://" in plain:
        for tool, pattern in _PAGES:
            if found := pattern.search(plain):
                return _lint(tool, found[1], statement)
    if rule := _listed(statement):
        return rule
    described = lints_in_words.described(statement)
    return _lint(*described, statement) if described and described[0] == "clippy" else None


def described_rule(statement: Statement) -> Rule | None:
    """A rule of another linter in words: where nothing else holds what the sentence asks for."""
    found = lints_in_words.described(statement)
    return _lint(*found, statement) if found else None


def _lint(tool: str, name: str, statement: Statement) -> Rule:
    named = name.replace("-", "_") if tool == "clippy" else name
    params: dict[str, JsonValue] = {
        "rule": f"clippy::{named}" if tool == "clippy" else named,
        "tool": tool,
        **place(statement),
    }
    return Rule("lint_rule", params, "partly", "judged where the project has this linter")


_IMAGE = Pattern(r"^(?:[\w.-]+/)*[a-z][\w.-]+:(?=[\w.-]*\d|latest$|alpine|slim)[\w.-]+$")
_OF_IMAGES = Pattern(r"\b(?:docker\w*|containers?|images?|stages?|base image)\b", re.IGNORECASE)


def base_images(statement: Statement) -> Rule | None:
    """The image that a stage of the Dockerfile is built from."""
    if ":" not in statement.plain or "`" not in statement.plain or len(statement.plain) > 140:
        return None
    images = [w.text for w in literals.words(statement) if ":" in w.text and _IMAGE.match(w.text) and not w.against]
    around = " ".join((statement.plain, statement.label, *statement.headings[-1:], statement.lead))
    if not images or not _OF_IMAGES.search(language.without_code(around)):
        return None
    if language.forbids(statement) or regex.search(r"\b(?:docker|podman) (?:run|pull|build)\b", statement.plain):
        return None
    why = "stages of changed Dockerfiles that begin with another tag of the image are named"
    return Rule("dockerfile_rule", {"images": [*images]}, "enforced", why)
