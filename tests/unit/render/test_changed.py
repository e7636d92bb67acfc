from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.discover.reads import Dependency
from seatrial.host.diff import ChangedFile, Changes, How, Reason, Unknown
from seatrial.planning.changed import Touch
from seatrial.render.changed import (
    touch_text,
    unknown_text,
    untouched_text,
    why_lines,
)

ROOT = Path("/repo")
COMMIT = "1a2b3c4d5e" * 4


def test_a_touch_names_the_file_and_what_it_is_to_the_suite() -> None:
    file = ChangedFile(ROOT / "services/web/app.py", How.DELETED)
    touch = Touch(file, Dependency(ROOT / "services/web", "its service's folder"))
    assert touch_text(touch, ROOT) == "services/web/app.py was deleted (its service's folder)"


def test_odd_names_stay_on_one_line_and_can_be_encoded() -> None:
    file = ChangedFile(ROOT / "a\nb\udcff\x1b[31m", How.UNTRACKED)
    text = touch_text(Touch(file, Dependency(ROOT, "x")), ROOT)
    assert "\n" not in text
    assert "\x1b" not in text
    assert text.encode()


def test_nothing_touched_says_what_was_compared() -> None:
    assert untouched_text(Changes("origin/main", COMMIT, ()), "a suite") == (
        "nothing changed since origin/main (1a2b3c4d); no suite runs"
    )
    files = (ChangedFile(ROOT / "README.md", How.CHANGED),)
    assert untouched_text(Changes("main", COMMIT, files), "a suite of web") == (
        "1 file changed since main (1a2b3c4d), none touches a suite of web"
    )


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words(reason: Reason) -> None:
    text = unknown_text(Unknown(reason, "origin/{d}main"))
    assert text.startswith("what changed is unknown, all suites run: ")
    assert "its base" not in text


def test_causes_stand_in_a_column() -> None:
    assert why_lines({"unit:a": "x", "service:bc": "y"}) == [
        "unit:a      because x",
        "service:bc  because y",
    ]
