from __future__ import annotations

from pathlib import Path

import pytest

from @{package}.migrate import MIGRATIONS, pending


def test_what_is_new_runs_in_the_order_of_its_numbers() -> None:
    available = [Path("m/003_c.sql"), Path("m/001_a.sql"), Path("m/002_b.sql")]
    assert [path.name for path in pending(available, {"001_a.sql"})] == ["002_b.sql", "003_c.sql"]


def test_two_migrations_of_one_number_are_refused() -> None:
    with pytest.raises(SystemExit, match="002"):
        pending([Path("002_a.sql"), Path("002_b.sql")], set())


def test_the_numbers_of_this_service_are_all_different() -> None:
    assert pending(MIGRATIONS.glob("*.sql"), set())
