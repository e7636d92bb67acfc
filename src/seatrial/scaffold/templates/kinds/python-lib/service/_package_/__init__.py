"""Lengths of time as people write them: `1h30m` is 5400 seconds."""

from @{package}.durations import BadDurationError, parse_duration, write_duration

__all__ = ["BadDurationError", "parse_duration", "write_duration"]
