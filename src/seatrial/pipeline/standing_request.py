"""Which environments a repository has, and what one of them is asked to be."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from seatrial.composefile.lenient import Read, dotenv, load_leniently
from seatrial.config.model import Config
from seatrial.discover.look import compose_files, shown
from seatrial.errors import UsageError
from seatrial.host.system import user_ids
from seatrial.model.environment import EnvironmentRequest
from seatrial.model.identity import instance_id, project_name, slug
from seatrial.model.redact import Redactor, secret_values
from seatrial.pipeline.naming import GIVEN
from seatrial.planning.plan import BOOT_TIMEOUT

FOLDER = "deploy"
DEV, TEST, PROD = "dev", "test", "prod"
# A secret file larger than this many bytes is no password.
_LARGEST_SECRET = 64 * 1024
_PROJECT = "COMPOSE_PROJECT_NAME"
# What Compose leaves of a folder's name: compose-go, loader.NormalizeProjectName.
_NOT_IN_A_PROJECT = re.compile(r"[^-_a-z0-9]")


@dataclass(frozen=True, slots=True)
class Found:
    """An environment's compose files, read; ``request`` is what a runtime is handed."""

    request: EnvironmentRequest
    read: Read


def environments(root: Path, config: Config) -> dict[str, tuple[Path, ...]]:
    """Return the compose files of each environment: the folders of ``deploy/``, by their names.

    Where a repository was adopted and has no such folder, ``dev`` is what plain ``docker compose``
    starts at the root, and ``test`` what seatrial.toml says.
    """
    found = {}
    place = root / FOLDER
    for folder in sorted(place.iterdir()) if place.is_dir() else ():
        if folder.is_dir() and (files := compose_files(folder)):
            found[folder.name] = files
    if DEV not in found and (files := compose_files(root)):
        found[DEV] = files
    mapped = config.integration.compose or ()
    if not mapped and config.paths.integration_compose:
        mapped = (config.paths.integration_compose,)
    if mapped:
        found[TEST] = tuple(Path(os.path.normpath(root / name)) for name in mapped)
    return found


def compose_files_of(name: str, root: Path, config: Config) -> tuple[Path, ...]:
    """Return the compose files of the environment called ``name``. Raises ``UsageError``."""
    known = environments(root, config)
    if name not in known:
        raise _no_such(name, root, known)
    return known[name]


def find(
    name: str,
    root: Path,
    config: Config,
    environment: Mapping[str, str],
    *,
    worktree: str,
    run: str,
    timeout: float | None = None,
) -> Found:
    """Return the environment called ``name``. Raises ``UsageError``, ``ConfigError``.

    ``timeout`` is the boot's, in seconds.
    """
    files = compose_files_of(name, root, config)
    folder = files[0].parent
    variables, instance = dict(environment), ""
    if name == TEST:
        instance = instance_id(worktree, 0, TEST, environment.get(GIVEN) or None)
        variables[GIVEN] = instance
    set_there = dotenv(folder, variables)
    for wanted, number in zip(("HOST_UID", "HOST_GID"), user_ids(), strict=True):
        if wanted not in set_there:
            variables.setdefault(wanted, str(number))
    read = load_leniently(files, variables)
    repository = config.name or root.name or "root"
    project = project_name(repository, instance) if instance else ""
    asked = variables.get(_PROJECT) or set_there.get(_PROJECT) or read.project.name
    project = project or _as_compose_has_it(asked or f"{slug(repository, 40, 'repo')}-{name}")
    request = EnvironmentRequest(
        key=name,
        run=run,
        root=root,
        files=files,
        instance=instance or project,
        project=project,
        variables=variables,
        labels={
            "dev.seatrial.root": str(root),
            "dev.seatrial.worktree": worktree,
            "dev.seatrial.environment": name,
        },
        boot_timeout=timeout or config.run.boot_timeout or BOOT_TIMEOUT,
    )
    return Found(request, read)


def redactor(found: Found) -> Redactor:
    """Return what hides the secrets of an environment: of variables, services and secret files."""
    request, project = found.request, found.read.project
    known = {**dotenv(request.files[0].parent, request.variables), **request.variables}
    secrets = secret_values(known)
    for service in project.services.values():
        own = {name: value for name, value in service.environment.items() if value}
        secrets |= secret_values(own)
    for secret in project.secrets.values():
        secrets.add(known.get(secret.environment or "", ""))
        secrets.add(_content(secret.file))
    return Redactor(filter(None, secrets), (request.root.name, *project.services))


def _as_compose_has_it(name: str) -> str:
    return _NOT_IN_A_PROJECT.sub("", name.lower()).lstrip("-_") or "root"


def _no_such(name: str, root: Path, known: Mapping[str, tuple[Path, ...]]) -> UsageError:
    if not known:
        return UsageError(
            f"there is no environment {name!r}: no compose file in {root / FOLDER / name}",
            mend=f"write {FOLDER}/{name}/docker-compose.yml, or run seatrial in a repository"
            " that has one (-C DIR)",
        )
    listed = ", ".join(f"{one} ({shown(files[0], root)})" for one, files in known.items())
    return UsageError(f"there is no environment {name!r}", mend=f"there are: {listed}")


def _content(file: Path | None) -> str:
    try:
        if file is None or file.stat().st_size > _LARGEST_SECRET:
            return ""
        return file.read_text(errors="replace")
    except OSError:
        return ""
