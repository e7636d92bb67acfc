"""Where the services under test are."""

from __future__ import annotations

import os
import re

import pytest


def service_url(service: str) -> str:
    """Return the URL of a service of the test environment, without a slash at its end.

    ``service`` is its name in the compose file; the URL is what ``TEST_<SERVICE>_URL`` holds. Fails
    the test where that is not set.
    """
    name = f"TEST_{re.sub('[-.]', '_', service.upper())}_URL"
    url = os.environ.get(name)
    if not url:
        pytest.fail(_missing(name), pytrace=False)
    return url.rstrip("/")


def _missing(name: str) -> str:
    there = sorted(n for n in os.environ if n.startswith("TEST_") and n.endswith("_URL"))
    return "\n".join(
        (
            f"{name} is not set",
            f"  set are: {', '.join(there)}"
            if there
            else "  no TEST_…_URL is: no test environment",
            "  help: run the tests by `seatrial test`, or in an environment that stands:",
            '        seatrial up test && eval "$(seatrial env test)" && pytest',
        )
    )
