"""Disk to Project: which services there are and what tests them.

``docs/reference/layout.md`` tells the rules that stand here in code.
"""

from seatrial.discover.project import discover
from seatrial.discover.root import find_root, load_config

__all__ = ["discover", "find_root", "load_config"]
