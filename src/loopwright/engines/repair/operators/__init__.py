"""Edit operators: each yields the candidate edits of one kind at one place."""
