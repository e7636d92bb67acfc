import os
import time
from urllib.request import Request, urlopen

URL = os.environ["TEST_API_URL"]


def test_a_note_is_kept() -> None:
    with urlopen(Request(f"{URL}/notes", data=b"milk", method="POST"), timeout=10) as answer:
        assert answer.status == 202
    time.sleep(0.4)
    with urlopen(f"{URL}/notes", timeout=10) as answer:
        assert b"milk" in answer.read()


def test_it_is_healthy() -> None:
    with urlopen(f"{URL}/health", timeout=10) as answer:
        assert answer.read() == b"ok"
