"""A trial run: the part of a program whose values are all known is worked out, to see whether it comes to an end."""
