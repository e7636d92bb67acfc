"""The compose files of ``tests/projects/compose`` and the variables that they are read with."""

from __future__ import annotations

from pathlib import Path

from seatrial.composefile.load import default_files

CORPUS = Path(__file__).parents[2] / "projects" / "compose"
VARIABLES = {"SET": "set", "EMPTY": "", "TEST_INSTANCE_ID": "abc123"}
GOOD = sorted(folder.name for folder in CORPUS.iterdir() if folder.name != "bad")
BAD = sorted(f"bad/{file.name}" for file in (CORPUS / "bad").glob("*.yaml"))


def files_of(case: str) -> tuple[Path, ...]:
    """Return the files of a case: one in ``bad``, else what Compose would read in its folder."""
    path = CORPUS / case
    return (path,) if path.is_file() else default_files(path)
