"""Options and facts that several verbs share."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.config.model import Config
from seatrial.host.state import Folders, user_folders
from seatrial.model.project import Project

if TYPE_CHECKING:
    from seatrial.render.choose import Choice


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a verb was called: the repository's root, its file, the user's environment."""

    root: Path
    config: Config
    environment: Mapping[str, str]
    folders: Folders

    def project(self) -> Project:
        """Return what the repository holds. Raises ``NoTests``, ``ConfigError``."""
        from seatrial.discover import discover

        return discover(self.root, self.config, has_program=lambda name: bool(shutil.which(name)))


def surroundings() -> Surroundings:
    """Find the repository around the current folder and read its ``seatrial.toml``."""
    from seatrial.discover import find_root, load_config

    environment = dict(os.environ)
    root = find_root(Path.cwd())
    return Surroundings(root, load_config(root), environment, user_folders(environment))


def terminal_width() -> int:
    """Return the width to write for, in columns."""
    return shutil.get_terminal_size().columns


def is_terminal() -> bool:
    """Return whether standard output is a terminal."""
    return sys.stdout.isatty()


def is_interactive() -> bool:
    """Return whether a person can be asked: standard input and output are terminals."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def display() -> Choice:
    """Return how lines that are no run's are shown: their colours and glyphs."""
    from seatrial.render.choose import Display, Facts, choose

    facts = Facts(is_terminal(), sys.stdout.encoding, terminal_width(), dict(os.environ))
    return choose(Display.AUTO, facts)
