"""Frozen dataclasses that every floor speaks in; standard library only."""
