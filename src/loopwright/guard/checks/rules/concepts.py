"""Ideas that only a running application shows whole: the part of them that can be read from the sources."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator

from loopwright.core.checks import Finding
from loopwright.core.expression import expression
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules.delta import Delta, File, finding, is_test
from loopwright.guard.checks.rules.manifest import dependencies, is_manifest
from loopwright.guard.checks.rules.mask import mask
from loopwright.guard.policy_directives import strings

#: Files that may serve requests.
SOURCES = (".py", ".js", ".ts", ".mjs", ".cjs", ".tsx", ".jsx", ".go")
#: What shows an idea to be in use, by what is probed.
USED = {
    "rate_limit": expression(r"rate[-_]?limit|RateLimit|throttl|Limiter", re.IGNORECASE),
    "headers": expression(
        r"\bhelmet\b|\bcors\b|CORSMiddleware|SECURE_HSTS|Strict-Transport-Security|HTTPSRedirect", re.IGNORECASE
    ),
    "metrics": expression(r"/metrics\b|Instrumentator|prom-?client|prometheus", re.IGNORECASE),
    "error_shape": expression(
        r"\(\s*err(?:or)?\s*,\s*req\w*\s*,\s*res\w*\s*,\s*next\w*\s*\)|exception_handler|errorhandler|"
        r"add_exception_handler|handle_exception|setErrorHandler",
        re.IGNORECASE,
    ),
    "encryption": expression(
        r"create(?:De)?cipheriv|\bFernet\b|\bAESGCM\b|\bencrypt\w*\(|EncryptedType|EncryptedField|field-?encryption|pgcrypto",
        re.IGNORECASE,
    ),
    "logs": expression(r"console\.|\bprint\(|logg|pino|winston|structlog", re.IGNORECASE),
    "password": expression(r"bcrypt|passw|hash", re.IGNORECASE),
}
_WEAK_CIPHER = expression(
    r"createCipher\(|aes-\d+-ecb|['\"](?:des|rc4|rc2|des-ede3?)(?:-\w+)?['\"]|MODE_ECB|modes\.ECB|"
    r"algorithms\.(?:ARC4|TripleDES|Blowfish)|\bDES3?\.new\(",
    re.IGNORECASE,
)
_KEY_IN_SOURCE = expression(
    r"create(?:De)?[cC]ipheriv\([^,]+,\s*(?:Buffer\.from\()?['\"`]|\b(?:Fernet|AESGCM|AES\.new)\(\s*b?['\"]|"
    r"\bencrypt\w*_?key\s*[:=]\s*b?['\"][^'\"]{8,}['\"]",
    re.IGNORECASE,
)
_OPEN_CORS = expression(
    r"origin\s*:\s*['\"]\*['\"]|allow_origins\s*=\s*\[\s*['\"]\*['\"]|CORS_ALLOW_ALL_ORIGINS\s*=\s*True|"
    r"Access-Control-Allow-Origin['\"]?\s*[,:]\s*['\"]\*"
)
_RAW_ERROR = expression(
    r"\.status\(\s*[45]\d\d\s*\)\s*\.\s*(?:send|end)\(\s*['\"`]|"
    r"\.status\(\s*[45]\d\d\s*\)\s*\.\s*json\(\s*\{(?!\s*error\b)|(?:PlainTextResponse|"
    r"HTMLResponse)\([^)]*status_code\s*=\s*[45]\d\d|\bsendStatus\(\s*[45]\d\d"
)


def probe(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Signs in the sources that the idea is followed, and those that it is broken."""
    what = str(rule.params.get("sub", ""))
    for file in delta.written(rule):
        if is_test(file.path) or not file.path.endswith(SOURCES):
            continue
        for number, line in file.added_lines:
            if what == "headers" and _OPEN_CORS.search(line):
                yield finding(rule, file.path, number, "every origin is allowed")
            if what == "error_shape" and _RAW_ERROR.search(line):
                yield finding(rule, file.path, number, "an error answer is made by hand, in another shape")
    yield from _missing(rule, delta, what)


def encrypted(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Weak ciphers and keys in added lines, and that no encryption is in use at all."""
    if rule.params.get("what") != "encryption":
        return
    for file in delta.written(rule):
        if is_test(file.path) or not file.path.endswith(SOURCES):
            continue
        for number, line in file.added_lines:
            if _WEAK_CIPHER.search(line):
                yield finding(rule, file.path, number, "the cipher is weak")
            elif _KEY_IN_SOURCE.search(line):
                yield finding(rule, file.path, number, "the key stands in the sources")
    yield from _missing(rule, delta, "encryption")


def _missing(rule: Directive, delta: Delta, what: str) -> Iterator[Finding]:
    pattern = USED.get(what)
    sources = [p for p in delta.tree() if p.endswith(SOURCES) and not is_test(p)][:2000]
    if pattern is None or not sources or not _serves(delta):
        return
    if not any(pattern.search(delta.read(p) or "") for p in sources):
        removed = next((f for f in delta.of(rule) if pattern.search(f.before) and not pattern.search(f.after)), None)
        yield finding(
            rule,
            removed.path if removed else "",
            1 if removed else 0,
            f"nothing in the sources shows {what.replace('_', ' ')} to be in use",
        )


def _serves(delta: Delta) -> bool:
    """True where the project has a web framework at all."""
    frameworks = {
        "express",
        "fastify",
        "koa",
        "@nestjs/core",
        "hono",
        "fastapi",
        "flask",
        "django",
        "starlette",
        "aiohttp",
    }
    return any(frameworks & dependencies(p, delta.read(p) or "") for p in delta.tree() if is_manifest(p))


_BODY = expression(
    r"\breq(?:uest)?\.(?:body|query|params)\b|await\s+request\.json\(\)|request\.(?:form|args|json|GET|POST|data)\b"
)
_VALIDATED = expression(
    r"validat|sanitiz|schema|zod|joi\b|yup\b|celebrate|check\(|param\(|\bparse\(|safeParse|serializer|"
    r"pydantic|BaseModel|Form\(|is_valid|matchedData",
    re.IGNORECASE,
)


def validated_input(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Changed files that read a request and nowhere validate it."""
    for file in delta.written(rule):
        if is_test(file.path) or not file.path.endswith(SOURCES) or _VALIDATED.search(mask(file.after, file.language)):
            continue
        for number, line in file.added_lines:
            if _BODY.search(line) and not _validated_where_registered(file, delta):
                yield finding(rule, file.path, number, "the request is read and nowhere validated")
                break


_REGISTERED = expression(r"\.(?:get|post|put|patch|delete|all|use|route|add_api_route|add_url_rule)\(\s*['\"`]/")


def _validated_where_registered(file: File, delta: Delta) -> bool:
    """True where the file's handlers are registered, and every line that does so validates first."""
    stem = posixpath.splitext(file.name)[0]
    named = re.compile(rf"(?<![\w.'\"/]){re.escape(stem)}\.\w")
    lines = [
        line
        for path in delta.tree()
        if path != file.path and path.endswith(SOURCES) and not is_test(path)
        for line in (delta.read(path) or "").splitlines()
        if named.search(line) and _REGISTERED.search(line)
    ]
    takes = [line for line in lines if not re.search(r"\.get\(\s*['\"][^:'\"{<]*['\"]", line)]
    return bool(lines) and all(_VALIDATED.search(line) for line in takes)


_MARKUP_TEXT = expression(r">\s*([A-Z][a-z]+(?: [a-z']+)+[.!?]?|[A-Z][a-z]{2,})\s*</")
_MESSAGE = expression(
    r"\b(?:message|title|label|placeholder|error)\s*[:=]\s*[\"'`]([A-Z][a-z]+(?: [\w']+)+[.!?]?)[\"'`]"
)


def hardcoded_strings(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """User-facing literals in changed views, and keys that one locale has and another lacks."""
    for file in delta.written(rule):
        if file.path.endswith((".tsx", ".jsx", ".vue", ".svelte", ".html")) and not is_test(file.path):
            for number, line in file.added_lines:
                if found := _MARKUP_TEXT.search(line) or _MESSAGE.search(line):
                    yield finding(rule, file.path, number, f'the text "{found[1][:40]}" is not translated')
    yield from _locales(rule, delta)


def _locales(rule: Directive, delta: Delta) -> Iterator[Finding]:
    changed = [
        f for f in delta.written(rule) if re.search(r"(?:^|/)(?:locales?|i18n|translations?|lang)/.*\.json$", f.path)
    ]
    for file in changed:
        others = [
            p for p in delta.tree() if p != file.path and p.endswith(".json") and _family(p) == _family(file.path)
        ]
        keys = _keys(file)
        for other in others:
            there = _flat(delta.read(other) or "")
            if missing := sorted(keys - there):
                yield finding(rule, other, 1, f"the key {missing[0]} of {file.path} is missing")


def _family(path: str) -> str:
    """What the files of one text in several languages have in common."""
    folder, name = posixpath.split(path)
    if re.fullmatch(r"[a-z]{2}(?:[-_][A-Za-z]{2,4})?\.json", name):
        return folder
    return f"{posixpath.dirname(folder)}|{name}"


def _keys(file: File) -> set[str]:
    return _flat(file.after) - _flat(file.before)


def _flat(text: str) -> set[str]:
    try:
        data = json.loads(text or "{}")
    except ValueError:
        return set()
    found: set[str] = set()
    pending: list[tuple[str, object]] = [("", data)]
    while pending:
        name, value = pending.pop()
        if isinstance(value, dict):
            pending.extend((f"{name}.{k}" if name else str(k), v) for k, v in value.items())
        else:
            found.add(name)
    return found


def hashed_passwords(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """The package that hashes must be declared where the project has passwords at all."""
    wanted = strings(rule, "require_dependency")
    manifests = [p for p in delta.tree() if is_manifest(p)]
    declared = {d for p in manifests for d in dependencies(p, delta.read(p) or "")}
    if manifests and wanted and not declared.intersection(wanted):
        removed = next((f.path for f in delta.of(rule) if is_manifest(f.path)), manifests[0])
        yield finding(rule, removed, 1, f"{wanted[0]} is not among the dependencies")
