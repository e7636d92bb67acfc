"""What a Dockerfile's RUN lines mean where nothing is built."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from seatrial.runtimes.process.dockerfile.model import Run

_SEPARATORS = re.compile(r"&&|\|\||;|\||\n")
_ASSIGNMENT = re.compile(r"^\w+=\S*$")
_PACKAGES = {"apt-get": "install", "apt": "install", "apk": "add", "dnf": "install"}
_INSTALLERS = ("pip", "pip3", "uv", "poetry", "pipenv", "pdm", "npm", "yarn", "pnpm", "corepack")
_INSTALL_WORDS = (
    *("install", "ci", "sync", "add", "i", "enable", "venv", "config", "export", "lock"),
    *("cache", "prune"),
)
# Prepares the file system of an image, which a process does not have.
_HOUSEKEEPING = frozenset(
    (
        "mkdir",
        "chown",
        "chmod",
        "useradd",
        "adduser",
        "usermod",
        "addgroup",
        "groupadd",
        "rm",
        "ln",
        "set",
        "echo",
        "cd",
        "find",
        "cp",
        "mv",
        "touch",
        "true",
        "test",
        "[",
        "export",
        "cat",
        "sed",
        "install",
        "update-ca-certificates",
        "locale-gen",
        "apk",
        "apt-get",
        "apt",
        "dnf",
        "yum",
        "getent",
        "printf",
        "ldconfig",
    )
)


@dataclass(frozen=True, slots=True)
class RunLines:
    """``packages`` of the system that were installed; ``built``: lines that make something."""

    packages: tuple[str, ...]
    built: tuple[Run, ...]


def judged(runs: Sequence[Run]) -> RunLines:
    """Return what the lines would have brought that no toolchain brings."""
    packages: list[str] = []
    built = []
    for run in runs:
        for words in _commands(run.text):
            packages.extend(brings_packages(words))
        if any(makes_something(words) for words in _commands(run.text)):
            built.append(run)
    return RunLines(tuple(dict.fromkeys(packages)), tuple(built))


def _commands(text: str) -> Iterator[list[str]]:
    for part in _SEPARATORS.split(text):
        words = part.split()
        while words and _ASSIGNMENT.match(words[0]):
            words = words[1:]
        if words:
            yield words


def brings_packages(words: list[str]) -> list[str]:
    """Return the packages of the system that a command installs."""
    verb = _PACKAGES.get(words[0])
    if verb is None or verb not in words:
        return []
    after = words[words.index(verb) + 1 :]
    return [w.partition("=")[0] for w in after if not w.startswith(("-", "$", ".")) and w != "\\"]


def makes_something(words: list[str]) -> bool:
    """Return whether a command makes what neither a toolchain nor a package brings."""
    program = words[0].rpartition("/")[2]
    if program in ("python", "python3") and len(words) > 2 and words[1] == "-m":
        program, words = words[2], words[2:]
    if program in _INSTALLERS:
        return len(words) > 1 and words[1] not in _INSTALL_WORDS and not words[1].startswith("-")
    return program not in _HOUSEKEEPING and program not in ("venv", "ensurepip", "compileall")
