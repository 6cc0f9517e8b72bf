"""Technologies that rules name in prose, and the packages whose presence in a manifest shows that they are used."""

from __future__ import annotations

import re
from functools import lru_cache

#: Name in prose (lower case) -> packages, any of which will do. Names of test frameworks are in TESTING as well.
PACKAGES: dict[str, tuple[str, ...]] = {
    name: tuple(packages.split())
    for name, packages in {
        "express": "express", "expressjs": "express", "express.js": "express", "fastify": "fastify", "koa": "koa", "nestjs": "@nestjs/core", "hono": "hono",
        "mongodb": "mongodb mongoose pymongo motor", "mongoose": "mongoose", "postgresql": "pg postgres psycopg psycopg2 psycopg2-binary asyncpg sqlalchemy prisma @prisma/client drizzle-orm knex typeorm",
        "postgres": "pg postgres psycopg psycopg2 psycopg2-binary asyncpg sqlalchemy prisma @prisma/client drizzle-orm knex typeorm", "mysql": "mysql mysql2 pymysql mysqlclient",
        "redis": "redis ioredis", "sqlite": "sqlite3 better-sqlite3 aiosqlite", "prisma": "prisma @prisma/client", "drizzle": "drizzle-orm", "drizzle orm": "drizzle-orm", "typeorm": "typeorm",
        "sequelize": "sequelize", "knex": "knex", "sqlalchemy": "sqlalchemy", "sqlmodel": "sqlmodel", "alembic": "alembic", "peewee": "peewee", "tortoise orm": "tortoise-orm",
        "fastapi": "fastapi", "flask": "flask", "django": "django", "django rest framework": "djangorestframework", "drf": "djangorestframework", "starlette": "starlette", "celery": "celery",
        "pydantic": "pydantic", "typer": "typer", "click": "click", "rich": "rich", "httpx": "httpx", "requests": "requests", "aiohttp": "aiohttp", "jinja": "jinja2", "jinja2": "jinja2",
        "structlog": "structlog", "loguru": "loguru", "numpy": "numpy", "pandas": "pandas", "polars": "polars", "uvicorn": "uvicorn", "gunicorn": "gunicorn", "tenacity": "tenacity", "anyio": "anyio",
        "attrs": "attrs", "msgspec": "msgspec", "orjson": "orjson", "langchain": "langchain", "dspy": "dspy", "litellm": "litellm", "boto3": "boto3", "dramatiq": "dramatiq", "whitenoise": "whitenoise",
        "react": "react", "next.js": "next", "nextjs": "next", "vue": "vue", "vue 3": "vue", "nuxt": "nuxt", "svelte": "svelte", "sveltekit": "@sveltejs/kit", "angular": "@angular/core", "solid": "solid-js",
        "remix": "@remix-run/react @remix-run/node", "astro": "astro", "vite": "vite", "react query": "@tanstack/react-query react-query", "tanstack query": "@tanstack/react-query", "swr": "swr",
        "tanstack router": "@tanstack/react-router", "react router": "react-router react-router-dom", "zustand": "zustand", "redux": "redux @reduxjs/toolkit react-redux", "redux toolkit": "@reduxjs/toolkit",
        "jotai": "jotai", "mobx": "mobx", "pinia": "pinia", "zod": "zod", "yup": "yup", "joi": "joi", "valibot": "valibot", "react hook form": "react-hook-form", "react-hook-form": "react-hook-form", "formik": "formik",
        "tailwind": "tailwindcss", "tailwind css": "tailwindcss", "tailwindcss": "tailwindcss", "radix": "@radix-ui/", "radix ui": "@radix-ui/", "shadcn/ui": "@radix-ui/ class-variance-authority",
        "shadcn": "@radix-ui/ class-variance-authority", "chakra ui": "@chakra-ui/react", "material ui": "@mui/material", "mui": "@mui/material", "ant design": "antd", "antd": "antd", "lucide": "lucide-react",
        "lucide react": "lucide-react", "lucide icons": "lucide-react", "heroicons": "@heroicons/react", "phosphor icons": "@phosphor-icons/", "emotion": "@emotion/react", "styled-components": "styled-components",
        "styled components": "styled-components", "framer motion": "framer-motion", "storybook": "storybook @storybook/", "sentry": "@sentry/ sentry-sdk", "i18next": "i18next", "react-i18next": "react-i18next",
        "axios": "axios", "lodash": "lodash", "date-fns": "date-fns", "dayjs": "dayjs", "luxon": "luxon", "pino": "pino", "winston": "winston", "trpc": "@trpc/server @trpc/client", "graphql": "graphql",
        "apollo": "@apollo/client @apollo/server", "bullmq": "bullmq", "socket.io": "socket.io", "supabase": "@supabase/supabase-js supabase", "firebase": "firebase firebase-admin", "stripe": "stripe",
        "auth.js": "next-auth @auth/core", "nextauth": "next-auth", "nextauth.js": "next-auth", "better auth": "better-auth", "clerk": "@clerk/", "electron": "electron", "tauri": "@tauri-apps/api", "expo": "expo",
        "react native": "react-native", "three.js": "three", "d3": "d3", "recharts": "recharts", "htmx": "htmx.org django-htmx", "alpine.js": "alpinejs", "effect": "effect", "better-result": "better-result", "commander": "commander",
        "openapi": "openapi", "prometheus": "prom-client prometheus-client prometheus_client", "opentelemetry": "@opentelemetry/ opentelemetry-api", "vercel ai sdk": "ai", "ai sdk": "ai", "turborepo": "turbo", "nx": "nx",
        "laravel": "laravel/framework", "inertia": "@inertiajs/", "livewire": "livewire/livewire", "rails": "rails", "spring boot": "spring-boot", "lombok": "lombok", "gin": "github.com/gin-gonic/gin",
        "echo": "github.com/labstack/echo", "chi": "github.com/go-chi/chi", "cobra": "github.com/spf13/cobra", "gorm": "gorm.io/gorm", "tokio": "tokio", "axum": "axum", "serde": "serde", "clap": "clap", "actix": "actix-web",
        "thiserror": "thiserror", "anyhow": "anyhow", "tracing": "tracing", "eslint": "eslint", "prettier": "prettier", "mdx": "@mdx-js/", "umi": "@umijs/max umi", "umi max": "@umijs/max",
        "vitest": "vitest", "jest": "jest", "mocha": "mocha", "chai": "chai", "jasmine": "jasmine", "ava": "ava", "playwright": "@playwright/test playwright pytest-playwright", "cypress": "cypress",
        "testing library": "@testing-library/", "react testing library": "@testing-library/react", "rtl": "@testing-library/react", "msw": "msw", "mock service worker": "msw", "supertest": "supertest",
        "pytest": "pytest", "hypothesis": "hypothesis", "unittest": "unittest", "nose": "nose", "pytest-asyncio": "pytest-asyncio", "factory boy": "factory-boy", "factory_boy": "factory-boy",
        "junit": "junit junit-jupiter", "junit 5": "junit-jupiter junit-jupiter-api", "junit5": "junit-jupiter junit-jupiter-api", "mockito": "mockito-core mockito-junit-jupiter", "assertj": "assertj-core", "testcontainers": "testcontainers",
        "rspec": "rspec rspec-rails", "minitest": "minitest", "phpunit": "phpunit/phpunit", "pest": "pestphp/pest", "xunit": "xunit", "nunit": "nunit", "mstest": "mstest.testframework", "moq": "moq",
        "testify": "github.com/stretchr/testify", "ginkgo": "github.com/onsi/ginkgo", "insta": "insta", "proptest": "proptest", "rstest": "rstest", "bun test": "bun", "bun:test": "bun", "node:test": "node", "k6": "k6", "locust": "locust",
        "detox": "detox", "webdriverio": "webdriverio", "kotest": "kotest", "django's test framework": "django", "django test": "django", "respx": "respx", "vcr": "vcrpy", "nock": "nock", "swift testing": "swift-testing", "xctest": "xctest",
    }.items()
}  # fmt: skip

TESTING = frozenset(
    """vitest jest mocha chai jasmine ava playwright cypress|testing library|react testing library|rtl|msw|mock service worker|supertest|pytest|hypothesis|unittest|nose|
    pytest-asyncio|factory boy|factory_boy|junit|junit 5|junit5|mockito|assertj|testcontainers|rspec|minitest|phpunit|pest|xunit|nunit|mstest|moq|testify|ginkgo|insta|proptest|rstest|
    bun test|bun:test|node:test|detox|webdriverio|kotest|django's test framework|django test|respx|vcr|nock|swift testing|xctest""".replace(
        "vitest jest mocha chai jasmine ava playwright cypress", "vitest|jest|mocha|chai|jasmine|ava|playwright|cypress"
    )
    .replace("\n", "")
    .replace("    ", "")
    .split("|")
)
#: Test frameworks that stand in for each other: naming one forbids the rest of its group in new tests.
RIVALS = (
    frozenset({"vitest", "jest", "mocha", "jasmine", "ava", "node:test", "bun:test"}),
    frozenset({"pytest", "unittest", "nose"}),
    frozenset({"playwright", "cypress", "webdriverio"}),
)

_NAMES = re.compile(
    r"(?<![\w@/.-])(" + "|".join(re.escape(n) for n in sorted(PACKAGES, key=len, reverse=True)) + r")(?![\w/-])",
    re.IGNORECASE,
)


@lru_cache(maxsize=8)
def named(text: str) -> list[tuple[int, str]]:
    """Return (offset, name) of the technologies a text names, lower case."""
    return [(m.start(), m[1].lower()) for m in _NAMES.finditer(text)]
