from __future__ import annotations

import json
from pathlib import Path

import pytest

from seatrial.host.forge import Before, before

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def event(name: str, **more: str) -> dict[str, str]:
    return {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": name, **more}


def pushed(folder: Path, content: object) -> dict[str, str]:
    path = folder / "event.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return event("push", GITHUB_EVENT_PATH=str(path))


def test_outside_of_ci_there_is_nothing_to_say() -> None:
    assert before({}) is None
    assert before({"GITHUB_BASE_REF": "main", "GITHUB_EVENT_NAME": "pull_request"}) is None


@pytest.mark.parametrize("branch", ["main", "release/2", 'zzz";echo${IFS}"hello";#'])
def test_a_pull_request_is_compared_with_the_branch_it_goes_to(branch: str) -> None:
    found = before(event("pull_request", GITHUB_BASE_REF=branch))
    assert found == Before("pull_request", f"refs/remotes/origin/{branch}")


def test_a_push_is_compared_with_what_was_there_before(tmp_path: Path) -> None:
    assert before(pushed(tmp_path, {"before": COMMIT})) == Before("push", COMMIT)


def test_a_new_branch_had_nothing_before(tmp_path: Path) -> None:
    assert before(pushed(tmp_path, {"before": "0" * 40})) == Before("push", is_new=True)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"before": 1}', '{"before": "--output=x"}'])
def test_an_event_that_tells_no_commit_has_no_base(tmp_path: Path, content: str) -> None:
    assert before(pushed(tmp_path, content)) == Before("push")
    assert before(event("push", GITHUB_EVENT_PATH=str(tmp_path / "absent"))) == Before("push")


def test_a_schedule_has_no_base() -> None:
    assert before(event("schedule")) == Before("schedule")
