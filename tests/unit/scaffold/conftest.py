"""A small set of templates: two kinds of every form, that no change of the real ones touches."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

COMPOSE = "repository/deploy/{stage}/docker-compose.yml"
FILES = {
    "project/Makefile": "# Mine.\nSERVICES :=\n\ntest:\n\ttrue\n",
    "project/dot.gitignore": ".env\n",
    "project/README.md": "# @{project}\n",
    "project/scripts/run.sh": "#!/bin/sh\n",
    "stack/deploy/dev/docker-compose.yml": "name: @{project}-dev\n",
    "stack/deploy/test/docker-compose.yml": "# Tests.\nname: @{project}-test\n",
    "stack/deploy/dev/dot.env.example": "# Copy to .env.\n",
    "stack/pyproject.toml": '[project]\nname = "@{project}"\n',
    "kinds/fastapi/service/Dockerfile": "FROM python:@{python}\n",
    "kinds/fastapi/service/_package_/app.py": "NAME = '@{service}'\n",
    "kinds/fastapi/repository/tests/integration/test__package_.py": "",
    "kinds/fastapi/repository/deploy/dev/docker-compose.yml": """\
        services:
          @{service}:
            image: @{service}
            ports:
              - "127.0.0.1:${@{env}_PORT:-@{host_port}}:@{port}"
        """,
    "kinds/fastapi/repository/deploy/dev/dot.env.example": "\n# Of @{service}.\n@{env}_PORT=1\n",
    "kinds/fastapi/repository/deploy/test/docker-compose.yml": """\
        services:
          @{service}:
            image: @{service}
          @{service}-migrate:
            image: @{service}
        """,
    "kinds/fastapi/with-postgres/repository/deploy/test/docker-compose.yml": """\
        services:
          @{backing_service}:
            image: @{backing_image}
        """,
    "kinds/worker/service/Dockerfile": "FROM python:@{python}\n",
    "kinds/worker/repository/deploy/test/docker-compose.yml": """\
        services:
          @{service}:
            image: @{service}
            depends_on: [@{backing_service}]
        """,
    "backings/valkey/repository/deploy/test/docker-compose.yml": """\
        services:
          @{backing_service}:
            image: @{backing_image}
        volumes:
          @{backing_service}:
        """,
    "kinds/frontend/service/Dockerfile": "FROM node:@{node}\n",
    "kinds/frontend/service/calls.txt": "@{upstream}:@{upstream_port}\n",
    "kinds/python-lib/service/_package_/__init__.py": "",
    "kinds/python-lib/service/Makefile": "lint:\n",
    "ci/github/dot.github/workflows/test.yml": "name: @{version}\n",
    "ci/gitea/dot.gitea/workflows/test.yml": """\
        strategy:
          matrix:
            service: [@{services | join(", ")}]
        """,
}


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("templates")
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
        path.chmod(0o755 if name.endswith(".sh") else 0o644)
    return folder
