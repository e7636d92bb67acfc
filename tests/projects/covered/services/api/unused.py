"""Nothing imports this."""

VALUE = 1


def value() -> int:
    return VALUE
