"""Primes, found the long way."""

from __future__ import annotations


def primes(first: int, end: int) -> list[int]:
    """Return the primes from ``first`` up to ``end``."""
    return [n for n in range(first, end) if n > 1 and all(n % d for d in range(2, int(n**0.5) + 1))]
