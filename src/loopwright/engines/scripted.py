"""The scripted engine: proposals read from a JSON Lines file."""
