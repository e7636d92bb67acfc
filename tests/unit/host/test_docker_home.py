"""What the docker CLI would read of its own, read without it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seatrial.host import docker_home


def _program(path: Path, mode: int = 0o755) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(mode)
    return str(path)


@pytest.mark.parametrize(
    ("kept", "variables", "expected"),
    [
        ({}, {}, "default"),
        ({"currentContext": "colima"}, {}, "colima"),
        ({"currentContext": "colima"}, {"DOCKER_CONTEXT": "other"}, "other"),
        ({"currentContext": "colima"}, {"DOCKER_HOST": "tcp://h:1"}, "default"),
        ({}, {"DOCKER_CONTEXT": "other", "DOCKER_HOST": "tcp://h:1"}, "default"),
        ({"currentContext": ["no", "name"]}, {}, "default"),
    ],
)
def test_the_context_in_force_is_the_cli_s(
    tmp_path: Path, kept: object, variables: dict[str, str], expected: str
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(kept))
    assert docker_home.context({"DOCKER_CONFIG": str(tmp_path), **variables}) == expected


@pytest.mark.parametrize("text", ["", "[]", "{", "null"])
def test_settings_that_cannot_be_read_are_none(tmp_path: Path, text: str) -> None:
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker/config.json").write_text(text)
    assert docker_home.settings({"HOME": str(tmp_path)}) == {}
    assert docker_home.settings({"HOME": str(tmp_path / "nowhere")}) == {}


def test_a_plugin_lies_in_the_user_s_folder_or_where_the_settings_say(tmp_path: Path) -> None:
    home = {"DOCKER_CONFIG": str(tmp_path)}
    assert docker_home.plugin("no-such-plugin", home) is None
    own = _program(tmp_path / "cli-plugins/docker-mine")
    assert docker_home.plugin("mine", home) == own
    extra = tmp_path / "extra"
    (tmp_path / "config.json").write_text(json.dumps({"cliPluginsExtraDirs": [str(extra), 7]}))
    _program(extra / "docker-mine", mode=0o644)
    assert docker_home.plugin("mine", home) == own
    (extra / "docker-mine").chmod(0o755)
    assert docker_home.plugin("mine", home) == str(extra / "docker-mine")
