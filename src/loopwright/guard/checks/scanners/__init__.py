"""What scanners say of a change: bundled ones, those that ask a registry (`audits`), results of others (`results`)."""
