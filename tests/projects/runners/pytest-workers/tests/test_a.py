import os

from conftest import address, left


def test_own() -> None:
    assert address == "of " + os.environ["PYTEST_XDIST_WORKER"][2:]
    assert not left
    assert not [name for name in os.environ if name.startswith("SEATRIAL_")]
