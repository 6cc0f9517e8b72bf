"""What a command is for: test, lint, typecheck, build, format, codegen, coverage, or nothing that makes a gate."""

from __future__ import annotations

import re

from loopwright.core.expression import expression
from loopwright.guard.directives.reading.patterns import Pattern

#: Purposes in the order in which their words are looked for in a command.
_PURPOSES = (
    ("coverage", Pattern(r"coverage|\b(?:cov|gcovr|codecov)\b", re.IGNORECASE)),
    (
        "typecheck",
        Pattern(
            r"type-?check|check-types|phpstan|psalm|\btypes?\b|\btsc\b|\bmypy\b|pyright|\bty check\b|"
            r"\bcheck:types\b|phpstan|"
            r"\btsc\b",
            re.IGNORECASE,
        ),
    ),
    (
        "codegen",
        Pattern(
            r"\bcode-?gen\b|\bgenerate(?:\b|(?-i:[A-Z]))|\bgen\b|\bgen[:-]|[:-]gen\b|protoc\b|\bprotobuf\b|openapi|"
            r"makemigrations|"
            r"sqlc|update-schema|\bextract-\w+|docs?[:-]api\b|\bproptypes\b|"
            r"\bregen|generated files|build-?(?:translations|schema)|config-schema|generate[:-]|_gen\b|snapshot",
            re.IGNORECASE,
        ),
    ),
    (
        "format",
        Pattern(
            r"\bfmt\b|\bformat\b|format[:-]|[:-]format|formatt(?:ing|ed)|prettier|\bblack\b|gofmt|gofumpt|spotless|"
            r"\bisort\b|lint:fix|lint --fix|--fix\b|autofix|\bfix\b|oxfmt|clang-format|swiftformat|scalafmt|ktfmt|"
            r"stylua|csharpier|\bpint\b|\bbiome format|"
            r"dprint|gdformat|\bphpcbf\b|(?:make|run|just|task|yarn|pnpm) style\b",
            re.IGNORECASE,
        ),
    ),
    (
        "lint",
        Pattern(
            r"\blint|[:_-]lint|lint[:-]|\w+lint\b|ktlint|clippy|detekt|\banaly[sz]e\b|brakeman|credo|dialyzer|"
            r"sorbet|\bcompileall\b|\bruff\b|flake8|pylint|\bvet\b|golangci|shellcheck|"
            r"stylelint|cspell|spell|rubocop|checkstyle|staticcheck|"
            r"\bknip\b|\bbiome\b|oxlint|pre-commit|\bprek\b|hadolint|\bverify\b|\bvalidate\b|validate\.sh|"
            r"\bchecks?\b|check[:-]|[:-]check|quality|\bgate\b|\bphpcs\b|\bdeny\b|govulncheck|gosec|semgrep|"
            r"lock --check|manypkg|bandit|cppcheck|clang-tidy|gdlint|static analysis|"
            r"breaking-changes|api-?diff|\btidy --?(?:diff|check)\b|staticcheck|\brevive\b|deptrac|bundler?-audit",
            re.IGNORECASE,
        ),
    ),
    (
        "test",
        Pattern(
            r"\btests?\b|tests?[:_-]|\bunittest\b|\w+[a-z]Tests?\b|[:_.-]tests?\b|pytest|vitest|\bjest\b|"
            r"\btox\b|\bnox\b|rspec|phpunit|"
            r"\bctest\b|\be2e\b|playwright|cypress|"
            r"testunit|^(?:\./)?(?:bin|scripts?|tools|dev)/ci(?:\.sh)?$|"
            r"^(?:make|just|task|mise run|npm run|pnpm run|yarn|rake) ci$|\bconnected\w*Check\b|\bspec\b|"
            r"benchmark|\bbench\b|\btestOnly\b|\bcheck\.sh\b|^rake$|nextest|integration|testacc|\btest\w*\.sh",
            re.IGNORECASE,
        ),
    ),
    (
        "build",
        Pattern(
            r"\bbuild\b|build[:_-]|[:_-]build|\bcompile\b|\bbundle\b|assemble|\bpackage\b|\bcargo check\b|msbuild|"
            r"\btypegen\b|\bmake all\b|release --snapshot|"
            r"\b(?:builds|compiles) (?:the |an? |all |every |(?:\w+ )?(?:binar|image|package|cli\b|app\b|project))",
            re.IGNORECASE,
        ),
    ),
)


#: Commands that prepare, serve or look around: no gate can be made of them.
_NO_GATE = Pattern(
    r"^(?:(?:cd|ls|cat|cp|mv|rm|mkdir|ln|export|source|git|gh|glab|curl|wget|echo|brew|apt|apt-get|sudo|"
    r"kill|ssh|code|open|chmod|touch|which|docker|docker-compose|podman|kubectl|helm|nvm|volta|corepack|"
    r"psql|conda|mamba|pixi|find|grep|rg|sed|awk|tree|head|tail|wc|jq|xargs)\b)"
    r"|(?<!=)\b(?:install|add|sync|venv|init|clone|up|down|dev|start|serve|server|watch|preview|run-server|"
    r"runserver|deploy|publish|release|login|logs?|shell|repl|clean|"
    r"apply|plan|destroy|migrate|upgrade|update|create-?\w*|setup|bootstrap|info|list|version|studio|seed|"
    r"createsuperuser|"
    r"--help|--version|new|tidy(?! --?(?:diff|check))|suppress|prune|prepare|link|debug|profile|download|"
    r"outdated)(?:\s|$)",
    re.IGNORECASE,
)


#: Commands whose purpose is not told by the words beside them.
_NO_WORDS = Pattern(r"^(?:\S*/)?(?:python[\d.]*|node|deno|ruby) |\b(?:clear|reset|purge|nuke|storybook|setup)\b")


_TEST_LIKE = Pattern(
    r"\b(?:test|pytest|vitest|jest|lint|check|format|fmt|typecheck|e2e|build|verify|validate|analyze|clippy|"
    r"spotless)\b|"
    r"--check\b",
    re.IGNORECASE,
)


_DEV = Pattern(r"[: -](?:dev|serve|start|watch|debug|preview)(?:\s|$)|:dev|--watch|--ui\b|\bdev\b")


#: What does not end by itself.
_STAYS = Pattern(r"[:-]watch\b|(?<=\s)--watch(?:All)?(?=\s|$)|:ui(?![\w:])|(?<=\s)--ui\b")
#: Targets that write something new from a template, and programs that only look.
_MAKES_NEW = Pattern(
    r"^.*\b(?:ecto\.gen\.|phx\.gen\.|artisan make:|(?:rails|ng|nest) (?:g|generate) |ef migrations add\b|"
    r"alembic revision\b)|"
    r"^(?:make|just|task|npm run|pnpm run|pnpm|yarn|bun run|nx|rake) (?:run )?['\"]?(?:debug|new|create|add|scaffold|"
    r"changelog|"
    r"changeset)(?:[-:]|$)|"
    r"^.*\bgenerate[:-](?:component|page|module|model|service|migration|hook|feature|screen|plugin)(?=\s|$)",
    re.IGNORECASE,
)
#: What starts something that stays: "build and start the production server".
_STARTS = Pattern(
    r"\b(?:start|launch|spin up|serve)s? (?:the |a |an )?(?:\w+ ){0,2}(?:server|app|"
    r"application|stack)\b",
    re.IGNORECASE,
)
_LOOKS = Pattern(r"^(?:git|gh|tar|unzip|gzip|rsync|scp|find|grep|rg|sed|awk|tree|head|tail|wc|jq|xargs|ls|cat) ")


PLACEHOLDER = Pattern(
    r"<[^<>]+>|\{[a-z_ -]+\}|\[[A-Za-z_ .-]+\]|\bpath/to/|(?<!/)\.\.\.|…|\$[A-Z_]+\b|\b(?:SOME|YOUR|FILE|"
    r"NAME)_?[A-Z]*\b|/path/"
)


#: What a package manager brings in, whatever it is called: no check.
_BRINGS_IN = Pattern(
    r"^(?:npm|pnpm|yarn|bun|pip3?|uv pip|uv|poetry|pdm|cargo|gem|bundle|composer|go|brew|mix|dotnet tool)"
    r" (?:tool )?(?:i|install|add|sync|ci|get)\b(?!.*&&)"
)
#: What only tells, or starts and stops: "wp-env status".
_STANDS = Pattern(
    r"^(?:docker|podman)[ -]compose\b.* (?:up|down|start|stop|logs|ps|pull)\b|-progress$|(?:[\s:])(?:status|start|stop|"
    r"restart|ps)$|(?<=\s)--stop\b|[\s:](?:start|serve)[-:][\w:-]+$|^(?:cargo|dotnet|go)(?: xtask)? run\b|"
    r"^cmake (?!.*--(?:build|workflow)\b)"
)
#: Variables set for one command.
_ASSIGNED = expression(r"^(?:[A-Z_][A-Z0-9_]*=(?:\"[^\"]*\"|'[^']*'|\S*)\s+)+")


#: A command that is run in a container: what stands behind the container's name.
_CONTAINED = Pattern(
    r"^(?:docker(?: |-)compose|podman(?: |-)compose|docker|podman) (?:run|"
    r"exec) (?:-{1,2}[\w-]+(?:=\S+)? )*(?!-)[\w./:-]+ (\S.*)$"
)


#: Maven installs what it has built and tested.
_MAVEN = Pattern(r"^(?:\./)?mvnw? (?!.*\b(?:test|verify)\b).*\b(?:install|package|compile)\b")


#: The name of a set of options, whatever it is called: `cmake --build --preset dev`.
_PRESET = Pattern(r"(?<= )--(?:(?:preset|profile|config|env)[ =][\w-]+|(?:only|no|all|with|without)-dev\b)")


#: Types that are spoken of, not checked: "pull the CMS types".
_TYPES_OF = Pattern(r"\b(?:pull|fetch|sync|download|import)s? (?:the )?(?:\w+ )?types\b", re.IGNORECASE)


def purpose(command: str, words: str = "") -> str:
    """Return what a command is for: test, lint, typecheck, build, format, codegen, coverage; "" for no gate."""
    if command.startswith("(") and command.endswith(")"):
        command = command[1:-1].strip()
    if "&&" in command:
        links = [link.strip() for link in command.split("&&")]
        return next((found for link in reversed(links) if (found := purpose(link))), "")
    if inner := _CONTAINED.match(command):
        return purpose(inner[1], words)
    command = _PRESET.sub("", command)
    bare = PLACEHOLDER.sub("", _ASSIGNED.sub("", command)).removeprefix("bundle exec ").replace("_", "-")
    if _MAVEN.match(bare):
        return "build"
    if _MAKES_NEW.match(bare) or _LOOKS.match(bare) or _STAYS.search(bare) or _BRINGS_IN.match(bare):
        return ""
    if _STANDS.search(bare.strip()):
        return ""
    for name, pattern in _PURPOSES:
        if pattern.search(bare):
            if _NO_GATE.search(bare) and not _TEST_LIKE.search(bare):
                return ""
            return "" if _DEV.search(bare) and name == "build" else name
    if _NO_GATE.search(bare):
        return ""
    if not words or _NO_WORDS.search(bare) or _STARTS.search(words):
        return ""
    words = _TYPES_OF.sub("", words)
    for name, pattern in _PURPOSES:
        if pattern.search(words):
            return name
    return ""
