"""Ids of tool calls in the form that a provider takes: a session may go on with another one than it began with.

Sources: Mistral's `mistral-common` (nine letters or digits); the Anthropic API reference, "tool_use" (a pattern);
the Bedrock API reference, `ToolUseBlock` (that pattern, 64 characters).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from loopwright.core.expression import expression

Fit = Callable[[str], str]
FORMS: dict[str, re.Pattern[str]] = {
    "mistral": expression(r"[a-zA-Z0-9]{9}"),
    "anthropic": expression(r"[a-zA-Z0-9_-]+"),
    "bedrock": expression(r"[a-zA-Z0-9_-]{1,64}"),
}


def fitting(provider: str) -> Fit:
    """Return what gives each id as the provider takes it: its own unchanged, another always the same."""
    form = FORMS.get(provider)

    def fit(identity: str) -> str:
        if form is None or form.fullmatch(identity):
            return identity
        return hashlib.sha256(identity.encode()).hexdigest()[:9]

    return fit
