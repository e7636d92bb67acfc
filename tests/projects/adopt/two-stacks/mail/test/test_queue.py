import pika
import pytest


@pytest.fixture
def channel():
    return pika.BlockingConnection()


def test_a_letter_is_queued(channel):
    assert channel
