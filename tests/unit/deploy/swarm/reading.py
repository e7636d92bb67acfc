"""What ``docker compose config`` says, for tests of what is made of it. It takes no engine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from seatrial.deploy.swarm.stack import unescaped


def config_of(file: Path, **variables: str) -> Mapping[str, Any]:
    """Return the compose file as a deployment reads it."""
    if shutil.which("docker") is None:
        pytest.skip("needs the docker CLI with Compose (no engine)")
    answer = subprocess.run(
        ["docker", "compose", "-p", "shop", "-f", str(file), "config", "--format", "json"],
        capture_output=True,
        text=True,
        env={**os.environ, "KEY": "secret", **variables},
        check=False,
    )
    if "docker --help" in answer.stderr:
        pytest.skip("needs Compose")
    assert answer.returncode == 0, answer.stderr
    config: Mapping[str, Any] = unescaped(json.loads(answer.stdout))
    return config
