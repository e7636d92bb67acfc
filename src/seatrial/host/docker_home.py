"""What the ``docker`` CLI reads of its own: its settings, the context in force, its plugins."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# Where packages put plugins; the CLI looks in the user's folders first.
_SYSTEM_PLUGINS = (
    "/usr/local/lib/docker/cli-plugins",
    "/usr/local/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
    "/usr/libexec/docker/cli-plugins",
)


def settings(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return what is in the user's ``config.json``; nothing where it cannot be read."""
    try:
        found = json.loads((_folder(environment) / "config.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def context(environment: Mapping[str, str]) -> str:
    """Return the name of the context that the CLI would use; a host that is set is no context."""
    if environment.get("DOCKER_HOST"):
        return "default"
    said = environment.get("DOCKER_CONTEXT") or settings(environment).get("currentContext")
    return said if isinstance(said, str) and said else "default"


def plugin(name: str, environment: Mapping[str, str]) -> str | None:
    """Return the program of a plugin; ``None`` where it is in none of the CLI's folders."""
    extra = settings(environment).get("cliPluginsExtraDirs")
    folders = (
        [Path(one) for one in extra if isinstance(one, str)] if isinstance(extra, list) else []
    )
    own = _folder(environment) / "cli-plugins"
    for folder in (*folders, own, *map(Path, _SYSTEM_PLUGINS)):
        program = folder / f"docker-{name}"
        if program.is_file() and os.access(program, os.X_OK):
            return str(program)
    return None


def _folder(environment: Mapping[str, str]) -> Path:
    said = environment.get("DOCKER_CONFIG")
    return Path(said) if said else Path(environment.get("HOME") or "/", ".docker")
