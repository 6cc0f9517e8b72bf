"""What callers are shown."""
