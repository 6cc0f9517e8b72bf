"""What each kind of rule is known by: one family a file, tried in the order that `compiler` lists."""
