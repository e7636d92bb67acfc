"""Who this user is at a registry, as ``docker login`` has kept it."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from seatrial.host import docker_home

_SECONDS = 20.0
# A credential helper gives this name with a token that is to be traded for others.
_TOKEN_USER = "<token>"


@dataclass(frozen=True, slots=True)
class Login:
    """A user and their password; or ``token``, an identity token that stands in for both."""

    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    @property
    def basic(self) -> str:
        """Return the value of an ``Authorization`` header."""
        return "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()


def login_of(server: str, environment: Mapping[str, str]) -> Login | None:
    """Return the login at ``server`` (as the docker CLI calls it); ``None`` where there is none.

    A helper that fails, and a file that cannot be read, count as no login: the registry says then
    whether one is needed.
    """
    settings = docker_home.settings(environment)
    helpers = settings.get("credHelpers")
    helper = helpers.get(server) if isinstance(helpers, dict) else None
    helper = helper or settings.get("credsStore")
    if isinstance(helper, str) and helper and (login := _helped(helper, server, environment)):
        return login
    auths = settings.get("auths")
    for key in (server, f"https://{server}", f"https://{server}/v1/", f"https://{server}/v2/"):
        entry = auths.get(key) if isinstance(auths, dict) else None
        if isinstance(entry, dict) and (login := _written(entry)):
            return login
    return None


def _written(entry: Mapping[str, Any]) -> Login | None:
    if token := entry.get("identitytoken"):
        return Login(token=str(token))
    try:
        written = base64.b64decode(str(entry.get("auth") or "")).decode()
    except ValueError:
        return None
    user, colon, password = written.partition(":")
    return Login(user, password.rstrip("\0")) if colon else None


def _helped(helper: str, server: str, environment: Mapping[str, str]) -> Login | None:
    program = shutil.which(f"docker-credential-{helper}", path=environment.get("PATH"))
    if program is None:
        return None
    try:
        done = subprocess.run(
            [program, "get"],
            input=server.encode(),
            env=dict(environment),
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
        found = json.loads(done.stdout) if done.returncode == 0 else None
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    if not isinstance(found, dict) or not found.get("Secret"):
        return None
    user, secret = str(found.get("Username") or ""), str(found["Secret"])
    return Login(token=secret) if user == _TOKEN_USER else Login(user, secret)
