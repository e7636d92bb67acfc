import os
from urllib.request import urlopen


def test_two_is_even() -> None:
    with urlopen(f"{os.environ['TEST_API_URL']}/2", timeout=10) as answer:
        assert answer.read() == b"even"
