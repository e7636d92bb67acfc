"""Folders' environments: installed once, left alone afterwards, never under another run."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from seatrial.errors import ConfigError, RuntimeMissing
from seatrial.events import Event, PhaseFinished, PhaseStarted
from seatrial.host.clock import Clock
from seatrial.host.processes import Processes
from seatrial.model.project import ServiceKind
from seatrial.toolchains.base import Toolchain
from seatrial.toolchains.locks import EnvironmentLock
from seatrial.toolchains.python import PythonRecipe
from seatrial.toolchains.recipe import missing_program
from seatrial.toolchains.sync import SyncedToolchains

PYPROJECT = '[project]\nname = "p"\nversion = "0"\nrequires-python = ">=3.11"\ndependencies = []\n'
LOCK = (
    'version = 1\nrevision = 3\nrequires-python = ">=3.11"\n\n'
    '[[package]]\nname = "p"\nversion = "0"\nsource = { virtual = "." }\n'
)


class Bench:
    """A folder, programs that may stand in for uv and npm, and what was emitted."""

    def __init__(self, tmp: Path) -> None:
        self.folder = tmp / "service"
        self.programs = tmp / "programs"
        self.state = tmp / "state"
        self.folder.mkdir()
        self.programs.mkdir()
        self.events: list[Event] = []
        path = f"{self.programs}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}/usr/bin:/bin"
        self.environment = {**os.environ, "PATH": path, "PYTHONHOME": "", "VIRTUAL_ENV": "/leak"}

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def program(self, name: str, script: str) -> None:
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def toolchains(self, root: Path | None = None) -> SyncedToolchains:
        processes = Processes(self.environment)
        return SyncedToolchains(processes, Clock(), self.events.append, self.state, root)

    def ready(self, folder: Path | None = None, root: Path | None = None) -> Toolchain:
        async def once() -> Toolchain:
            toolchains = self.toolchains(root)
            try:
                return await toolchains.ready(folder or self.folder)
            finally:
                await toolchains.close()

        return asyncio.run(once())

    @property
    def installs(self) -> int:
        return sum(isinstance(event, PhaseStarted) for event in self.events)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_folder_that_asks_for_nothing_gets_nothing(bench: Bench) -> None:
    toolchain = bench.ready()
    assert (toolchain.kind, toolchain.env, bench.installs) == ("none", {}, 0)


def test_a_locked_project_is_synced_by_uv_once(bench: Bench) -> None:
    bench.write("pyproject.toml", PYPROJECT)
    bench.write("uv.lock", LOCK)
    first, second = bench.ready(), bench.ready()
    assert first == second
    assert first.kind == "uv"
    assert first.home == bench.folder / ".venv"
    assert (first.home / "bin/python").exists()
    assert bench.installs == 1
    assert first.env["VIRTUAL_ENV"] == str(first.home)
    assert first.env["PYTHONHOME"] is None
    path = str(first.env["PATH"]).split(os.pathsep)
    assert path[0] == str(first.home / "bin")
    assert str(Path(sys.prefix) / "bin") not in path


def test_a_project_without_a_lock_gets_none_written(bench: Bench) -> None:
    bench.write("pyproject.toml", PYPROJECT)
    bench.write("requirements-dev.txt", "# nothing\n")
    bench.ready()
    assert not (bench.folder / "uv.lock").exists()
    assert (bench.folder / ".venv/bin/python").exists()


def test_a_package_that_somebody_removed_is_noticed(bench: Bench) -> None:
    bench.write("pyproject.toml", PYPROJECT)
    bench.write("uv.lock", LOCK)
    home = bench.ready().home
    assert home is not None
    site = next(home.glob("lib/python*/site-packages"))
    (site / "other-1.dist-info").mkdir()
    bench.ready()
    assert bench.installs == 2


def test_a_stale_lock_is_named_with_what_mends_it(bench: Bench) -> None:
    bench.write("pyproject.toml", PYPROJECT.replace('"p"', '"q"'))
    lock = bench.write("uv.lock", LOCK)
    with pytest.raises(ConfigError, match="not up to date") as caught:
        bench.ready()
    assert caught.value.where
    assert caught.value.where.file == lock
    assert "uv lock" in caught.value.mend
    (finished,) = (e for e in bench.events if isinstance(e, PhaseFinished))
    assert not finished.ok


def test_broken_toml_is_named_with_its_line(bench: Bench) -> None:
    bench.write("pyproject.toml", "[project]\nname = \n")
    with pytest.raises(ConfigError, match="broken TOML") as caught:
        bench.ready()
    assert caught.value.where
    assert caught.value.where.line == 2


def test_a_failed_installer_shows_its_last_words_without_credentials(bench: Bench) -> None:
    bench.write("pyproject.toml", PYPROJECT)
    bench.write("uv.lock", LOCK)
    bench.program("uv", "echo 'no answer from https://me:secret@host/simple' >&2; exit 2")
    with pytest.raises(RuntimeMissing, match="ended with 2") as caught:
        bench.ready()
    assert caught.value.detail == ("no answer from https://***@host/simple",)


def test_npm_is_run_where_the_modules_are_not_those_of_the_lock(bench: Bench) -> None:
    bench.write("package.json", "{}")
    bench.write("package-lock.json", '{"packages": {"node_modules/a": {"version": "2.0.0"}}}')
    tree = bench.write(
        "node_modules/.package-lock.json", '{"packages": {"node_modules/a": {"version": "1.0.0"}}}'
    )
    bench.program("npm", f"cp package-lock.json {tree}; echo $@ > npm-was-given")
    toolchain = bench.ready()
    bench.ready()
    assert (bench.folder / "npm-was-given").read_text().startswith("ci ")
    assert bench.installs == 1
    assert str(toolchain.env["PATH"]).startswith(str(bench.folder / "node_modules/.bin"))


def test_modules_that_fit_the_lock_start_no_process(bench: Bench) -> None:
    packages = '{"packages": {"": {}, "node_modules/a": {"version": "1.0.0"}}}'
    bench.write("package.json", "{}")
    bench.write("package-lock.json", packages)
    bench.write("node_modules/.package-lock.json", packages)
    bench.program("npm", "exit 9")
    assert bench.ready().kind == "npm"
    assert bench.installs == 0


@pytest.mark.parametrize("lock", ['{"packages": {"": {}}}', None])
def test_a_folder_that_asks_for_no_packages_starts_no_process(
    bench: Bench, lock: str | None
) -> None:
    bench.write("package.json", '{"name": "a", "scripts": {"build": "node build.mjs"}}')
    if lock is not None:
        bench.write("package-lock.json", lock)
    bench.program("npm", "exit 9")
    assert bench.ready().kind == "npm"
    assert bench.installs == 0


def test_another_installers_lock_is_named(bench: Bench) -> None:
    bench.write("package.json", "{}")
    bench.write("pnpm-lock.yaml", "")
    bench.program("npm", "exit 9")
    with pytest.raises(RuntimeMissing, match=r"pnpm-lock\.yaml") as caught:
        bench.ready()
    assert "pnpm install" in caught.value.mend


def test_a_lock_file_that_npm_finds_stale_is_named(bench: Bench) -> None:
    bench.write("package.json", "{}")
    bench.write("package-lock.json", '{"packages": {"node_modules/a": {"version": "2.0.0"}}}')
    bench.program("npm", "echo 'npm error code EUSAGE\nare not in sync' >&2; exit 1")
    with pytest.raises(ConfigError, match=r"package-lock\.json is not up to date"):
        bench.ready()


def test_a_folder_without_packages_uses_those_of_the_root(bench: Bench) -> None:
    bench.write("pyproject.toml", PYPROJECT)
    bench.write("uv.lock", LOCK)
    inner = bench.folder / "services" / "plain"
    inner.mkdir(parents=True)
    assert bench.ready(inner, root=bench.folder).home == bench.folder / ".venv"
    assert bench.ready(inner).kind == "none"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_checkout_that_cannot_be_written_to_has_its_environment_elsewhere(bench: Bench) -> None:
    bench.write("pyproject.toml", PYPROJECT)
    bench.write("uv.lock", LOCK)
    bench.folder.chmod(0o555)
    home = bench.ready().home
    bench.folder.chmod(0o755)
    assert home
    assert home.is_relative_to(bench.state)


def test_without_uv_the_environment_is_made_by_venv_and_pip(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "p"\nversion = "0"\ndependencies = ["idna"]\n'
        '[project.optional-dependencies]\ntest = ["a"]\nother = ["b"]\n'
        '[dependency-groups]\ndev = ["c", {include-group = "lint"}]\nlint = ["d"]\n'
    )
    (tmp_path / "requirements-dev.txt").write_text("e\n")
    make, install = PythonRecipe(tmp_path, tmp_path / ".venv", ()).steps()
    assert make.argv[:3] == ("python3", "-m", "venv")
    wanted = ("idna", "a", "c", "d", "--requirement", "requirements-dev.txt")
    assert install.argv[-6:] == wanted


def together(
    bench: Bench, act: Callable[[SyncedToolchains, SyncedToolchains], Awaitable[None]]
) -> None:
    async def both() -> None:
        one, two = bench.toolchains(), bench.toolchains()
        try:
            await act(one, two)
        finally:
            await one.close()
            await two.close()

    asyncio.run(both())


def test_two_runs_at_once_install_once(bench: Bench) -> None:
    bench.write("pyproject.toml", PYPROJECT)
    bench.write("uv.lock", LOCK)

    async def act(one: SyncedToolchains, two: SyncedToolchains) -> None:
        await asyncio.gather(*(t.ready(bench.folder) for t in (one, two, one, two)))

    together(bench, act)
    assert bench.installs == 1


def test_an_environment_in_use_is_not_changed_by_another_run(bench: Bench) -> None:
    bench.write("pyproject.toml", PYPROJECT)
    bench.write("uv.lock", LOCK)

    async def act(one: SyncedToolchains, two: SyncedToolchains) -> None:
        await one.ready(bench.folder)
        bench.write("uv.lock", LOCK + "\n")
        waiting = asyncio.create_task(two.ready(bench.folder))
        done, _ = await asyncio.wait({waiting}, timeout=0.3)
        assert not done
        assert bench.installs == 1
        await one.close()
        await waiting

    together(bench, act)
    assert bench.installs == 2


def test_a_caller_that_gives_up_leaves_the_others_their_environment(bench: Bench) -> None:
    bench.write("pyproject.toml", PYPROJECT)
    bench.write("uv.lock", LOCK)

    async def act(one: SyncedToolchains, _: SyncedToolchains) -> None:
        first = asyncio.create_task(one.ready(bench.folder))
        second = asyncio.create_task(one.ready(bench.folder))
        await asyncio.sleep(0)
        first.cancel()
        assert (await second).kind == "uv"

    together(bench, act)


def test_a_shared_lock_lets_others_share_and_nobody_change(tmp_path: Path) -> None:
    async def act() -> None:
        one, two, three = (EnvironmentLock(tmp_path, Path("/home")) for _ in range(3))
        await one.share()
        await two.share()
        waiting = asyncio.create_task(three.exclude())
        done, _ = await asyncio.wait({waiting}, timeout=0.2)
        assert not done
        one.close()
        two.close()
        await waiting
        three.close()

    asyncio.run(act())


def test_a_missing_program_is_named_for_each_kind() -> None:
    assert missing_program(ServiceKind.NODE, lambda _: None) == "node"
    assert missing_program(ServiceKind.NODE, lambda p: p if p == "node" else None) == "npm"
    assert missing_program(ServiceKind.PYTHON, lambda _: None) == ""
