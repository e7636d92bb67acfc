import time

import pytest
from primes import primes


@pytest.mark.parametrize("block", range(40))
def test_a_number_has_no_prime_divisor_unless_it_is_one(block: int) -> None:
    began = time.thread_time()
    # As many rounds as a slow machine does: how fast this one is, is not the point.
    while time.thread_time() - began < 0.08:
        assert primes(1000, 1030) == [1009, 1013, 1019, 1021]
    assert block >= 0
