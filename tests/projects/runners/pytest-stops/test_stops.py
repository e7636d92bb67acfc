import pytest


def test_first():
    pass


def test_ends_the_session_and_calls_it_good():
    pytest.exit("enough", returncode=0)


def test_never_reached():
    raise AssertionError
