"""The ``node_modules`` of a Node folder, installed by npm."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from seatrial.errors import ConfigError, RuntimeMissing, SeatrialError, Where
from seatrial.host.processes import Completed
from seatrial.toolchains.recipe import Find, Step, digest, evidence, install_failed, programs_first

_OTHER_LOCKS = {
    "pnpm-lock.yaml": "pnpm install --frozen-lockfile",
    "yarn.lock": "yarn install --frozen-lockfile",
    "bun.lock": "bun install --frozen-lockfile",
}

_ASKS = {
    *("dependencies", "devDependencies", "optionalDependencies", "peerDependencies"),
    *("bundleDependencies", "workspaces"),
}


@dataclass(frozen=True)
class NodeRecipe:
    """``folder`` holds a package.json; ``own_bin`` is seatrial's own folder of
    programs, which must not stay on PATH."""

    folder: Path
    find: Find
    own_bin: str = ""

    @property
    def kind(self) -> str:
        """Return ``npm``."""
        return "npm"

    @cached_property
    def home(self) -> Path:
        """Return where ``node_modules`` stands: the folder, or the npm workspace above it."""
        if not (self.folder / "package-lock.json").is_file():
            for above in self.folder.parents:
                if (above / "package-lock.json").is_file() and "workspaces" in _json(
                    above / "package.json"
                ):
                    return above
                if (above / ".git").exists():
                    break
        return self.folder

    @property
    def modules(self) -> Path:
        """Return the path of ``node_modules``, there or not."""
        return self.home / "node_modules"

    @property
    def lock(self) -> Path:
        """Return the path of package-lock.json, there or not."""
        return self.home / "package-lock.json"

    @property
    def stamp(self) -> Path:
        """Return the file inside ``node_modules`` that says what was installed."""
        return self.modules / ".seatrial-stamp"

    def fingerprint(self) -> str:
        """Return a hash of the lock, the declarations, and what npm says it installed."""
        return digest(
            self.lock,
            self.folder / "package.json",
            self.modules / ".package-lock.json",
        )

    def is_installed(self) -> bool:
        """Return whether ``node_modules`` already holds just what the lock asks for.

        npm keeps the tree that it installed in ``node_modules/.package-lock.json``. A tree that
        another installer made (pnpm, yarn) cannot be judged and is left alone. Where no packages
        are asked for, npm makes no ``node_modules``, and there is nothing to do.
        """
        if not self.lock.is_file():
            locked = any((self.home / name).is_file() for name in _OTHER_LOCKS)
            return self.modules.is_dir() or (not locked and self._asks_nothing())
        asked = _packages(self.lock)
        if not asked and self._asks_nothing():
            return True
        there = _packages(self.modules / ".package-lock.json")
        missing = asked.keys() - there.keys()
        return (
            bool(there)
            and there.keys() <= asked.keys()
            and all(asked[name].get("optional") or asked[name].get("peer") for name in missing)
            and all(_same(asked[name], package) for name, package in there.items())
        )

    def _asks_nothing(self) -> bool:
        declared = _json(self.folder / "package.json")
        return bool(declared) and not _ASKS & declared.keys()

    def steps(self) -> Sequence[Step]:
        """Return the one command; without a lock it must not write one."""
        if self.find("npm") is None:
            raise RuntimeMissing(
                "npm is not installed, and it installs what package.json asks for",
                where=Where(self.home / "package.json"),
                mend="install Node.js with npm, or leave the suite out with --stage or a name",
            )
        for name, command in _OTHER_LOCKS.items():
            if (self.home / name).is_file() and not self.lock.is_file():
                raise RuntimeMissing(
                    f"{name} belongs to another installer than npm",
                    where=Where(self.home / name),
                    mend=f"run `{command}` in {self.home} first; what it installed is then used",
                )
        words = ("ci",) if self.lock.is_file() else ("install", "--no-package-lock")
        argv = ("npm", *words, "--no-audit", "--no-fund", "--no-progress")
        return [Step(argv, self.home)]

    def failure(self, completed: Completed) -> SeatrialError:
        """Return what npm's words mean."""
        if "EUSAGE" in completed.err and "in sync" in completed.err:
            return ConfigError(
                "package-lock.json is not up to date with package.json",
                where=Where(self.lock),
                mend=f"run `npm install` in {self.home} and commit the result",
                detail=evidence(completed),
            )
        if "EJSONPARSE" in completed.err:
            return ConfigError(
                "package.json is not JSON",
                where=Where(self.home / "package.json"),
                mend="mend what npm names",
                detail=evidence(completed),
            )
        return install_failed(completed, self.home / "package.json")

    def env(self, path: str) -> Mapping[str, str | None]:
        """Return the overlay under which the installed programs come first."""
        folders = [self.folder / "node_modules" / ".bin", self.modules / ".bin"]
        hide: Mapping[str, str | None] = {"VIRTUAL_ENV": None} if self.own_bin else {}
        return {**hide, "PATH": programs_first(path, folders, self.own_bin)}


def _same(asked: Mapping[str, Any], there: Mapping[str, Any]) -> bool:
    return all(asked.get(key) == there.get(key) for key in ("version", "integrity", "link"))


def _packages(lock: Path) -> dict[str, dict[str, Any]]:
    packages = _json(lock).get("packages", {})
    return {name: package for name, package in packages.items() if "node_modules" in name}


def _json(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}
