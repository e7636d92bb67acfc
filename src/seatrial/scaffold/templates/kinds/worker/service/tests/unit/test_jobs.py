from __future__ import annotations

import json

import pytest

from @{package}.jobs import BadJobError, Job, Result, count


@pytest.mark.parametrize(
    ("text", "words", "different", "most_common"),
    [
        ("", 0, 0, []),
        ("one", 1, 1, ["one"]),
        ("To be, or not to be.", 6, 4, ["be", "to", "not"]),
        ("Über über ÜBER", 3, 1, ["über"]),
        ("it's well-known", 2, 2, ["it's", "well-known"]),
        ("... -- !", 0, 0, []),
    ],
)
def test_counts_words(text: str, words: int, different: int, most_common: list[str]) -> None:
    assert count(Job("1", text)) == Result("1", words, different, most_common)


def test_a_result_is_an_object_of_its_own() -> None:
    result = json.loads(count(Job("7", "a b a")).dump())
    assert result == {"id": "7", "words": 3, "different": 2, "most_common": ["a", "b"]}


def test_reads_a_job() -> None:
    assert Job.parse(b'{"id": "1", "text": "hello"}') == Job("1", "hello")


@pytest.mark.parametrize(
    "message",
    [b"", b"hello", b"[]", b'{"id": "1"}', b'{"id": 1, "text": "a"}', b'{"id": "a b", "text": ""}'],
)
def test_what_is_no_job_is_said_to_be_none(message: bytes) -> None:
    with pytest.raises(BadJobError):
        Job.parse(message)
