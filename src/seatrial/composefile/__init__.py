"""Compose files: YAML to a tree with lines and columns, merged, interpolated, and typed."""
