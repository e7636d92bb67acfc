"""Begins to measure each Python process of a run with ``--coverage``: PYTHONPATH leads here.

Python imports a module of this name by itself. It never breaks a process, does nothing where
SEATRIAL_COVERAGE is not set, and hands on to the ``sitecustomize`` that it stands before. Like its
neighbour it needs nothing but the standard library and is written in the Python of pytest 7 (3.7).
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))


def _begin() -> None:
    text = os.environ.get("SEATRIAL_COVERAGE")
    # Where it cannot, no data is written, which seatrial says.
    with contextlib.suppress(Exception):
        if text:
            importlib.import_module("seatrial_coverage").begin(text)


def _hand_on() -> None:
    """Import the module of the same name that this one hides."""
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != _HERE]
    own = sys.modules.pop("sitecustomize")
    try:
        importlib.import_module("sitecustomize")
    except ImportError as error:
        if error.name != "sitecustomize":
            raise
        # The import of this one wants to find it again.
        sys.modules["sitecustomize"] = own


_begin()
_hand_on()
