import os
from urllib.request import urlopen


def test_the_whole_starts_at_one() -> None:
    with urlopen(os.environ["TEST_WEB_URL"], timeout=10) as answer:
        assert answer.read() == b"hello number 1"
