"""Constructs that no parser here finds, looked for in text whose comments and strings are blanked."""

from __future__ import annotations

import re

from loopwright.core.expression import expression
from loopwright.guard.checks.rules.mask import mask

#: Construct -> language ("" = any) -> pattern.
PATTERNS: dict[str, dict[str, re.Pattern[str]]] = {
    "unsafe": {"rust": expression(r"\bunsafe\b"), "csharp": expression(r"\bunsafe\b"), "go": expression(r"\bunsafe\.")},
    "throw": {"": expression(r"\bthrow\b")},
    "goto": {"": expression(r"\bgoto\b")},
    "lambda": {
        "java": expression(r"->"),
        "kotlin": expression(r"->"),
        "ruby": expression(r"\blambda\b|->"),
        "cpp": expression(r"(?<![\w\])])\[[&=\w, *]*\]\s*(?:\([^()]*\)|\{)"),
        "c": expression(r"(?<![\w\])])\[[&=\w, *]*\]\s*\([^()]*\)\s*(?:->[^{;]+)?\{"),
        "csharp": expression(r"=>\s*(?!\s*throw\b)"),
        "rust": expression(r"(?<![|\w])\|[\w\s,:&<>]*\|\s*(?:\{|\w)"),
        "php": expression(r"\bfn\s*\(|\bfunction\s*\("),
        "swift": expression(r"\{\s*(?:\([^()]*\)|\w+(?:,\s*\w+)*)\s*(?:->[^{}]+?)?\bin\b"),
    },
    "namespace": {"cpp": expression(r"\bnamespace\s+\w"), "csharp": expression(r"\bnamespace\s+\w")},
    "braceless": {
        "": expression(
            r"^\s*(?:\}\s*)?(?:(?:if|for|while|foreach)\s*\(.*\)|else)\s*(?!if\b)[^\s{;].*;|"
            r"^\s*(?:\}\s*)?(?:if|for|while|foreach)\s*\(.*\)\s*$(?!\n\s*(?:\{|&&|\|\|))",
            re.MULTILINE,
        )
    },
    "block_namespace": {"csharp": expression(r"^\s*namespace\s+[\w.]+\s*(?:\{|$)", re.MULTILINE)},
    "inline_style": {"": expression(r"<\w[^<>]*\sstyle\s*=", re.IGNORECASE)},
    "global": {"php": expression(r"^\s*global\s+\$", re.MULTILINE), "lua": expression(r"\b_G\b")},
    "interface": {"": expression(r"\binterface\s+[A-Z]\w*")},
    "non_null": {
        "kotlin": expression(r"!!"),
        "swift": expression(r"(?<=[\w)\]])!(?=[.\[\s),;]|$)", re.MULTILINE),
        "csharp": expression(r"(?<=[\w)\]])!(?=[.\[;,)])"),
        "dart": expression(r"(?<=[\w)\]])!(?=[.\[;,)])"),
    },
    "var": {
        "java": expression(r"\bvar\s+\w+"),
        "csharp": expression(r"\bvar\s+\w+"),
        "kotlin": expression(r"\bvar\s+\w+"),
        "scala": expression(r"\bvar\s+\w+"),
    },
    "wildcard_import": {
        "java": expression(r"^\s*import\s+[\w.]+\.\*\s*;", re.MULTILINE),
        "kotlin": expression(r"^\s*import\s+[\w.]+\.\*", re.MULTILINE),
        "rust": expression(r"^\s*(?:pub\s+)?use\s+[\w:]+::\*\s*;", re.MULTILINE),
        "go": expression(r"^\s*import\s+\.\s", re.MULTILINE),
    },
    "empty_catch": {"": expression(r"\bcatch\s*(?:\([^)]*\))?\s*\{\s*\}")},
    "skipped_test": {
        "go": expression(r"\bt\.Skip(?:f|Now)?\("),
        "rust": expression(r"#\[ignore\b"),
        "java": expression(r"@(?:Disabled|Ignore)\b"),
        "kotlin": expression(r"@(?:Disabled|Ignore)\b"),
        "csharp": expression(r"\[\s*Ignore\b|\bSkip\s*="),
        "ruby": expression(r"^\s*x(?:it|describe|context)\b|^\s*skip\b", re.MULTILINE),
        "php": expression(r"\bmarkTestSkipped\("),
        "swift": expression(r"\bXCTSkip\b"),
    },
    "eval": {"": expression(r"\beval\s*\(")},
    "ternary": {"": expression(r"\?[^?:;\n]+:")},
    "nested_ternary": {"": expression(r"\?[^?;\n]*\?[^;\n]*:")},
    "class": {"": expression(r"\bclass\s+[A-Z]\w*")},
    "unscoped_enum": {"cpp": expression(r"\benum\s+(?!class\b|struct\b)\w+")},
    "enum": {"": expression(r"\benum\s+\w+")},
    "try_except": {"": expression(r"\btry\s*\{|\brescue\b|\bcatch\s*\(")},
    "any_type": {"go": expression(r"\binterface\s*\{\s*\}|\bany\b"), "kotlin": expression(r":\s*Any\b")},
    "broad_except": {
        "java": expression(r"\bcatch\s*\(\s*(?:final\s+)?(?:Exception|Throwable)\b"),
        "csharp": expression(r"\bcatch\s*(?:\(\s*Exception\b|\{)"),
        "kotlin": expression(r"\bcatch\s*\(\s*\w+\s*:\s*(?:Exception|Throwable)\b"),
        "php": expression(r"\bcatch\s*\(\s*\\?(?:Exception|Throwable)\b"),
        "ruby": expression(r"\brescue\s+(?:Exception|StandardError)\b|\brescue\s*(?:=>|$)", re.MULTILINE),
        "cpp": expression(r"\bcatch\s*\(\s*\.\.\.\s*\)"),
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
