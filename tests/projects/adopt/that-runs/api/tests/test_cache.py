import os
import urllib.request

from greet import greet


def test_the_cache_answers(cache):
    cache.sendall(b"PING\r\n")
    assert cache.recv(16) == b"+PONG\r\n"
    assert greet("you") == "hello, you"


def test_the_service_serves_its_files(cache):
    with urllib.request.urlopen(os.environ["TEST_API_URL"], timeout=10) as answer:
        assert b"greet.py" in answer.read()
