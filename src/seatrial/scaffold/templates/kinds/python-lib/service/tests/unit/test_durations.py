from __future__ import annotations

from datetime import timedelta

import pytest

from @{package} import BadDurationError, parse_duration, write_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("45s", 45), ("1h30m", 5_400), ("2d", 172_800), ("1d1h1m1s", 90_061), (" 0s ", 0)],
)
def test_reads_what_people_write(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "5", "m", "1m1h", "1h1h", "-1s", "1.5h", "one hour"])
def test_says_what_is_no_length_of_time(text: str) -> None:
    with pytest.raises(BadDurationError, match="1h30m"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["0s", "59s", "1m", "1h30m", "1d", "12d23h59m1s"])
def test_what_was_read_is_written_the_same(text: str) -> None:
    assert write_duration(parse_duration(text)) == text


def test_leaves_parts_of_a_second_out() -> None:
    assert write_duration(timedelta(seconds=1, milliseconds=999)) == "1s"


def test_no_length_is_negative() -> None:
    with pytest.raises(BadDurationError, match="negative"):
        write_duration(timedelta(seconds=-1))
