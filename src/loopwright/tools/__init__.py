"""Tools: a file and a Markdown description each."""
