"""Policy, directives and checks: what may happen, and what must hold."""
