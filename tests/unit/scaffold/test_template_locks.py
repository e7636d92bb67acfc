"""The lock files that the templates ship, and the script that writes them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from seatrial.scaffold.rendering import templates

SCRIPT = Path(__file__).resolve().parents[3] / "scripts" / "template-locks"
LOCKS = {"pyproject.toml": "uv.lock", "package.json": "package-lock.json"}
MANIFESTS = [path for name in LOCKS for path in sorted(templates().glob(f"**/{name}"))]
PUBLIC = ("https://pypi.org/", "https://files.pythonhosted.org/", "https://registry.npmjs.org/")


def folder(manifest: Path) -> str:
    return str(manifest.parent.relative_to(templates()))


def run(*words: str) -> subprocess.CompletedProcess[str]:
    # uv is beside the interpreter that runs the tests.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [sys.executable, str(SCRIPT), *words],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_root_and_every_kind_have_a_manifest() -> None:
    kinds = {folder(path).split("/")[1] for path in MANIFESTS if folder(path) != "stack"}
    assert kinds == {path.name for path in (templates() / "kinds").iterdir()}


@pytest.mark.parametrize("manifest", MANIFESTS, ids=folder)
def test_a_lock_downloads_from_public_registries_only(manifest: Path) -> None:
    text = manifest.with_name(LOCKS[manifest.name]).read_text(encoding="utf-8")
    sources = re.findall(r'(?:"resolved": |url = |registry = )"(https?://[^"]+)"', text)
    assert sources
    assert [url for url in sources if not url.startswith(PUBLIC)] == []


@pytest.mark.parametrize(
    "manifest",
    [
        pytest.param(path, marks=[pytest.mark.node] if path.name == "package.json" else [])
        for path in MANIFESTS
    ],
    ids=folder,
)
def test_a_lock_is_up_to_date_with_its_manifest(manifest: Path) -> None:
    done = run("--check", folder(manifest))
    assert (done.returncode, done.stderr) == (0, "")
