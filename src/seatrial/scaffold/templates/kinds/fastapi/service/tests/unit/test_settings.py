from __future__ import annotations

from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from @{package}.settings import database

URL = "postgresql://someone@database:5432/notes"


def test_says_what_the_environment_lacks() -> None:
    with pytest.raises(SystemExit, match="DATABASE_URL"):
        database({})


def test_the_password_comes_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("p@ss/word\n", encoding="utf-8")
    env = {"DATABASE_URL": URL, "DATABASE_PASSWORD_FILE": str(file)}
    found = conninfo_to_dict(database(env))
    assert (found["password"], found["user"]) == ("p@ss/word", "someone")


def test_names_a_password_file_that_is_missing(tmp_path: Path) -> None:
    file = str(tmp_path / "nothing")
    with pytest.raises(SystemExit, match="nothing cannot be read"):
        database({"DATABASE_URL": URL, "DATABASE_PASSWORD_FILE": file})
