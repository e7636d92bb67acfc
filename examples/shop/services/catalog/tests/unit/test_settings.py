from __future__ import annotations

from pathlib import Path

import pytest

from catalog.settings import Settings


def test_names_what_the_environment_lacks() -> None:
    with pytest.raises(SystemExit, match="set RATES_URL in"):
        Settings.from_env({"DATABASE_URL": "postgresql://localhost/shop"})


def test_takes_the_password_of_the_database_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("a/b c\n")
    settings = Settings.from_env(
        {
            "DATABASE_URL": "postgresql://shop@database:5432/shop",
            "DATABASE_PASSWORD_FILE": str(secret),
            "RATES_URL": "http://rates/",
        }
    )
    assert settings.database_url == "postgresql://shop:a%2Fb%20c@database:5432/shop"
