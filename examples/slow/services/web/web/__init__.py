"""A service that takes its time."""
