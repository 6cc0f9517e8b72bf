"""What the back-ticked words of a sentence are: commands, paths, globs, calls, names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Literal as OneOf

import msgspec

from loopwright.guard.directives import language
from loopwright.guard.directives.markdown import Statement, once

Sort = OneOf["command", "path", "call", "name", "code"]

#: Back-ticked words of one sentence that are looked at: more are a list that no rule is made of.
MOST_WORDS = 30
_TICKED = re.compile(r"(?<!`)(`{1,2})(?!`)(.+?)(?<!`)\1(?!`)")
_PROGRAMS = frozenset(
    [
        "npm",
        "pnpm",
        "yarn",
        "bun",
        "bunx",
        "npx",
        "pnpx",
        "deno",
        "node",
        "cargo",
        "rustup",
        "go",
        "gofmt",
        "gofumpt",
        "golangci-lint",
        "make",
        "gmake",
        "just",
        "task",
        "rake",
        "bundle",
        "mvn",
        "mvnw",
        "gradle",
        "gradlew",
        "python",
        "python3",
        "pytest",
        "py.test",
        "tox",
        "nox",
        "uv",
        "uvx",
        "poetry",
        "pdm",
        "hatch",
        "pipenv",
        "pip",
        "pip3",
        "ruff",
        "black",
        "isort",
        "flake8",
        "pylint",
        "mypy",
        "pyright",
        "basedpyright",
        "pre-commit",
        "prek",
        "bazel",
        "bazelisk",
        "cmake",
        "ctest",
        "ninja",
        "meson",
        "dotnet",
        "msbuild",
        "nuget",
        "swift",
        "xcodebuild",
        "composer",
        "php",
        "phpunit",
        "phpstan",
        "pint",
        "artisan",
        "eslint",
        "prettier",
        "biome",
        "tsc",
        "vue-tsc",
        "jest",
        "vitest",
        "mocha",
        "playwright",
        "cypress",
        "turbo",
        "nx",
        "lerna",
        "rush",
        "docker",
        "docker-compose",
        "podman",
        "kubectl",
        "helm",
        "terraform",
        "git",
        "gh",
        "glab",
        "sh",
        "bash",
        "zsh",
        "./gradlew",
        "./mvnw",
        "sbt",
        "lein",
        "mix",
        "rebar3",
        "stack",
        "cabal",
        "zig",
        "dart",
        "flutter",
        "melos",
        "rspec",
        "rubocop",
        "shellcheck",
        "hadolint",
        "alembic",
        "django-admin",
        "coverage",
        "sphinx-build",
        "mkdocs",
        "vite",
        "webpack",
        "rollup",
        "storybook",
        "knip",
        "oxlint",
        "oxfmt",
        "dprint",
        "stylelint",
        "markdownlint",
        "clang-format",
        "clang-tidy",
        "gcovr",
        "protoc",
        "buf",
        "sqlc",
        "atlas",
        "wire",
        "moon",
        "mage",
        "earthly",
        "act",
        "tilt",
        "skaffold",
        "changeset",
        "changie",
        "towncrier",
        "cspell",
        "pytest-xdist",
        "twine",
        "maturin",
        "conda",
        "mamba",
        "pixi",
        "rye",
        "invoke",
        "inv",
        "fab",
        "ansible",
        "vagrant",
        "xcrun",
        "fastlane",
        "pod",
        "gn",
        "autoninja",
        "lint-staged",
        "husky",
        "wrangler",
        "rm",
        "mv",
        "cp",
        "sed",
        "sudo",
        "curl",
        "wget",
        "chmod",
        "chown",
        "kill",
        "apt",
        "apt-get",
        "brew",
    ]
)
_SCRIPT = re.compile(
    r"^(?:\./|\.\./|\.\\|(?:[\w.-]+[/\\])*(?:[\w-]*scripts?|bin|tools?|hack|dev|ci|"
    r"build)[/\\])[\w./\\-]*[\w-](?:\s|$)|^[\w./\\-]+\.(?:sh|cmd|bat|ps1)(?:\s|$)"
)
_VERBED = re.compile(r"^[a-z][\w.-]{0,14} (?:run )?(?:test|tests|lint|check|build|fmt|format|typecheck|e2e)(?:[:\s]|$)")
_FILE = re.compile(
    r"^(?!//)(?:[\w@.*{}<>,$()\[\]~+-]*/[\w@.*{}<>,/$()\[\]~+-]*|"
    r"[\w.*{}<>\[\]-]*\*[\w.*{}<>,\[\]-]*\.[\w{},*]+|[\w-]{2,}(?:\.[\w-]+)*\.\*|\.?[\w*{}<>-]+(?:\.[\w{}*-]+)*\."
    r"(?:py|pyi|ts|tsx|js|jsx|mjs|cjs|mts|cts|go|rs|java|kt|rb|php|cs|cpp|cc|c|h|hpp|swift|md|mdx|mdc|rst|"
    r"txt|json|jsonc|yaml|yml|toml|lock|cfg|ini|"
    r"sh|ps1|sql|proto|graphql|css|scss|less|html|vue|svelte|xml|example|gradle|properties|lockb|snap|"
    r"ipynb|dart|ex|exs|tf|po|csv|mod|sum|work|prisma|astro|erb|hbs|j2|tpl|tmpl|bzl|bazel|nix|kts|plist|"
    r"csproj|vcxproj|sln|resx|xaml|lua|scala|hcl|svg|png|thrift|pyx))$|"
    r"^(?:Dockerfile|Makefile|Justfile|Taskfile|CHANGELOG|README|LICENSE|CODEOWNERS|NOTICE|Gemfile|"
    r"Procfile|\.env|\.gitignore|\.npmrc|\.dockerignore|\.git)$"
)
_CALL = re.compile(r"^\.?[\w$.:<>]+!?\((?:[^()]*|\.\.\.|…)\)$|^[\w:]+!$|^\.\w+\(\)$")
_NAME = re.compile(r"^@?[\w$][\w$.:-]*$|^@[\w-]+/[\w.-]+$")
_ASSIGNED = re.compile(r"^(?:[A-Z_][A-Z0-9_]*=\S+\s+)+")


class Word(msgspec.Struct, frozen=True):
    """One back-ticked span: its text, what it is, and whether the sentence speaks against it."""

    text: str
    sort: Sort
    start: int
    end: int
    against: bool


@once
def words(statement: Statement) -> tuple[Word, ...]:
    """Return the back-ticked spans of a statement's plain text in order."""
    return tuple(islice(_words(statement), MOST_WORDS))


def _words(statement: Statement) -> Iterator[Word]:
    for found in _TICKED.finditer(statement.plain):
        text = found[2].strip()
        if text:
            yield Word(text, sort(text), found.start(), found.end(), language.against(statement, found.start()))


def runs_first(statement: Statement) -> bool:
    """True where the sentence begins with a command in back-ticks."""
    found = words(statement)
    return bool(found) and found[0].sort == "command" and not statement.plain[: found[0].start].strip("* ")


def sort(text: str) -> Sort:
    """Return what a back-ticked text is."""
    if runs(text):
        return "command"
    if _FILE.match(text) and not text.startswith(("http:", "https:")):
        return "path"
    if _CALL.match(text):
        return "call"
    return "name" if _NAME.match(text) else "code"


def runs(text: str) -> bool:
    """True where text reads as a command line: a known program with arguments, or a script."""
    bare = _ASSIGNED.sub("", text.removeprefix("$ "))
    head, _, rest = bare.partition(" ")
    if _SCRIPT.match(bare):
        return (
            bool(rest)
            or head.endswith((".sh", ".py", ".ps1", ".cmd", ".bat", ".rb", "gradlew", "mvnw"))
            or "." not in head.rsplit("/", 1)[-1]
        )
    if _VERBED.match(bare):
        return True
    name = head.rsplit("/", 1)[-1]
    return name in _PROGRAMS and ((bool(rest) and rest[0] not in "=:(.") or name in _ALONE)


_ALONE = frozenset(
    [
        "pytest",
        "tox",
        "nox",
        "make",
        "mypy",
        "pyright",
        "ruff",
        "eslint",
        "tsc",
        "jest",
        "vitest",
        "ctest",
        "rspec",
        "rubocop",
        "phpunit",
        "gofmt",
        "prettier",
        "biome",
        "golangci-lint",
        "pre-commit",
        "flake8",
        "pylint",
        "black",
    ]
)
