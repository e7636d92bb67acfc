import os
from urllib.request import urlopen

import pytest

URL = os.environ["TEST_WEB_URL"]


def test_the_whole_is_healthy() -> None:
    with urlopen(f"{URL}/health", timeout=10) as answer:
        assert answer.read() == b"ok"


def test_what_never_answers_is_given_up() -> None:
    with pytest.raises(TimeoutError):
        urlopen(f"{URL}/never", timeout=0.5)
