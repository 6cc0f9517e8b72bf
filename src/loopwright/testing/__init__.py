"""Fakes that implement the ports, for plugin authors and for our own tests."""
