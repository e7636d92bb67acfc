"""Environments whose Python is measured, though nothing is installed into them."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from seatrial.events import Event, Notice, Noticed, PhaseFinished
from seatrial.host.clock import Clock
from seatrial.host.processes import Processes
from seatrial.toolchains import measured as module
from seatrial.toolchains.base import Toolchain
from seatrial.toolchains.measured import MeasuredToolchains

VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"


class Installed:
    """Hands out what is there."""

    def __init__(self, home: Path | None, kind: str) -> None:
        self.home, self.kind = home, kind

    async def ready(self, folder: Path) -> Toolchain:
        return Toolchain(folder, self.kind, self.home, {"GIVEN": "yes"})


class Run:
    def __init__(self, tmp_path: Path, **variables: str) -> None:
        self.root, self.cache, self.data = (tmp_path / n for n in ("repo", "cache", "data"))
        self.root.mkdir(exist_ok=True)
        self.events: list[Event] = []
        self.processes = Processes({**os.environ, **variables})

    def ready(self, *folders: str, home: Path | None, kind: str = "pip") -> list[Toolchain]:
        toolchains = MeasuredToolchains(
            Installed(home, kind),
            self.processes,
            Clock(),
            self.events.append,
            cache=self.cache,
            data=self.data,
            root=self.root,
        )

        async def all_of() -> list[Toolchain]:
            found = await asyncio.gather(*(toolchains.ready(self.root / f) for f in folders))
            await toolchains.close()
            return found

        return asyncio.run(all_of())

    @property
    def synced(self) -> list[str]:
        return [event.subject for event in self.events if isinstance(event, PhaseFinished)]


def environment(folder: Path, *, with_coverage: bool = False) -> Path:
    packages = folder / "lib" / VERSION / "site-packages"
    packages.mkdir(parents=True)
    (folder / "bin").mkdir()
    (folder / "bin/python").symlink_to(sys.executable)
    if with_coverage:
        (packages / "coverage").mkdir()
        (packages / "coverage/__init__.py").touch()
    return folder


def settings(toolchain: Toolchain) -> dict[str, str]:
    found: dict[str, str] = json.loads(toolchain.env["SEATRIAL_COVERAGE"] or "")
    return found


def test_an_environment_without_coverage_gets_it_beside_itself_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "find_uv", lambda _: ())
    home = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    before = sorted(home.rglob("*"))
    run = Run(tmp_path)
    api, jobs = run.ready("api", "jobs", home=home)
    assert run.synced == [f"coverage.py for {VERSION}"]
    library = Path(settings(api)["library"])
    assert (library / "coverage/__init__.py").is_file()
    assert settings(jobs)["library"] == str(library)
    assert settings(jobs)["data"] != settings(api)["data"]
    added = set(home.rglob("*")).difference(before)
    assert not [path for path in added if "__pycache__" not in str(path)]
    assert sorted(path.name for path in library.parent.iterdir() if path.is_dir()) == [library.name]
    code = "import coverage; print(coverage.__file__)"
    done = subprocess.run(
        [home / "bin/python", "-c", code],
        env={**os.environ, **{k: v for k, v in api.searched(api.env).items() if v}},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == f"{library}/coverage/__init__.py\n"
    assert len(list(Path(settings(api)["data"]).parent.iterdir())) == 1


def test_the_environments_own_coverage_is_taken(tmp_path: Path) -> None:
    run = Run(tmp_path)
    (api,) = run.ready("api", home=environment(tmp_path / "venv", with_coverage=True))
    assert settings(api)["library"] == ""
    assert api.env["GIVEN"] == "yes"
    assert run.events == []


def test_where_it_cannot_be_had_the_tests_run_unmeasured_and_it_is_said(tmp_path: Path) -> None:
    nowhere = "file:///nowhere"
    run = Run(tmp_path, UV_INDEX_URL=nowhere, UV_DEFAULT_INDEX=nowhere, UV_OFFLINE="1",
              UV_CACHE_DIR=str(tmp_path / "empty"))  # fmt: skip
    (api,) = run.ready("api", home=environment(tmp_path / "venv"))
    assert "SEATRIAL_COVERAGE" not in api.env
    assert api.search == ()
    (notice,) = (event for event in run.events if isinstance(event, Noticed))
    assert (notice.notice, notice.subject) == (Notice.COVERAGE_FAILED, "api")
    assert list((run.cache / "coverage").glob("new-*")) == []


def test_other_languages_are_handed_on_as_they_are(tmp_path: Path) -> None:
    (web,) = Run(tmp_path).ready("web", home=tmp_path, kind="npm")
    assert web == Toolchain(tmp_path / "repo/web", "npm", tmp_path, {"GIVEN": "yes"})


def test_what_runs_in_no_environment_brings_its_own(tmp_path: Path) -> None:
    (api,) = Run(tmp_path).ready("api", home=None, kind="none")
    assert settings(api)["library"] == ""


@pytest.mark.parametrize(
    ("there", "then"), [({}, "first"), ({"PYTHONPATH": "/theirs"}, f"first{os.pathsep}/theirs")]
)
def test_the_search_path_of_others_stays_behind(there: dict[str, str | None], then: str) -> None:
    toolchain = Toolchain(Path("/f"), "uv", search=(Path("first"),))
    assert toolchain.searched(there) == {**there, "PYTHONPATH": then}
    assert Toolchain(Path("/f"), "uv").searched(there) == there
