import os


def shown(cents: int) -> str:
    return f"{cents / 100:.2f} {os.environ.get('CURRENCY', 'EUR')}"
