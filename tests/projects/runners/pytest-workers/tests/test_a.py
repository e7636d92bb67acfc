import os

from conftest import address, left


def test_own() -> None:
    assert address == "of " + os.environ["PYTEST_XDIST_WORKER"][2:]
    assert not left
    assert not {"SEATRIAL_ADDOPTS", "SEATRIAL_REPORT", "SEATRIAL_SHARE"} & set(os.environ)
