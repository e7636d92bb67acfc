"""Fixes as Compose sees them: the same model before and after, but for what a fix says it changes.

``docker compose config`` reads the compose files of every case that has a fixed block.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from seatrial.lint.documents import ComposeDocument
from seatrial.lint.model import Finding
from tests.mdtest.test_rules import Case, _cases, _look, _write

Keys = tuple[str, ...]


def _fixed_compose_files() -> list[tuple[str, Case, str]]:
    return [
        (code, case, path)
        for code, case in _cases()
        for path in case.fixed
        if path.endswith((".yml", ".yaml")) and "compose" in path
    ]


@pytest.mark.engine
@pytest.mark.parametrize(
    ("code", "case", "path"),
    _fixed_compose_files(),
    ids=lambda value: value.title if isinstance(value, Case) else str(value),
)
def test_compose_sees_no_other_change(code: str, case: Case, path: str, tmp_path: Path) -> None:
    _write(tmp_path, case.files)
    workspace, found = _look(tmp_path, code)
    document = workspace.complete(path)
    assert isinstance(document, ComposeDocument)
    files = [*_below(tmp_path, path), tmp_path / path, _images(tmp_path, document)]
    before, refusal = _model(files)
    _write(tmp_path, case.fixed)
    after, complaint = _model(files)
    assert complaint == "", complaint
    if refusal:
        # What Compose refused, as the case says, it takes now: there is nothing to compare with.
        assert "refuses" in case.title, refusal
        return
    allowed = list(_changes(found, path))
    beside = [keys for keys in _differences(before, after) if not _covered(keys, allowed)]
    assert beside == []


def _below(root: Path, path: str) -> list[Path]:
    """Return the file that an override is laid over."""
    return [root / path.replace(".override", "")] if ".override." in path else []


def _images(root: Path, document: ComposeDocument) -> Path:
    """Write a file that gives an image to the services of a case that do without one."""
    bare = {
        name: {"image": "example/any:1"}
        for name, service in document.services.items()
        if service.get("image") is None and service.get("build") is None
    }
    file = root / "images.json"
    file.write_text(json.dumps({"services": bare}))
    return file


def _model(files: list[Path]) -> tuple[Any, str]:
    """Return what Compose makes of ``files``, or why it refuses them."""
    named = [word for file in files for word in ("-f", str(file))]
    done = subprocess.run(
        ["docker", "compose", "--profile", "*", *named, "config", "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TEST_INSTANCE_ID": "case", "COMPOSE_PROJECT_NAME": ""},
    )
    if done.returncode != 0:
        return None, done.stderr
    model = json.loads(done.stdout)
    # Compose leaves out what no service uses, so that losing a mount may lose the volume.
    return {key: value for key, value in model.items() if key != "volumes"}, ""


def _differences(one: Any, other: Any, at: Keys = ()) -> Iterator[Keys]:
    """Yield where two models differ; a list is one thing."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            yield from _differences(one.get(key), other.get(key), (*at, key))
    elif one != other:
        yield at


def _changes(found: list[Finding], path: str) -> Iterator[Keys]:
    """Yield what the fixes say they change, up to the list that it is in."""
    for finding in found:
        if finding.fix and finding.file.as_posix() == path:
            for change in finding.fix.changes:
                number = next((i for i, key in enumerate(change) if key.isdecimal()), len(change))
                yield change[:number]


def _covered(keys: Keys, allowed: list[Keys]) -> bool:
    return any(keys[: len(change)] == change or change[: len(keys)] == keys for change in allowed)
