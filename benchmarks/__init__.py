"""What a turn, a start and a resume cost, beside a bare loop and a bare import measured in the same run."""
