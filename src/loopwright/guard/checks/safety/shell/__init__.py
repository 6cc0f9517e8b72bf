"""Shell: its words, pipes and loops, and what each command does."""
