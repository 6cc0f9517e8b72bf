"""What a change is about, in words, and the files that show it."""

from __future__ import annotations

import re

from loopwright.guard.directives.reading.patterns import Pattern

#: Where dependencies are declared.
MANIFESTS = (
    "package.json",
    "pyproject.toml",
    "requirements*.txt",
    "requirements*.in",
    "Cargo.toml",
    "go.mod",
    "Gemfile",
    "composer.json",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
)
#: What a change is about, in words -> globs of the files that show it.
TOPICS: tuple[tuple[Pattern, tuple[str, ...]], ...] = tuple(
    (Pattern(words, re.IGNORECASE), tuple(globs.split()))
    for words, globs in (
        (
            r"\bdependenc|\bdeps\b|\b(?:third-party|external|npm|pypi|pip|nuget|cargo) packages?\b",
            " ".join(MANIFESTS),
        ),
        (
            r"\bapi\b|\bendpoints?\b|\broutes?\b|\bhandlers?\b",
            "**/api/** **/routes/** **/routers/** **/handlers/** **/controllers/** **/httpapi/** **/endpoints/**",
        ),
        (r"\bcomponents?\b", "**/components/** *.tsx *.vue *.svelte"),
        (r"\bmigrations?\b", "**/migrations/** **/migration/** **/Migrations/** **/migrate/** **/alembic/versions/**"),
        (
            r"\bschema|\bmodels?\b|\bdatabase\b",
            "**/schema.prisma **/models/** **/models.py **/schema/** *.sql",
        ),
        (r"\bcli\b|\bcommands?\b", "**/cli/** **/cli.* **/commands/**"),
        (r"\bconfig\w*\b|\bsettings?\b|\boptions?\b", "**/config/** **/config.* **/settings/** **/settings.*"),
        (r"\benv(?:ironment)? var", "**/config/** **/config.* **/settings.* .env*"),
        (r"\bproto(?:buf|s)?\b", "*.proto"),
        (r"\bdirectory\b|\bfolder\b", "+dir"),
    )
)


#: Files that a package manager writes.
LOCKS = (
    "package-lock.json",
    "pnpm-lock.yaml",
    "yarn.lock",
    "bun.lock",
    "bun.lockb",
    "uv.lock",
    "poetry.lock",
    "Cargo.lock",
    "go.sum",
    "Gemfile.lock",
    "composer.lock",
    "pdm.lock",
)
