"""What ``--since`` understands."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from seatrial.cli.logs import moment
from seatrial.errors import UsageError


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("10m", 400.0),
        ("1.5h", 1000.0 - 5400),
        ("2d", 1000.0 - 172_800),
        ("1234.5", 1234.5),
        ("2026-01-31T12:00:00+00:00", datetime(2026, 1, 31, 12, tzinfo=UTC).timestamp()),
    ],
)
def test_since_takes_an_age_or_a_moment(text: str, at: float) -> None:
    assert moment(text, 1000.0) == at


@pytest.mark.parametrize("text", ["", "yesterday", "10 minutes", "m"])
def test_since_says_what_it_takes(text: str) -> None:
    with pytest.raises(UsageError, match="is no time"):
        moment(text, 1000.0)
