"""Views of the user's tree: copy-on-write mounts, checkpoints, tree hashes, promotion."""
