"""The files of a proposal onto the disk: all of them, read back, or none."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from seatrial.composefile.load import load
from seatrial.discover import load_config
from seatrial.discover.services import find_services
from seatrial.discover.suites import Finder
from seatrial.errors import SeatrialError
from seatrial.host.changes import Change, apply
from seatrial.scaffold.adopt.model import Proposal


def write(proposal: Proposal) -> None:
    """Write what is missing, and read it as a run would.

    Raises ``EnvironmentFailure`` where a file cannot be written or is there by now, and whatever
    reading raises; then nothing is left of it.
    """
    root = proposal.findings.root
    changes = [Change(root / file.path, file.text.encode()) for file in proposal.missing]
    folders = {at for change in changes for at in change.path.parents if not at.exists()}
    apply(changes)
    try:
        _read_back(proposal, root)
    except SeatrialError:
        for change in changes:
            change.path.unlink()
        for folder in sorted(folders, reverse=True):
            # Somebody may have put something there meanwhile.
            with suppress(OSError):
                folder.rmdir()
        raise


def _read_back(proposal: Proposal, root: Path) -> None:
    config = load_config(root)
    finder = Finder(root, config)
    for service in find_services(root, config):
        list(finder.of_service(service))
    list(finder.of_root())
    for file in proposal.missing:
        if file.path.endswith((".yml", ".yaml")):
            load([root / file.path], {"TEST_INSTANCE_ID": "init"})
