"""hadolint beside our own rules: the real program, its findings in our shape."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.program import Repository

DOCKERFILE = """\
FROM debian
RUN apt-get update && apt-get install -y curl
USER 10001
CMD ["server"]
"""


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    (tmp_path / "home").mkdir()
    made = Repository(tmp_path / "repo", tmp_path / "home", {"AI_AGENT": ""})
    made.write("seatrial.toml", "")
    made.write("Dockerfile", DOCKERFILE)
    return made


def codes(repository: Repository, *words: str) -> dict[str, dict[str, Any]]:
    said = repository.seatrial("lint", "--format", "json", *words)
    assert said.code in (0, 1), said.all
    return {each["code"]: each for each in json.loads(said.out)["findings"]}


def test_its_findings_stand_beside_ours_with_their_own_codes(repository: Repository) -> None:
    found = codes(repository)
    assert found["DL3008"]["line"] == 2
    assert found["DL3008"]["severity"] == "warning"
    assert found["DL3015"]["severity"] == "note"
    assert "hadolint/wiki/DL3008" in found["DL3008"]["mend"]


def test_what_ours_find_too_is_found_once(repository: Repository) -> None:
    found = codes(repository)
    assert {"SEA503", "SEA509"} <= found.keys()
    assert not {"DL3006", "DL3009"} & found.keys()


def test_its_codes_are_selected_and_ignored_as_ours(repository: Repository) -> None:
    assert codes(repository, "--select", "DL3008").keys() == {"DL3008"}
    assert "DL3008" not in codes(repository, "--ignore", "DL3008")
    assert {code[:2] for code in codes(repository, "--ignore", "DL")} == {"SE"}
    repository.write("seatrial.toml", '[lint]\nignore = ["DL", "SC"]\n')
    assert {code[:2] for code in codes(repository)} == {"SE"}


def test_a_comment_silences_one_and_wants_a_reason(repository: Repository) -> None:
    comment = "# seatrial: ignore DL3008 -- the base pins them\n"
    text = DOCKERFILE.replace("RUN apt", f"{comment}RUN apt")
    repository.write("Dockerfile", text)
    assert not {"DL3008", "SEA902", "SEA903"} & codes(repository).keys()
    repository.write("Dockerfile", text.replace(" -- the base pins them", ""))
    assert "SEA902" in codes(repository)


def test_it_is_left_out_where_nobody_wants_it(repository: Repository) -> None:
    assert "DL3008" not in codes(repository, "--no-hadolint")
    repository.write("seatrial.toml", "[lint]\nhadolint = false\n")
    assert "DL3008" not in codes(repository)
    assert "DL3008" in codes(repository, "--hadolint")


def test_the_users_own_configuration_of_it_holds(repository: Repository) -> None:
    repository.write(".hadolint.yaml", "ignored: [DL3008]\n")
    found = codes(repository)
    assert "DL3008" not in found
    assert "DL3015" in found


def test_a_broken_configuration_of_it_is_said_in_one_error(repository: Repository) -> None:
    repository.write(".hadolint.yaml", "ignored: {{{\n")
    said = repository.seatrial("lint")
    assert said.code == 2
    assert "hadolint cannot read its configuration" in said.err
