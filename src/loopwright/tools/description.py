"""Tool descriptions: Markdown beside the code."""

from __future__ import annotations

from pathlib import Path


def description(name: str) -> str:
    """Return the text of NAME.md."""
    return Path(__file__).with_name(f"{name}.md").read_text("utf-8").strip()
