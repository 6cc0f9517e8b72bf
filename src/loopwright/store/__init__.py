"""The event log, its blobs, redaction and audit. The only place that speaks SQL."""
