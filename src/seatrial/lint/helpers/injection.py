"""Which expressions of a workflow hold text that others choose, and how a script does without."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from seatrial.composefile.tree import MapNode, Node, ScalarNode
from seatrial.lint.documents import WorkflowDocument, scalar, words
from seatrial.lint.edits import insert_after, is_block
from seatrial.lint.helpers.workflows import Step, events, runs_bash
from seatrial.lint.model import Edit, Fix, Span

# https://docs.github.com/actions/concepts/security/script-injections
_UNTRUSTED = re.compile(
    r"\bgithub\.(?:head_ref\b|event\.(?:"
    r"(?:issue|pull_request|discussion)\.(?:title|body)\b"
    r"|pull_request\.head\.(?:ref|label|repo\.default_branch|repo\.description|repo\.homepage)\b"
    r"|(?:comment|review|review_comment)\.body\b"
    r"|(?:head_commit|commits(?:\[\d+\]|\.\*))\.(?:message|(?:author|committer)\.(?:name|email))\b"
    r"|workflow_run\.(?:head_branch|head_commit\.message|display_title)\b"
    r"|pages(?:\[\d+\]|\.\*)\.page_name\b))"
)
_REF_NAME = re.compile(r"\bgithub\.ref_name\b")
_INPUT = re.compile(r"(?<![\w.])(?:github\.event\.)?inputs\.(?P<name>[\w-]+)")
# What only asks about a text does not hold it.
_ASKS = re.compile(r"\b(?:contains|startsWith|endsWith|hashFiles)\s*\([^()]*\)|==|!=")
_ANCHOR = re.compile(r"[:-]\s+[&*]\w")
_WHOLE = re.compile(r"\s*[\w.-]+\s*")


def tainted(document: WorkflowDocument, inside: str) -> str:
    """Return what an expression holds that others choose; empty for nothing."""
    if _ASKS.search(inside) and "&&" not in inside and "||" not in inside:
        return ""
    left = _ASKS.sub("", inside)
    if found := _UNTRUSTED.search(left):
        return found[0]
    started = events(document)
    if _REF_NAME.search(left) and _names_any_ref(started):
        return "github.ref_name"
    found = _INPUT.search(left)
    if found and _is_free(started.get("workflow_dispatch"), found["name"]):
        return found[0]
    return ""


def _names_any_ref(started: Mapping[str, Node | None]) -> bool:
    """Return whether a workflow may run for a branch or tag of any name.

    It may not where ``push`` lists branches by their whole names; a pull request's is its number.
    """
    if started.keys() & {"create", "release"}:
        return True
    if "push" not in started:
        return False
    push = started["push"]
    branches = push.get("branches") if isinstance(push, MapNode) else None
    named = [branch.text for branch in words(branches)]
    tags = isinstance(push, MapNode) and push.keys.keys() & {"tags", "tags-ignore"}
    return bool(tags) or not named or any(set(name) & set("*?+[!") for name in named)


def _is_free(dispatch: object, name: str) -> bool:
    """Return whether an input of ``workflow_dispatch`` may be any text."""
    inputs = dispatch.get("inputs") if isinstance(dispatch, MapNode) else None
    given = inputs.get(name) if isinstance(inputs, MapNode) else None
    if not isinstance(given, MapNode):
        return isinstance(inputs, MapNode) and name in inputs.items
    return (scalar(given.get("type")) or "string") == "string"


def has_anchors(document: WorkflowDocument) -> bool:
    """Return whether any part of a workflow may be used in a second place."""
    return _ANCHOR.search(document.text) is not None


def mended(document: WorkflowDocument, step: Step, found: Sequence[re.Match[str]]) -> Fix | None:
    """Return a fix that hands all of ``found`` to the script of ``step`` as variables.

    ``None`` where the script's quoting or its shell leave any doubt. The file must have no
    anchors: a step may be used twice then.
    """
    run = step.run
    if run is None or not runs_bash(document, step):
        return None
    names = {part["inside"].strip(): _name(part["inside"]) for part in found}
    whole = all(_WHOLE.fullmatch(part["inside"]) for part in found)
    if not whole or len(set(names.values())) != len(names):
        return None
    if not all(_in_double_quotes(run.text, part.start()) for part in found):
        return None
    entries = [f"{name}: ${{{{ {inside} }}}}" for inside, name in names.items()]
    added = _variables(document, step, entries, set(names.values()))
    edits = _written(document, run, found, names)
    if added is None or edits is None:
        return None
    path = ("jobs", step.job.name, "steps", str(step.number))
    return Fix((*edits, added), ((*path, "run"), (*path, "env")))


def _name(inside: str) -> str:
    text = inside.strip().removeprefix("github.").removeprefix("event.")
    text = re.sub(r"^inputs\.", "input.", text)
    return re.sub(r"\W+", "_", text).strip("_").upper()


def _in_double_quotes(script: str, at: int) -> bool:
    """Return whether character ``at`` of a script certainly stands between double quotes."""
    if "<<" in script:
        return False
    line = script[script.rfind("\n", 0, at) + 1 : at]
    before = script[: at - len(line)]
    if before.count('"') % 2 or before.count("'") % 2:
        return False
    return line.count('"') % 2 == 1 and not set(line) & {"'", "\\", "`", "(", "#"}


def _variables(
    document: WorkflowDocument, step: Step, entries: list[str], names: set[str]
) -> Edit | None:
    env = step.node.get("env")
    if env is None and "env" not in step.node.items:
        if not is_block(document.text, step.node):
            return None
        return insert_after(document.text, step.node, "run", "env:", *(f"  {e}" for e in entries))
    if not isinstance(env, MapNode) or not env.items or names & env.items.keys():
        return None
    return insert_after(document.text, env, list(env.keys)[-1], *entries)


def _written(
    document: WorkflowDocument,
    run: ScalarNode,
    found: Sequence[re.Match[str]],
    names: dict[str, str],
) -> tuple[Edit, ...] | None:
    """Return edits of the expressions as the file writes them, in the same order."""
    edits, at = [], run.span[0]
    for part in found:
        begin = document.text.find(part[0], at, run.span[1])
        if begin < 0:
            return None
        at = begin + len(part[0])
        edits.append(Edit(Span(begin, at), f"${{{names[part['inside'].strip()]}}}"))
    return tuple(edits)
