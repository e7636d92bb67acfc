from web.work import busy

SPENT = busy(0.25)


def test_the_processor_was_busy() -> None:
    assert SPENT >= 0.25
