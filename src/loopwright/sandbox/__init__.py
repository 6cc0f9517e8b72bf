"""Sandboxes: where commands run, what they may touch and what they may use."""
