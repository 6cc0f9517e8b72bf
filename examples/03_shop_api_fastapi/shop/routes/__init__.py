"""Which path leads to which controller."""
