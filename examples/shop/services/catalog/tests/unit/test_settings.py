from __future__ import annotations

import pytest

from catalog.settings import Settings


def test_names_what_the_environment_lacks() -> None:
    with pytest.raises(SystemExit, match="set RATES_URL in"):
        Settings.from_env({"DATABASE_URL": "postgresql://localhost/shop"})
