"""Copy-on-write views of the user's tree: files, checkpoints, fresh views for proof, promotion and undo."""
