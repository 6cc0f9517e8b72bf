"""Constructs of languages without a parser here, found in text whose comments and strings are blanked."""

from __future__ import annotations

import re

from loopwright.guard.checks.rules_mask import mask

#: Construct -> language ("" = any) -> pattern.
PATTERNS: dict[str, dict[str, re.Pattern[str]]] = {
    "unsafe": {"rust": re.compile(r"\bunsafe\b"), "csharp": re.compile(r"\bunsafe\b"), "go": re.compile(r"\bunsafe\.")},
    "goto": {"": re.compile(r"\bgoto\b")},
    "lambda": {
        "java": re.compile(r"->"),
        "kotlin": re.compile(r"->"),
        "ruby": re.compile(r"\blambda\b|->"),
        "cpp": re.compile(r"(?<![\w\])])\[[&=\w, *]*\]\s*(?:\([^()]*\)|\{)"),
        "c": re.compile(r"(?<![\w\])])\[[&=\w, *]*\]\s*\([^()]*\)\s*(?:->[^{;]+)?\{"),
        "csharp": re.compile(r"=>\s*(?!\s*throw\b)"),
        "rust": re.compile(r"(?<![|\w])\|[\w\s,:&<>]*\|\s*(?:\{|\w)"),
        "php": re.compile(r"\bfn\s*\(|\bfunction\s*\("),
        "swift": re.compile(r"\{\s*(?:\([^()]*\)|\w+(?:,\s*\w+)*)\s*(?:->[^{}]+?)?\bin\b"),
    },
    "namespace": {"cpp": re.compile(r"\bnamespace\s+\w"), "csharp": re.compile(r"\bnamespace\s+\w")},
    "braceless": {
        "": re.compile(
            r"^\s*(?:\}\s*)?(?:(?:if|for|while|foreach)\s*\(.*\)|else)\s*(?!if\b)[^\s{;].*;|"
            r"^\s*(?:\}\s*)?(?:if|for|while|foreach)\s*\(.*\)\s*$(?!\n\s*(?:\{|&&|\|\|))",
            re.MULTILINE,
        )
    },
    "block_namespace": {"csharp": re.compile(r"^\s*namespace\s+[\w.]+\s*(?:\{|$)", re.MULTILINE)},
    "inline_style": {"": re.compile(r"<\w[^<>]*\sstyle\s*=", re.IGNORECASE)},
    "global": {"php": re.compile(r"^\s*global\s+\$", re.MULTILINE), "lua": re.compile(r"\b_G\b")},
    "interface": {"": re.compile(r"\binterface\s+[A-Z]\w*")},
    "non_null": {
        "kotlin": re.compile(r"!!"),
        "swift": re.compile(r"(?<=[\w)\]])!(?=[.\[\s),;]|$)", re.MULTILINE),
        "csharp": re.compile(r"(?<=[\w)\]])!(?=[.\[;,)])"),
        "dart": re.compile(r"(?<=[\w)\]])!(?=[.\[;,)])"),
    },
    "var": {
        "java": re.compile(r"\bvar\s+\w+"),
        "csharp": re.compile(r"\bvar\s+\w+"),
        "kotlin": re.compile(r"\bvar\s+\w+"),
    },
    "wildcard_import": {
        "java": re.compile(r"^\s*import\s+[\w.]+\.\*\s*;", re.MULTILINE),
        "kotlin": re.compile(r"^\s*import\s+[\w.]+\.\*", re.MULTILINE),
        "rust": re.compile(r"^\s*(?:pub\s+)?use\s+[\w:]+::\*\s*;", re.MULTILINE),
        "go": re.compile(r"^\s*import\s+\.\s", re.MULTILINE),
    },
    "empty_catch": {"": re.compile(r"\bcatch\s*(?:\([^)]*\))?\s*\{\s*\}")},
    "eval": {"": re.compile(r"\beval\s*\(")},
    "ternary": {"": re.compile(r"\?[^?:;\n]+:")},
    "nested_ternary": {"": re.compile(r"\?[^?;\n]*\?[^;\n]*:")},
    "class": {"": re.compile(r"\bclass\s+[A-Z]\w*")},
    "enum": {"": re.compile(r"\benum\s+\w+")},
    "try_except": {"": re.compile(r"\btry\s*\{|\brescue\b|\bcatch\s*\(")},
    "any_type": {"go": re.compile(r"\binterface\s*\{\s*\}|\bany\b"), "kotlin": re.compile(r":\s*Any\b")},
    "broad_except": {
        "java": re.compile(r"\bcatch\s*\(\s*(?:final\s+)?(?:Exception|Throwable)\b"),
        "csharp": re.compile(r"\bcatch\s*(?:\(\s*Exception\b|\{)"),
        "kotlin": re.compile(r"\bcatch\s*\(\s*\w+\s*:\s*(?:Exception|Throwable)\b"),
        "php": re.compile(r"\bcatch\s*\(\s*\\?(?:Exception|Throwable)\b"),
        "ruby": re.compile(r"\brescue\s+(?:Exception|StandardError)\b|\brescue\s*(?:=>|$)", re.MULTILINE),
        "cpp": re.compile(r"\bcatch\s*\(\s*\.\.\.\s*\)"),
    },
}


def find(what: str, text: str, language: str) -> list[tuple[int, str]]:
    """Return (line, reason) of each place of the construct."""
    patterns = PATTERNS.get(what, {})
    pattern = patterns.get(language) or patterns.get("")
    if pattern is None:
        return []
    masked = mask(text, language)
    return [
        (masked.count("\n", 0, m.start()) + 1, f"{what.replace('_', ' ')} is used") for m in pattern.finditer(masked)
    ]
