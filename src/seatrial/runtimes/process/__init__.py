"""Compose files as local processes: no engine, the same files."""
