"""What the past lets expect of the next run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Expected:
    """Seconds that ``suites`` (by id) and ``boots`` of environments (by key) took of late.

    What never passed is not there.
    """

    suites: Mapping[str, float] = field(default_factory=dict)
    boots: Mapping[str, float] = field(default_factory=dict)
