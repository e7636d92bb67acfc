"""A container's working folder put together from several host folders, by links."""

from __future__ import annotations

from pathlib import Path

from seatrial.runtimes.process.paths import Layout


def assemble(layout: Layout, root: Path) -> Path:
    """Return the folder to run in: the host's own, or ``root`` filled with links to the copies."""
    if layout.folder is not None:
        return layout.folder
    root.mkdir(parents=True, exist_ok=True)
    for at, host in layout.links:
        _lay(root, root if at == "." else root / at, host)
    return root


def _lay(root: Path, target: Path, host: Path) -> None:
    """Put ``host`` at ``target``; a folder that is there already is merged with it."""
    for parent in reversed(target.parents):
        if root in parent.parents or parent == root:
            _opened(parent)
    if target.is_dir() and host.is_dir():
        _opened(target)
        for child in sorted(host.iterdir()):
            _lay(root, target / child.name, child)
        return
    target.unlink(missing_ok=True)
    target.symlink_to(host)


def _opened(folder: Path) -> None:
    """Make ``folder`` a real one, its entries links, where it was a link itself."""
    if folder.is_symlink():
        source = folder.resolve()
        folder.unlink()
        folder.mkdir()
        for child in sorted(source.iterdir()):
            (folder / child.name).symlink_to(child)
    elif not folder.exists():
        folder.mkdir(parents=True)
