from pathlib import Path

from web.work import busy

ROWS = Path(__file__).with_name("rows.txt")


def test_every_row_is_read() -> None:
    for row in ROWS.read_text().splitlines():
        busy(0.002)
        assert row
