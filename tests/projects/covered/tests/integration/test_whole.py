import os
from urllib.request import urlopen


def test_the_whole_is_whole() -> None:
    with urlopen(f"{os.environ['TEST_API_URL']}/whole", timeout=10) as answer:
        assert answer.read() == b"whole"
