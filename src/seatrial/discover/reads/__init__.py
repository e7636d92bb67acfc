"""What a suite reads: files and folders whose change may change how its tests end.

Where something cannot be read, all around it counts: a suite that runs in vain costs time, one that
is left out wrongly hides a fault.
"""

from seatrial.discover.reads.model import Dependency
from seatrial.discover.reads.suites import Reader

__all__ = ["Dependency", "Reader"]
