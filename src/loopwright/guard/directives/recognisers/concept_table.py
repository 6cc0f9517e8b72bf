"""Ideas that rules name without naming a tool, and the rule each becomes."""

from __future__ import annotations

import msgspec

from loopwright.core.fact import JsonValue
from loopwright.core.rules import Level, Status
from loopwright.guard.directives.recognisers.change_topics import LOCKS
from loopwright.guard.directives.recognisers.layer_rules import DRIVERS


class Concept(msgspec.Struct, frozen=True):
    """One idea: the words it is said with, and the rule it becomes."""

    words: str
    kind: str
    params: dict[str, JsonValue]
    status: Status
    why: str
    longest: int = 90  # a longer sentence speaks of more than the idea
    forbidding: bool = False
    level: Level | None = None  # where a violation is milder or graver than the words say


_SOURCE = "the rest is probed where the application can be started"


CONCEPTS: tuple[Concept, ...] = (
    Concept(
        r"^(?!.*\b(?:no|not|never|without|avoid|instead|n't)\b).*\bmvc\b",
        "layer",
        {"order": ["routes", "controllers", "services", "repositories", "models"]},
        "enforced",
        "an import against the order of the layer folders is found",
    ),
    Concept(
        r"^(?:use |follow )?(?:a )?(?:clean|hexagonal|onion|layered|n-tier) architecture|\blayered architecture\b",
        "layer",
        {"order": ["routes", "controllers", "services", "repositories", "models"]},
        "partly",
        "an import against the order of the usual layer folders is found",
    ),
    Concept(
        r"\brestful\b|\brest conventions?\b",
        "naming",
        {"names": [{"kind": "route", "shape": "plural nouns, no verbs"}]},
        "partly",
        "route paths with verbs in them are found; what the handlers mean is not judged",
    ),
    Concept(
        r"\brepository pattern\b",
        "layer",
        {
            "from": "**",
            "outside": [
                "**/repositories/**",
                "**/repository/**",
                "**/*repository*",
                "**/*Repository*",
                "**/db/**",
                "**/database*",
                "**/models/**",
            ],
            "forbid": [*DRIVERS],
        },
        "enforced",
        "an import of a database driver outside the repositories is found",
    ),
    Concept(
        r"\b(?:unified|consistent|standard(?:i[sz]ed)?|uniform|common|"
        r"single) (?:json )?(?:api )?error (?:\w+ )?(?:format|shape|response|structure)s?\b|"
        r"\berror (?:response )?format\b.*\bjson\b|\berrors?(?: responses?)? (?:return|are returned as|must be|"
        r"are) json\b",
        "runtime_probe",
        {"sub": "error_shape", "keys": ["error"]},
        "partly",
        f"error answers made outside the error handler are found; {_SOURCE}",
    ),
    Concept(
        r"\binternationali[sz]ation\b|\bi18n\b|\btranslation files?\b|\btranslat\w+\b[^.;]{0,60}\b(?:ui|"
        r"user-facing|strings?)\b|\b(?:ui|user[- ]facing) strings?\b|"
        r"\buser-(?:visible|facing) (?:strings?|texts?|copy|messages?) (?:go(?:es)? through|(?:is|are|must be|"
        r"should be|"
        r"needs? to be) (?:wrapped|translat\w+|locali[sz]ed|externali[sz]ed|looked up|defined)|comes? from|lives?)\b|"
        r"\b(?:strings?|messages?|texts?) (?:that are )?(?:visible|shown|displayed) to (?:the )?users? (?:must|"
        r"needs? to|should|"
        r"ha(?:s|ve) to) be (?:externali[sz]ed|locali[sz]ed|translated)\b|"
        r"^\W*(?:wrap|translate|locali[sz]e|externali[sz]e) (?:\w+ )?(?:strings?|texts?) (?:that (?:is|"
        r"are) )?(?:shown|visible|"
        r"displayed)\b|\bno (?:string )?literals in (?:jsx|twig|(?:the )?templates?|views?|the ui)\b|"
        r"\bstrings (?:are|must be) translatable\b|"
        r"^\W*(?:strings?|texts?) (?:via|through|with) (?-i:[A-Z])\w+\W*$|^\W*(?:strings?|texts?|copy|"
        r"labels?) (?:via|through|comes? from|come from|go (?:in|into)|live in|are in|"
        r"for users go into) `[^`]*(?:[Ll]ocal|"
        r"i18n|l10n|[Ss]trings|intl|messages)[^`]*`|\bhard-?cod\w+\b[^.;]{0,12}\b(?:ui|user|display\w*|"
        r"visible|english|label)\b[^.;]{0,12}\b(?:strings?|text)\b|\bhard-?coded text\b|\b(?:strings?|messages?|"
        r"texts?|labels?)\b[^.;]{0,30}\b(?:externali[sz]ed|locali[sz]ed)\b|国际化",
        "i18n_no_hardcoded",
        {},
        "partly",
        "keys missing from a locale file and literals in changed views are found",
        140,
    ),
    Concept(
        r"^(?!.*\b(?:boundar|before render|especially|implementations?\b|safe apis))\W*(?:always |please |"
        r"must )?(?:validate|sanitis?ze?)\w*\b[^.;]{0,20}\b(?:user |all |external |api |"
        r"request )*"
        r"(?:inputs?|requests?|payloads?|data)\b|\b(?:inputs?|requests?|payloads?)\b[^.;]{0,20}\b(?:must|should|"
        r"needs? to|"
        r"are|is) (?:always )?(?:be )?(?:validated|sanitis?zed)",
        "require_syntax",
        {"what": "validated_input"},
        "partly",
        "a changed handler that reads the request without a validator is named; whether the validation "
        "suffices is not judged",
    ),
    Concept(
        r"\bhard-?cod\w*\b[^.;]{0,30}\bcolou?rs?\b|\b(?:raw|literal|hex) colou?rs?\b|"
        r"\bcolou?rs?\b[^.;]{0,12}\bhard-?cod",
        "forbid_text",
        {
            "texts": ["#fff"],
            "within": [
                "*.css",
                "*.scss",
                "*.less",
                "*.tsx",
                "*.jsx",
                "*.ts",
                "*.js",
                "*.vue",
                "*.svelte",
                "*.html",
                "*.kt",
                "*.swift",
                "*.dart",
            ],
        },
        "partly",
        "colours by their hexadecimal numbers are found in the added lines",
        120,
        True,
    ),
    Concept(
        r"\bbcrypt\b",
        "forbid_call",
        {
            "names": ["md5", "sha1", "createHash", "hashlib.md5", "hashlib.sha1", "hashlib.sha256"],
            "near": "password",
            "require_dependency": ["bcrypt", "bcryptjs", "passlib"],
            "probe": "password",
        },
        "enforced",
        "weak hashes near passwords are found, and the manifest must name bcrypt",
    ),
    Concept(
        r"\bencrypt\w*\b[^.;]{0,40}\b(?:at rest|sensitive|personal|pii|fields?)\b|\bencryption at rest\b",
        "judge",
        {"what": "encryption"},
        "partly",
        "encryption must be in use, without weak ciphers or keys in the sources; which data is sensitive is not known",
    ),
    Concept(
        r"\brate[- ]?limit\w*\b|\bthrottl\w+\b",
        "runtime_probe",
        {
            "sub": "rate_limit",
            "status": 429,
            "packages": [
                "express-rate-limit",
                "rate-limiter-flexible",
                "@fastify/rate-limit",
                "@nestjs/throttler",
                "slowapi",
                "flask-limiter",
                "django-ratelimit",
                "fastapi-limiter",
            ],
        },
        "partly",
        f"a limiter must be in the manifest and in use; {_SOURCE}",
    ),
    Concept(
        r"\bhttps\b.{0,20}\bcors\b|\bcors\b.{0,20}\bhttps\b|^(?:enforce|use|require|configure|"
        r"enable) (?:https|cors|hsts)\b|\bhsts\b",
        "runtime_probe",
        {"sub": "headers", "headers": ["Strict-Transport-Security", "Access-Control-Allow-Origin"]},
        "partly",
        f"an open CORS origin is found, and helmet/cors or their like must be in use; {_SOURCE}",
    ),
    Concept(
        r"\bintegration tests?\b[^.;]{0,20}\b(?:for|cover\w*)\b[^.;]{0,25}\b(?:flows?|core|critical|business|"
        r"endpoints?|apis?|workflows?)\b",
        "test_required",
        {"kinds": ["integration"], "where": "tests/integration/**"},
        "partly",
        "a change of routes or services without an integration test is named; which flows are the core ones "
        "is not known",
        level="warn",
    ),
    Concept(
        r"\bisolate\w*\b[^.;]{0,30}\btest\w*\b|\btest (?:data|database)\b[^.;]{0,30}\b(?:separate|isolat|"
        r"production)\w*",
        "config_value",
        {"what": "test_isolation", "forbid": "production host in tests", "probe": "tests"},
        "enforced",
        "test files and test settings that name a production address are found",
    ),
    Concept(
        r"\b(?:performance|load|stress) test(?:s|ing)?\b(?! (?:covers?|suite|binary|passes|runs?)\b)",
        "file_required",
        {
            "any_of": [
                "**/performance/**",
                "**/perf/**",
                "**/load/**",
                "**/k6/**",
                "**/*k6*",
                "**/artillery*",
                "**/*autocannon*",
                "**/locustfile.py",
                "**/benchmarks/**",
                "**/*bench*",
            ]
        },
        "partly",
        "a load test must be there; its limit is not stated in the rule",
    ),
    Concept(
        r"\bdeploy\w*\b[^.;]{0,20}\bdocker\b|\bdocker containers?\b|\bcontaineri[sz]ed?\b|\bdockeri[sz]ed?\b",
        "file_required",
        {"path": ["Dockerfile", ".dockerignore"], "root": True, "also": "dockerfile"},
        "enforced",
        "the files must be there; the Dockerfile must not run as root or pull `latest`",
    ),
    Concept(
        r"\bcentrali[sz]ed?\b[^.;]{0,20}\b(?:env(?:ironment)?|config\w*)\b|\b(?:env(?:ironment)?|"
        r"config\w*)\b[^.;]{0,30}\bcentrali[sz]ed\b",
        "forbid_call",
        {
            "names": ["process.env", "os.environ", "os.getenv"],
            "outside": [
                "**/config/**",
                "**/config.*",
                "**/*config.*",
                "**/settings/**",
                "**/settings.*",
                "**/env.*",
                "config/**",
            ],
            "except": "tests",
        },
        "enforced",
        "reads of the environment outside the configuration module are found",
    ),
    Concept(
        r"\bblue[- ]?green\b|\brolling (?:updates?|deploy\w*|releases?)\b",
        "config_value",
        {"what": "rollout", "key": "strategy.type", "value": ["RollingUpdate", "blue-green", "BlueGreen"]},
        "partly",
        "a manifest with the strategy must be there",
    ),
    Concept(
        r"\bprometheus\b[^.;]{0,30}\b(?:metrics?|monitoring|format|endpoint|exporter|client|integration|counters?|"
        r"scrap\w+)\b|"
        r"\b(?:metrics?|monitor\w*|observability|expose|export)\b[^.;]{0,40}\bprometheus\b|^\W*prometheus\W*$",
        "runtime_probe",
        {
            "sub": "metrics",
            "path": "/metrics",
            "packages": [
                "prom-client",
                "express-prom-bundle",
                "prometheus-client",
                "prometheus_client",
                "prometheus-fastapi-instrumentator",
                "django-prometheus",
                "prometheus-flask-exporter",
                "github.com/prometheus/client_golang",
            ],
        },
        "partly",
        f"a client must be in the manifest and a /metrics route in the sources; {_SOURCE}",
    ),
    Concept(
        r"\bstructured (?:json )?logg?(?:ing|s)?\b|\bjson logg?(?:ing|s)?\b|\blogs? (?:must be |in |"
        r"as )?(?:structured )?json\b",
        "forbid_call",
        {
            "names": ["console.log", "console.info", "console.error", "console.warn", "print"],
            "except": "tests",
            "probe": "logs",
        },
        "enforced",
        "unstructured output in changed code is found",
    ),
    Concept(
        r"\b(?:never|don'?t|do not|no|avoid)\b (?:\w+ ){0,2}(?:build|perform|use|run|make|building|using|"
        r"release)\w*\b[^.;]{0,25}"
        r"\brelease (?:profile|build|mode)s?\b|\bno release (?:profile|build)s?\b",
        "forbid_command",
        {"commands": ["cargo build --release", "cargo run --release", "cargo test --release"]},
        "enforced",
        "a call that runs it is refused",
        140,
        True,
    ),
    Concept(
        r"(?<!non-)\b(?:destructive|dangerous|irreversible|hard-to-reverse)\b[^.;]{0,30}\b(?:git |shell )?(?:commands?|"
        r"operations?|actions?)\b",
        "forbid_command",
        {
            "commands": [
                "git reset --hard",
                "git clean -f",
                "git push --force",
                "git checkout -- .",
                "git branch -D",
                "rm -rf",
            ]
        },
        "enforced",
        "a call that runs one is refused",
        260,
        True,
    ),
    Concept(
        r"\bforce[- ]push\w*\b",
        "forbid_command",
        {"commands": ["git push --force", "git push --force-with-lease", "git push -f"]},
        "enforced",
        "a call that runs it is refused",
        160,
        True,
    ),
    Concept(
        r"^deleting (?:files?|\w+ files?)\b|\bdelet(?:e|ing) files?\b",
        "forbid_command",
        {"commands": ["rm", "git rm"]},
        "enforced",
        "a call that runs it is refused",
        80,
        True,
    ),
    Concept(
        r"\brewrit\w+ (?:\w+ )?history\b|\brebase\b[^.;]{0,20}\b(?:shared|pushed|public)\b|"
        r"\bmodify repository history\b",
        "forbid_command",
        {"commands": ["git rebase", "git commit --amend", "git push --force", "git filter-branch"]},
        "enforced",
        "a call that runs it is refused",
        160,
        True,
    ),
    Concept(
        r"\binstall\b[^.;]{0,30}\bglobally\b",
        "forbid_command",
        {
            "commands": [
                "npm install -g",
                "npm i -g",
                "pnpm add -g",
                "yarn global add",
                "bun add -g",
                "sudo pip install",
            ]
        },
        "enforced",
        "a call that runs it is refused",
        120,
        True,
    ),
    Concept(
        r"--no-verify|\bskip(?:ping)? (?:the )?(?:pre-?commit |git )?hooks?\b|"
        r"\bbypass\w* (?:the )?(?:pre-?commit |git )?hooks?\b",
        "forbid_command",
        {"commands": ["git commit --no-verify", "git push --no-verify", "git commit -n"]},
        "enforced",
        "a call that runs it is refused",
        160,
        True,
    ),
    Concept(
        r"`git add (?:\.|-A|--all)`",
        "forbid_command",
        {"commands": ["git add .", "git add -A", "git add --all"]},
        "enforced",
        "a call that runs it is refused",
        160,
        True,
    ),
    Concept(
        r"\b(?:reply|comment)\w*\b (?:to|on)\b[^.;]{0,20}\b(?:issues?|prs?|pull requests?)\b",
        "forbid_command",
        {"commands": ["gh issue comment", "gh pr comment"]},
        "enforced",
        "a call that runs it is refused",
        140,
        True,
    ),
    Concept(
        r"\b(?:edit|modify|change|touch|hand-edit|delete|remove|rename)\w*\b[^.;]{0,25}\b(?:existing |applied |old |"
        r"past )?migrations?\b|"
        r"\bmigrations?\b[^.;]{0,60}\b(?:never|not) (?:be )?(?:edited|modified|changed|touched)|"
        r"\bmigrations?\b[^.;]{0,60}\b(?:never|not) (?:\w+ )?(?:edit|modify|touch|change)\b",
        "path_protected",
        {
            "globs": [
                "**/migrations/**",
                "**/migration/**",
                "**/Migrations/**",
                "**/migrate/**",
                "**/alembic/versions/**",
                "**/drizzle/**",
            ],
            "existing": True,
        },
        "enforced",
        "a change to an existing one is refused",
        160,
        True,
    ),
    Concept(
        r"^\W*(?:(?:applied|merged|committed|existing|database|published|old) )*migrations?(?: files?)? (?:is|are) "
        r"(?:immutable|append-only|frozen)\b",
        "path_protected",
        {
            "globs": [
                "**/migrations/**",
                "**/migration/**",
                "**/Migrations/**",
                "**/migrate/**",
                "**/alembic/versions/**",
            ],
            "existing": True,
        },
        "enforced",
        "a change to an existing one is refused",
        160,
    ),
    Concept(
        r"(?<!ai[- ])\b(?:generated|auto-?generated) (?:files?|code|sources?|types?|clients?|"
        r"bindings?|stubs?|outputs?|artifacts?)\b(?! (?:when|if|that|which|in|to|of|under|from)\b)",
        "path_protected",
        {
            "globs": [
                "**/*.generated.*",
                "**/*_generated.*",
                "**/generated/**",
                "**/__generated__/**",
                "**/*.gen.*",
                "**/*.pb.go",
                "**/*_pb2.py",
                "**/zz_generated.*",
            ]
        },
        "enforced",
        "files named as generated must not be changed by hand",
        100,
        True,
    ),
    Concept(
        r"\b(?:edit|modify|change|touch|hand-edit|hand-write)\w*\b[^.;]{0,25}\bsnapshots?(?: files?| bodies)?\b"
        r"(?=[^.;]{0,50}\b(?:manual|hand|direct))|\bhand-?(?:edit|written?|write)\w*[^.;]{0,25}\bsnapshots?\b",
        "path_protected",
        {"globs": ["*.snap", "*.snapshot", "*.ambr", "**/__snapshots__/**"]},
        "enforced",
        "a change by hand is refused",
        100,
        True,
    ),
    Concept(
        r"\bchangeset files?\b",
        "path_protected",
        {"globs": [".changeset/*.md"]},
        "enforced",
        "a change to them is refused",
        100,
        True,
    ),
    Concept(
        r"\b(?:edit|modify|change|touch|hand-edit)\w*\b[^.;]{0,25}\block ?files?\b",
        "path_protected",
        {"globs": [*LOCKS]},
        "enforced",
        "a change by hand is refused",
        120,
        True,
    ),
    Concept(
        r"\b(?:add|write|use)\b[^.;]{0,20}\b(?:section|divider|banner|separator)[- ](?:or divider )?comments?\b",
        "forbid_comment",
        {"regex": r"^\s*(?:#|//)\s*(?:[-=*#~]{3,}|.*[-=*~]{3,}\s*$)"},
        "enforced",
        "added comment lines are searched",
        260,
        True,
    ),
    Concept(
        r"^\W*(?:never|don't|do not) use sleeps? to (?:wait|synchroni[sz]e)\b|"
        r"\b(?:no|use|using|add|avoid|rely on|without|never) (?:arbitrary |fixed |hard-?coded |real |raw |"
        r"any )*sleeps?\b"
        r"[^.;`]{0,40}\btests?\b|^\W*(?:unit |async |integration )?tests (?:must |should |may |do )?(?:not|never|n't|"
        r"don't) "
        r"(?:ever )?sleep\b",
        "forbid_call",
        {
            "names": [
                "sleep",
                "time.sleep",
                "asyncio.sleep",
                "time.Sleep",
                "Thread.sleep",
                "Thread.Sleep",
                "Task.Delay",
                "Process.sleep",
            ],
            "where": "tests",
        },
        "enforced",
        "calls that sleep are found in changed tests",
        110,
        True,
    ),
    Concept(
        r"\b(?:use|using|write|add)\b[^.;]{0,12}\bmocks?\b|\b(?:not|never|don't|"
        r"avoid)\b[^.;]{0,6}\bmock(?:ing|/patch)?\b(?! (?:what|things|code|types|classes|everything))|\bno mock(?:s|"
        r"ing)\b",
        "forbid_call",
        {
            "names": [
                "mock",
                "MagicMock",
                "AsyncMock",
                "patch",
                "mocker",
                "monkeypatch",
                "jest.mock",
                "vi.mock",
                "sinon",
            ],
            "where": "tests",
        },
        "enforced",
        "uses of mocking tools in changed tests are found",
        90,
        True,
    ),
    Concept(
        r"\b(?:code )?regions\b|#region\b",
        "forbid_text",
        {"texts": ["#region", "#pragma region"]},
        "enforced",
        "searched for in the added lines",
        160,
        True,
    ),
    Concept(
        r"\bsuppress\w* (?:\w+ )?(?:warnings?|errors?|lints?|diagnostics?)\b|\bsuppressions?\b",
        "forbid_text",
        {
            "texts": [
                "@SuppressWarnings",
                "@Suppress(",
                "#pragma warning disable",
                "eslint-disable",
                "@ts-ignore",
                "# type: ignore",
                "noqa",
                "nolint",
                "#[allow(",
                "[SuppressMessage",
                "swiftlint:disable",
                "rubocop:disable",
            ]
        },
        "enforced",
        "searched for in the added lines",
        120,
        True,
    ),
    Concept(
        r"\breflection(?:s)?\b(?: api)?",
        "forbid_import",
        {"modules": ["java.lang.reflect", "kotlin.reflect", "System.Reflection", "reflect"]},
        "enforced",
        "imports of the changed files are compared",
        90,
        True,
    ),
    Concept(
        r"\bcommented-out code\b",
        "forbid_comment",
        {"what": "code"},
        "enforced",
        "added comments that parse as code are found",
        120,
        True,
    ),
    Concept(
        r"\bsql injection\b|\bparameteri[sz]ed (?:sql )?quer(?:y|ies)\b|\b(?:concatenat|interpolat|"
        r"string[- ]format)\w*\b[^.;]{0,20}\bsql\b|\braw sql\b[^.;]{0,20}\bstring",
        "lint_rule",
        {"rule": "S608", "tool": "ruff"},
        "partly",
        "SQL put together from strings is found in Python",
    ),
    Concept(
        r"\b(?:always|must|set|needs?|every|all)\b[^.;]{0,30}\btimeouts?\b[^.;]{0,20}\b(?:http|requests?)\b|"
        r"\b(?:http )?requests?\b[^.;]{0,25}\b(?:without|must have|need) (?:an? )?(?:explicit )?timeouts?\b",
        "lint_rule",
        {"rule": "S113", "tool": "ruff"},
        "partly",
        "requests without a timeout are found in Python",
    ),
    Concept(
        r"\bdisabl\w+ (?:tls|ssl|certificate) (?:verification|checks?|validation)\b|`verify=False`",
        "lint_rule",
        {"rule": "S501", "tool": "ruff"},
        "partly",
        "certificates that are not looked at are found in Python",
    ),
    Concept(
        r"\b(?:never|not|no|avoid|don'?t)\b[^.;]{0,20}\b(?:md5|sha-?1)\b",
        "lint_rule",
        {"rule": "S324", "tool": "ruff"},
        "partly",
        "weak hashes are found in Python",
    ),
)
