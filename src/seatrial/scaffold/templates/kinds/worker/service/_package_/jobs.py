"""What a job is, and what comes of it. Nothing here knows of a queue."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import asdict, dataclass, field

# What keys and subjects of every kind of queue may hold.
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
WORD = re.compile(r"\w+(?:['\u2019-]\w+)*")
MOST_COMMON = 3


class BadJobError(ValueError):
    """A message that is no job, and that nobody can be answered for."""


@dataclass(frozen=True, slots=True)
class Job:
    """A text whose words are to be counted; `id` is chosen by who asks."""

    id: str
    text: str

    @classmethod
    def parse(cls, message: bytes) -> Job:
        """Read `{"id": "…", "text": "…"}`. Raises `BadJobError`."""
        try:
            match json.loads(message):
                case {"id": str(number), "text": str(text)} if ID.fullmatch(number):
                    return cls(number, text)
        except ValueError as error:
            raise BadJobError(f"not JSON: {error}") from error
        raise BadJobError("a job is an object with a text and an id of letters, digits, - and _")


@dataclass(frozen=True, slots=True)
class Result:
    """How many words there are, how many different ones, and which come most often."""

    id: str
    words: int
    different: int
    most_common: list[str] = field(default_factory=list)

    def dump(self) -> bytes:
        return json.dumps(asdict(self)).encode()


def count(job: Job) -> Result:
    """Count the words of a text; words that come equally often are in alphabetical order."""
    words = Counter(word.casefold() for word in WORD.findall(job.text))
    ranked = sorted(words, key=lambda word: (-words[word], word))
    return Result(job.id, words.total(), len(words), ranked[:MOST_COMMON])
