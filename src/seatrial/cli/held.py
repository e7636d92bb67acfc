"""The command line for a program that holds its input: ``python -m seatrial.cli.held ARGUMENTS``.

It does what ``seatrial ARGUMENTS`` does, and takes the end of standard input for a SIGTERM: what a
server has begun ends in good order when the server is gone, however it went.
"""

from __future__ import annotations

import io
import os
import signal
import sys
import threading


def main() -> None:
    """Run the command line and exit with its code."""
    from seatrial.cli.app import run

    held = os.dup(0)
    # Nothing that is started here may wait for what is never written.
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123  # a descriptor is what is wanted
        os.dup2(nothing.fileno(), 0)
    threading.Thread(target=_watch, args=(held,), daemon=True).start()
    for stream in (sys.stdout, sys.stderr):
        # The reader takes UTF-8, whatever the user's language is.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    sys.exit(run(sys.argv[1:]))


def _watch(held: int) -> None:
    while os.read(held, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
