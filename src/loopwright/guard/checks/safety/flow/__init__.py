"""Follows values through a program, in any language that has a tree: scopes, calls, loops, recursion."""
