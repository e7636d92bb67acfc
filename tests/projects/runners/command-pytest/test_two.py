import os


def test_passing():
    assert "SEATRIAL_ADDOPTS" not in os.environ
    assert "PYTEST_ADDOPTS" not in os.environ


def test_failing():
    raise AssertionError("really")
