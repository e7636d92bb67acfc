import threading
import time


def test_a_note_is_written_down() -> None:
    notes: list[str] = []
    threading.Timer(0.02, notes.append, ["milk"]).start()
    time.sleep(0.4)
    assert notes == ["milk"]


def test_a_note_is_written_down_in_the_end() -> None:
    notes: list[str] = []
    threading.Timer(0.02, notes.append, ["bread"]).start()
    for _ in range(8):
        time.sleep(0.05)
    assert notes == ["bread"]
