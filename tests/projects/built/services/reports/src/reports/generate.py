"""Writes the table: ``python -m reports.generate FILE``."""

import json
import sys
from pathlib import Path

Path(sys.argv[1]).write_text(json.dumps({"squares": [n * n for n in range(4)]}))
