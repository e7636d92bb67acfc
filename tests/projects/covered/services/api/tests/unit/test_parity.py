import subprocess
import sys

from api import parity


def test_one_is_odd() -> None:
    assert parity(1) == "odd"


def test_a_child_is_a_child() -> None:
    words = [sys.executable, "-c", "import api; print(api.in_a_child())"]
    said = subprocess.run(words, capture_output=True, text=True, check=True)
    assert said.stdout == "child\n"
