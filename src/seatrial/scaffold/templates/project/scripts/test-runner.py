#!/usr/bin/env python3
"""All three stages, one after another: scripts/test-runner.py [-v] [ARGUMENT...]"""

import os
import shlex
import sys
from pathlib import Path

if __name__ == "__main__":
    os.chdir(Path(__file__).resolve().parent.parent)
    words = shlex.split(os.environ.get("SEATRIAL", "seatrial"))
    os.execvp(words[0], [*words, "test", *sys.argv[1:]])
