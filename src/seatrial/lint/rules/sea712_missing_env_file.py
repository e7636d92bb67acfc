"""A service reads an env file that is not there, and no example says what it must hold.

## Why

Compose refuses the whole project for a missing `env_file`. Whoever clones the repository can start
nothing, and is not told why.

## Example

```yaml
services:
  api:
    image: example/api:1.4
    env_file: api.env
```

## Better

```yaml
services:
  api:
    image: example/api:1.4
    env_file:
      - path: api.env
        required: false
```

## Mend

Mend the path, check in an example beside it (`api.env.example`), or mark it `required: false`.
A file that `.gitignore` names is left in peace.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.composefile.tree import ListNode, MapNode, Node, ScalarNode
from seatrial.lint.documents import ComposeDocument, Repository, scalar
from seatrial.lint.helpers.layers import with_key
from seatrial.lint.helpers.places import ignored, lacks, resolved
from seatrial.lint.model import Category, Hit, Rule, Severity, Span

_PORTAINER = "stack.env"  # Portainer writes it, from the variables of its form
_EXAMPLES = ("example", "sample", "template", "dist")


def _check(document: ComposeDocument) -> Iterator[Hit]:
    repository = document.repository
    for _, env_file, names in with_key(document, "env_file"):
        for node in _files(env_file):
            paths = resolved(document, node.text)
            if lacks(repository, paths) and not any(_told(repository, path) for path in paths):
                what = f"{names} reads {paths[0]}, which is not there"
                yield Hit(Span(*node.span), what)


def _files(node: Node) -> Iterator[ScalarNode]:
    for item in node.items if isinstance(node, ListNode) else (node,):
        path = item.get("path") if isinstance(item, MapNode) else item
        if isinstance(item, MapNode) and scalar(item.get("required")) == "false":
            continue
        if isinstance(path, ScalarNode):
            yield path


def _told(repository: Repository, path: str) -> bool:
    """Return whether ``path`` is made by whoever clones the repository."""
    folder, _, name = path.rpartition("/")
    if name == _PORTAINER:
        return True
    prefix = f"{folder}/" if folder else ""
    examples = [f"{prefix}{name}.{word}" for word in _EXAMPLES]
    examples += [f"{prefix}{word}.env" for word in _EXAMPLES]
    examples += [f"{prefix}.env.{word}" for word in _EXAMPLES]
    examples += [f"{prefix}{name.removesuffix('.env')}.{word}.env" for word in _EXAMPLES]
    return any(each in repository.paths for each in examples) or ignored(repository, path)


RULE = Rule(
    code="SEA712",
    name="missing-env-file",
    severity=Severity.ERROR,
    category=Category.REPOSITORY,
    mend="mend the path, check in an example, or mark it required: false",
    of=ComposeDocument,
    check=_check,
)
