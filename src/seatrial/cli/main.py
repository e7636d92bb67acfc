"""Where ``seatrial`` begins; the version is answered before anything is imported."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    from seatrial import __version__

    if sys.argv[1:] in (["--version"], ["-V"]):
        print(f"seatrial {__version__}")
        return
    from seatrial.cli.app import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
