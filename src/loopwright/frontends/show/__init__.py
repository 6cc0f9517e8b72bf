"""How events are shown: as JSON Lines for programs, as a moving picture or plain lines for people."""
