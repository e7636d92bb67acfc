#!/usr/bin/env python3
"""All three stages, one after another: scripts/test-runner.py [-v] [ARGUMENT...]"""

import os
import sys
from pathlib import Path

if __name__ == "__main__":
    os.chdir(Path(__file__).resolve().parent.parent)
    os.execvp("seatrial", ["seatrial", "test", *sys.argv[1:]])
