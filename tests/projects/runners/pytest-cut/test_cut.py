import os


def test_first():
    pass


def test_leaves_without_a_word():
    os._exit(0)
