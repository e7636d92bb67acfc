"""What `--changed` compares with where a CI system says what happened."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from seatrial.cli.changed import choose
from seatrial.cli.options import Surroundings
from seatrial.config.model import Config
from seatrial.errors import UsageError
from seatrial.host.diff import Changes, Reason, Unknown
from seatrial.host.state import user_folders
from seatrial.model.project import Project
from tests.support.history import Checkout, checkout


@pytest.fixture
def origin(tmp_path: Path) -> Checkout:
    return checkout((tmp_path / "origin").resolve())


@pytest.fixture
def clone(origin: Checkout, tmp_path: Path) -> Checkout:
    return origin.clone((tmp_path / "clone").resolve())


def answer(clone: Checkout, event: str, base: str | None = None, **more: str) -> Changes | Unknown:
    said = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": event, "GITHUB_BASE_REF": "", **more}
    environment = {**os.environ, **said}
    around = Surroundings(clone.root, Config(), environment, user_folders(environment))
    return choose(Project(clone.root, "x", (), ()), around, base).answer


def pushed(clone: Checkout, before: str) -> Changes | Unknown:
    path = clone.root.parent / "event.json"
    path.write_text(json.dumps({"before": before}))
    return answer(clone, "push", GITHUB_EVENT_PATH=str(path))


def names(found: Changes | Unknown) -> list[str]:
    assert isinstance(found, Changes), found
    return [file.path.name for file in found.files]


def test_a_push_has_what_came_since_the_one_before(clone: Checkout) -> None:
    clone.write("first")
    before = clone.commit()
    clone.write("second")
    clone.commit()
    assert names(pushed(clone, before)) == ["second"]


def test_a_pull_request_has_all_since_its_base(clone: Checkout) -> None:
    for name in ("first", "second"):
        clone.write(name)
        clone.commit()
    assert names(answer(clone, "pull_request", GITHUB_BASE_REF="main")) == ["first", "second"]


def test_a_new_branch_is_compared_with_the_default_one(clone: Checkout) -> None:
    clone.git("switch", "-q", "-c", "feature")
    clone.write("first")
    clone.commit()
    assert names(pushed(clone, "0" * 40)) == ["first"]


def test_the_first_push_of_all_has_nothing_to_be_compared_with(clone: Checkout) -> None:
    assert pushed(clone, "0" * 40) == Unknown(Reason.NO_BASE, "push")


def test_a_schedule_has_no_base(clone: Checkout) -> None:
    assert answer(clone, "schedule") == Unknown(Reason.NO_BASE, "schedule")


def test_a_commit_that_a_forced_push_took_away_is_not_guessed(clone: Checkout) -> None:
    gone = "1234567890" * 4
    assert pushed(clone, gone) == Unknown(Reason.ABSENT, gone)


def test_a_base_that_the_clone_does_not_have_is_no_mistake_of_the_user(clone: Checkout) -> None:
    found = answer(clone, "pull_request", GITHUB_BASE_REF="release")
    assert found == Unknown(Reason.ABSENT, "origin/release")
    with pytest.raises(UsageError, match="release"):
        answer(clone, "pull_request", "release", GITHUB_BASE_REF="main")


def test_a_base_that_is_given_goes_before_what_ci_says(clone: Checkout) -> None:
    clone.write("first")
    clone.commit()
    assert names(answer(clone, "schedule", "HEAD~1")) == ["first"]
