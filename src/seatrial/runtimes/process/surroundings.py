"""The variables that services see: what a container would, not the user's own."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from seatrial.host.ledger import RUN_VARIABLE
from seatrial.runtimes.process.programs import redis_cli

ENVIRONMENT_VARIABLE = "SEATRIAL_ENVIRONMENT"
ADDRESS_VARIABLE = "SEATRIAL_ADDRESS"
# What makes programs of this machine work at all; the rest would change how services behave.
_KEPT = frozenset(
    (
        *("PATH", "USER", "LOGNAME", "SHELL", "TZ", "LANG", RUN_VARIABLE),
        *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR"),
        *("NODE_EXTRA_CA_CERTS",),
    )
)
# -I and -S: 12 ms to start instead of 20. The variables are what health checks are given.
_REDIS_CLI = """#!/bin/sh
exec "{python}" -I -S "{program}" -h "${{SEATRIAL_REDIS_HOST:-127.0.0.1}}" \\
  -p "${{SEATRIAL_REDIS_PORT:-6379}}" -a "$REDISCLI_AUTH" "$@"
"""
# Not imported: it would bring all of urllib.
_PROGRAM_OF_WGET = Path(redis_cli.__file__).with_name("wget.py")
# Images of alpine have it, and their health checks ask with it.
_WGET = """#!/bin/sh
exec "{python}" -I -S "{program}" "$@"
"""
# The image's own environment; the toolchain brings another.
# An image need not keep compiled Python; here it is what makes the next start quick.
_TOOLCHAIN_VARIABLE = re.compile(
    r"^(PATH|VIRTUAL_ENV|UV_.*|PIP_.*|PYTHONHOME|PYTHONDONTWRITEBYTECODE|NODE_VERSION)$"
)
# What images' scripts ask for the address of their container (hostname -i).
_HOSTNAME = f"""#!/bin/sh
case "$1" in
  -i | -I | --ip-address | --all-ip-addresses) echo "${ADDRESS_VARIABLE}" ;;
  *) echo "$HOSTNAME" ;;
esac
"""


def hidden(environment: Mapping[str, str]) -> dict[str, str | None]:
    """Return the overlay that takes the user's own variables away."""
    return {name: None for name in environment if name not in _KEPT}


def image_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of an image without those that say where its programs are."""
    return {n: value for n, value in variables.items() if not _TOOLCHAIN_VARIABLE.match(n)}


def private(folder: Path, token: str, host: str) -> dict[str, str]:
    """Return a service's own home and temporary folder, both made, its mark and its address."""
    home, temporary = folder / "home", folder / "tmp"
    for path in (home, temporary):
        path.mkdir(parents=True, exist_ok=True)
    return {
        "HOME": str(home),
        "TMPDIR": str(temporary),
        # Its own name resolves in a container, and servers such as Next bind to it.
        "HOSTNAME": host,
        # What a script installs or removes by `uv run` would change under running tests.
        "UV_NO_SYNC": "1",
        ADDRESS_VARIABLE: host,
        ENVIRONMENT_VARIABLE: token,
    }


def stand_ins(folder: Path, find: Callable[[str], str | None]) -> Path:
    """Make the folder of programs that images have and this machine may lack; return it.

    ``find`` tells where a program is, as in :meth:`seatrial.host.processes.Processes.find`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    client = _REDIS_CLI.format(python=sys.executable, program=redis_cli.__file__)
    programs = {"redis-cli": client, "valkey-cli": client, "hostname": _HOSTNAME}
    if find("wget") is None:
        programs["wget"] = _WGET.format(python=sys.executable, program=_PROGRAM_OF_WGET)
    for name, text in programs.items():
        path = folder / name
        path.write_text(text)
        path.chmod(0o755)
    # Every Python image has python; Debian has only python3.
    if find("python") is None and (python := find("python3")) is not None:
        (folder / "python").unlink(missing_ok=True)
        (folder / "python").symlink_to(python)
    return folder


def path_of(*parts: str | Path | None, first: Iterable[Path] = ()) -> str:
    """Return a PATH of folders and lists of folders, the empty ones left out."""
    every = (*map(str, first), *(str(part) for part in parts if part))
    return os.pathsep.join(part for part in every if part)
