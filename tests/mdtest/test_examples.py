"""What the page of a rule shows: a finding in its example, and none in the better one."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from seatrial.lint.documents import (
    ComposeDocument,
    DockerfileDocument,
    EnvFileDocument,
    MakefileDocument,
    TestDocument,
    WorkflowDocument,
)
from tests.mdtest.test_rules import RULES, _look, _write

_BLOCK = re.compile(r"^```(\w+)\n(?:(?:#|//) file: (\S+)\n)?(.*?)^```$", re.MULTILINE | re.DOTALL)
_TEST = "services/api/tests/unit/test_api.py"
# Where a block without a title belongs, and what else has to be there for it to be looked at.
_PLACES = {
    ComposeDocument: "compose.yml",
    DockerfileDocument: "Dockerfile",
    EnvFileDocument: ".env",
    MakefileDocument: "Makefile",
    TestDocument: _TEST,
    WorkflowDocument: ".github/workflows/release.yml",
}
_PYTHON = '[project]\nname = "any"\n'
_BESIDE = {
    EnvFileDocument: {"compose.yml": "services: {}\n"},
    TestDocument: {"services/api/pyproject.toml": _PYTHON, "services/web/package.json": "{}\n"},
    WorkflowDocument: {
        "services/api/Dockerfile": "FROM scratch\n",
        "services/worker/Dockerfile": "FROM scratch\n",
    },
}
_SHOWN = [code for code in RULES if not code.startswith("SEA9")]


def _files(code: str, section: str) -> dict[str, str]:
    page = importlib.import_module(RULES[code].module).__doc__ or ""
    text = page.partition(f"## {section}\n")[2].partition("\n## ")[0]
    place = _PLACES.get(RULES[code].of, "compose.yml")
    blocks = {path or place: body for _, path, body in _BLOCK.findall(text)}
    return {**_BESIDE.get(RULES[code].of, {}), **blocks}


@pytest.mark.parametrize("code", _SHOWN)
def test_the_example_has_a_finding(code: str, tmp_path: Path) -> None:
    _write(tmp_path, _files(code, "Example"))
    assert _look(tmp_path, code)[1]


@pytest.mark.parametrize("code", _SHOWN)
def test_the_better_one_has_none(code: str, tmp_path: Path) -> None:
    _write(tmp_path, _files(code, "Better"))
    assert [finding.what for finding in _look(tmp_path, code)[1]] == []
