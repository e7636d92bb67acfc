"""The virtual environment of a Python folder: made by uv, or by venv and pip without it."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from seatrial.errors import ConfigError, SeatrialError, Where
from seatrial.host.processes import Completed
from seatrial.toolchains.recipe import Step, digest, evidence, install_failed, programs_first

# Names under which projects keep what their tests need (extras, groups and requirements files).
_TEST_NAMES = ("dev", "test", "tests", "testing")
_TOML_LINE = re.compile(r"at line (\d+)")
_CLEAN: Mapping[str, str | None] = {
    "PYTHONHOME": None,
    "VIRTUAL_ENV": None,
    "__PYVENV_LAUNCHER__": None,
}


@dataclass(frozen=True)
class PythonRecipe:
    """``uv`` is the command that starts uv, empty where there is none.

    ``folder`` holds a pyproject.toml or requirements files; ``home`` is the virtual environment;
    ``own_bin`` is seatrial's own folder of programs, which must not stay on PATH.
    """

    folder: Path
    home: Path
    uv: tuple[str, ...]
    own_bin: str = ""

    @property
    def kind(self) -> str:
        """Return ``uv`` or ``pip``."""
        return "uv" if self.uv else "pip"

    @property
    def stamp(self) -> Path:
        """Return the file inside the environment that says what was installed."""
        return self.home / ".seatrial-stamp"

    @property
    def pyproject(self) -> Path:
        """Return the path of the folder's pyproject.toml, there or not."""
        return self.folder / "pyproject.toml"

    @cached_property
    def lock(self) -> Path | None:
        """Return the uv.lock that covers the folder: its own, or that of a workspace above it."""
        if (self.folder / "uv.lock").is_file():
            return self.folder / "uv.lock"
        for above in self.folder.parents:
            if (above / "uv.lock").is_file() and "[tool.uv.workspace]" in _text(
                above / "pyproject.toml"
            ):
                return above / "uv.lock"
            if (above / ".git").exists():
                return None
        return None

    @cached_property
    def requirement_files(self) -> tuple[Path, ...]:
        """Return the requirements files that name test needs, and the plain one."""
        names = ["requirements"]
        for word in _TEST_NAMES:
            names += [f"requirements-{word}", f"requirements_{word}", f"{word}-requirements"]
        candidates = (self.folder / f"{name}.txt" for name in names)
        return tuple(path for path in candidates if path.is_file())

    def fingerprint(self) -> str:
        """Return a hash of lock, declarations, Python version and the packages that are there."""
        installed = sorted(
            entry.name
            for site in self.home.glob("lib/python*/site-packages")
            for entry in os.scandir(site)
            if entry.name.endswith(".dist-info")
        )
        python = self.home / "bin" / "python"
        return digest(
            self.kind,
            self.lock or "no lock",
            self.pyproject,
            *self.requirement_files,
            self.folder / ".python-version",
            self.home / "pyvenv.cfg",
            str(python.resolve() if python.exists() else "no python"),
            "\n".join(installed),
        )

    def is_installed(self) -> bool:
        """Return ``False``: only the installer can tell, and does so fast."""
        return False

    def steps(self) -> Sequence[Step]:
        """Return the commands that install the folder and what its tests need.

        They never write a uv.lock where there was none and never take away what a person added.
        """
        if self.uv and self.lock:
            words = ["sync", "--locked", "--inexact", "--no-progress", *self._named("--extra")]
            env = {**_CLEAN, "UV_PROJECT_ENVIRONMENT": str(self.home)}
            return [Step((*self.uv, *words, *self._named("--group")), self.folder, env)]
        env = {**_CLEAN, "VIRTUAL_ENV": str(self.home)}
        python = str(self.home / "bin" / "python")
        if self.uv:
            make: tuple[str, ...] = (*self.uv, "venv", "--allow-existing")
            install: tuple[str, ...] = (*self.uv, "pip", "install", "--no-progress")
        else:
            make = ("python3", "-m", "venv", "--clear")
            install = (python, "-m", "pip", "install", "--disable-pip-version-check")
        steps = []
        if not Path(python).exists():
            steps.append(Step((*make, str(self.home)), self.folder, _CLEAN))
        if wanted := self.wanted():
            steps.append(Step((*install, *wanted), self.folder, env))
        return steps

    def wanted(self) -> tuple[str, ...]:
        """Return what pip is asked to install, as its own arguments.

        Dependency groups are written out, since pip knows them only from 25.1 on. Raises
        ``ConfigError`` for a broken pyproject.toml.
        """
        document = self._document
        project: dict[str, Any] = document.get("project", {})
        extras = [name for name in _TEST_NAMES if name in project.get("optional-dependencies", {})]
        wanted: list[str] = []
        if "build-system" in document:
            wanted += ["--editable", f".[{','.join(extras)}]" if extras else "."]
        else:
            wanted += project.get("dependencies", [])
            for name in extras:
                wanted += project["optional-dependencies"][name]
        groups = document.get("dependency-groups", {})
        for name in _TEST_NAMES:
            wanted += _group(groups, name)
        for path in self.requirement_files:
            if path.name != "requirements.txt" or not wanted:
                wanted += ["--requirement", path.name]
        return tuple(wanted)

    def failure(self, completed: Completed) -> SeatrialError:
        """Return what the installer's words mean."""
        if self.lock and "needs to be updated" in completed.err:
            return ConfigError(
                "uv.lock is not up to date with pyproject.toml",
                where=Where(self.lock),
                mend=f"run `uv lock` in {self.lock.parent} and commit the result",
                detail=evidence(completed),
            )
        files = (self.pyproject, *self.requirement_files)
        return install_failed(completed, next((f for f in files if f.is_file()), self.pyproject))

    def env(self, path: str) -> Mapping[str, str | None]:
        """Return the overlay of an activated environment."""
        first = programs_first(path, [self.home / "bin"], self.own_bin)
        return {**_CLEAN, "VIRTUAL_ENV": str(self.home), "PATH": first}

    @cached_property
    def _document(self) -> dict[str, Any]:
        try:
            return tomllib.loads(_text(self.pyproject))
        except tomllib.TOMLDecodeError as error:
            line = _TOML_LINE.search(str(error))
            where = Where(self.pyproject, int(line[1]) if line else 0)
            raise ConfigError(
                f"broken TOML: {error}", where=where, mend="mend the line that is named"
            ) from error

    def _named(self, option: str) -> list[str]:
        document = self._document
        there = (
            document.get("project", {}).get("optional-dependencies", {})
            if option == "--extra"
            else document.get("dependency-groups", {})
        )
        return [word for name in _TEST_NAMES if name in there for word in (option, name)]


def _group(groups: Mapping[str, Any], name: str, seen: tuple[str, ...] = ()) -> list[str]:
    """Return a dependency group written out (PEP 735); an inclusion in a circle ends."""
    if name in seen:
        return []
    written: list[str] = []
    for item in groups.get(name, []):
        if isinstance(item, str):
            written.append(item)
        else:
            written += _group(groups, item.get("include-group", ""), (*seen, name))
    return written


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
