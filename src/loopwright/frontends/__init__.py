"""Front ends: each reads only the log and sends only commands."""
