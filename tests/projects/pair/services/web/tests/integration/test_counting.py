import os
from urllib.request import urlopen

URL = os.environ["TEST_API_URL"]


def visit() -> int:
    with urlopen(URL, timeout=10) as answer:
        return int(answer.read().split()[-1])


def test_each_visit_counts() -> None:
    assert visit() + 1 == visit()


def test_is_healthy() -> None:
    with urlopen(f"{URL}/health", timeout=10) as answer:
        assert answer.read() == b"ok"
