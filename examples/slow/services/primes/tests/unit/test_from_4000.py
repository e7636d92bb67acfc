import time

import pytest

from primes import primes


@pytest.mark.parametrize("block", range(12))
def test_primes_are_found_however_often(block: int) -> None:
    began = time.thread_time()
    # As many rounds as the machine makes in that time: how fast it is, is not the point.
    while time.thread_time() - began < 0.08:
        assert primes(4000, 4030) == [4001, 4003, 4007, 4013, 4019, 4021, 4027]
