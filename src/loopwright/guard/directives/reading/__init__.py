"""A text of rules taken apart: lines, sentences, what they speak for and against, and the words in back-ticks."""
