from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.composefile.load import load
from seatrial.composefile.model import ComposeService
from seatrial.errors import ConfigError


def merged(tmp_path: Path, base: str, over: str) -> ComposeService:
    files = [tmp_path / "compose.yaml", tmp_path / "over.yaml"]
    for file, text in zip(files, (base, over), strict=True):
        file.write_text(f"services: {{app: {{image: x, {text}}}}}\n")
    return load(files, {}).services["app"]


def test_mappings_merge_whatever_form_each_file_uses(tmp_path: Path) -> None:
    app = merged(tmp_path, "environment: {A: 1, B: 1}", "environment: [B=2, C=2]")
    assert app.environment == {"A": "1", "B": "2", "C": "2"}


def test_commands_and_health_tests_are_replaced_whole(tmp_path: Path) -> None:
    app = merged(
        tmp_path,
        "command: [a, b], healthcheck: {test: [CMD, a], retries: 3}",
        "command: [c], healthcheck: {test: b}",
    )
    assert app.command == ("c",)
    assert app.healthcheck is not None
    assert app.healthcheck.test == ("CMD-SHELL", "b")
    assert app.healthcheck.retries == 3


def test_ports_are_appended_and_equal_ones_kept_once(tmp_path: Path) -> None:
    app = merged(tmp_path, "ports: ['80', '8000:80']", "ports: ['8000:80', '81']")
    assert [(port.published, port.target) for port in app.ports] == [
        (None, 80),
        ("8000", 80),
        (None, 81),
    ]


def test_a_mount_replaces_the_one_at_the_same_target(tmp_path: Path) -> None:
    app = merged(tmp_path, "volumes: ['./a:/x', './b:/y']", "volumes: ['./c:/x/:ro']")
    assert [(Path(m.source or "").name, m.target, m.read_only) for m in app.volumes] == [
        ("c", "/x", True),
        ("b", "/y", False),
    ]


def test_reset_removes_and_override_replaces(tmp_path: Path) -> None:
    app = merged(
        tmp_path,
        "ports: ['80'], command: a, environment: {A: 1, B: 1}, labels: {a: b}",
        "ports: !override ['81'], command: !reset null, environment: {A: !reset null},"
        " labels: !override {c: d}",
    )
    assert [port.target for port in app.ports] == [81]
    assert app.command is None
    assert app.environment == {"B": "1"}
    assert app.labels == {"c": "d"}
    assert "command" not in app.keys


def test_reset_in_a_single_file_removes_the_key(tmp_path: Path) -> None:
    app = merged(tmp_path, "command: !reset a", "user: u")
    assert app.command is None


def test_forms_that_cannot_merge_are_an_error_with_both_places(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be merged with the one at") as caught:
        merged(tmp_path, "deploy: {resources: {a: 1}}", "deploy: {resources: {a: [1]}}")
    assert caught.value.where is not None
    assert caught.value.where.file.name == "over.yaml"
