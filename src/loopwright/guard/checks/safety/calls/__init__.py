"""What calls do, by kind: run, send, read and write, take rights, take memory. Python and JavaScript share it."""
