"""Sandboxes: executors that run one process under limits over a mounted view."""
