"""Where a repository begins, and what its seatrial.toml says."""

from __future__ import annotations

from pathlib import Path

from seatrial.config import FILE_NAME, Config, parse_bytes
from seatrial.discover.services import has_services
from seatrial.errors import ConfigError, Where


def find_root(start: Path) -> Path:
    """Return the root (a real path) of the repository that ``start`` lies in.

    The nearest folder from ``start`` upwards with a seatrial.toml; else the nearest one whose
    ``services/`` holds a service; else the top of the git work tree; else ``start``. The search
    does not leave the git work tree.
    """
    start = start.resolve()
    line = [start, *start.parents]
    top = next((folder for folder in line if (folder / ".git").exists()), None)
    if top is not None:
        line = line[: line.index(top) + 1]
    for folder in line:
        if (folder / FILE_NAME).is_file():
            return folder
    for folder in line:
        if has_services(folder / "services"):
            return folder
    return top or start


def load_config(root: Path) -> Config:
    """Return what ``root``'s seatrial.toml says, or ``Config()`` where there is none.

    Raises ``ConfigError`` where it cannot be read or understood.
    """
    file = root / FILE_NAME
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return Config()
    except OSError as error:
        raise ConfigError(
            f"cannot be read: {error.strerror}", where=Where(file), mend="make it a readable file"
        ) from None
    return parse_bytes(data, file)
