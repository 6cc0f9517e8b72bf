"""Wiring: configuration, plugins, the composition root and the host that front ends talk to."""
