"""A workflow taken apart: what starts it, its jobs, their steps, and expressions in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.composefile.tree import ListNode, MapNode, Node, ScalarNode
from seatrial.lint.documents import WorkflowDocument, scalar, words
from seatrial.lint.model import Span

EXPRESSION = re.compile(r"\$\{\{(?P<inside>.{0,1000}?)\}\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Job:
    """A job: its name, where its key stands, and what it says."""

    name: str
    span: Span
    node: MapNode


@dataclass(frozen=True, slots=True)
class Step:
    """A step of ``job``, by its number in ``steps``."""

    job: Job
    number: int
    node: MapNode

    @property
    def uses(self) -> ScalarNode | None:
        """Return what action the step uses."""
        node = self.node.get("uses")
        return node if isinstance(node, ScalarNode) else None

    @property
    def run(self) -> ScalarNode | None:
        """Return the script that the step runs."""
        node = self.node.get("run")
        return node if isinstance(node, ScalarNode) else None

    def given(self, name: str) -> ScalarNode | None:
        """Return an input of the action, as ``with:`` gives it."""
        inputs = self.node.get("with")
        node = inputs.get(name) if isinstance(inputs, MapNode) else None
        return node if isinstance(node, ScalarNode) else None


def events(document: WorkflowDocument) -> dict[str, Node | None]:
    """Return what starts a workflow, each with its conditions, in whichever form ``on`` is."""
    node = document.root.get("on")
    if isinstance(node, MapNode):
        return {name: node.get(name) for name in node.items}
    return {event.text: None for event in words(node)}


def event_span(document: WorkflowDocument) -> Span:
    """Return where ``on`` stands, else where the file begins."""
    key = document.root.keys.get("on")
    return Span(*key.span) if key is not None else Span(0, 0)


def jobs(document: WorkflowDocument) -> Iterator[Job]:
    """Yield the jobs of a workflow."""
    section = document.root.get("jobs")
    if isinstance(section, MapNode):
        for name, node in section.items.items():
            if isinstance(node, MapNode):
                key = section.keys.get(name)
                yield Job(name, Span(*(key or node).span), node)


def steps(job: Job) -> Iterator[Step]:
    """Yield the steps of a job."""
    section = job.node.get("steps")
    if isinstance(section, ListNode):
        for number, node in enumerate(section.items):
            if isinstance(node, MapNode):
                yield Step(job, number, node)


def all_steps(document: WorkflowDocument) -> Iterator[Step]:
    """Yield the steps of all jobs."""
    for job in jobs(document):
        yield from steps(job)


def on_github(document: WorkflowDocument) -> bool:
    """Return whether the workflow is one of GitHub's, by its folder."""
    return ".github" in document.path.parts


def line_span(document: WorkflowDocument, node: ScalarNode, text: str, after: int = 0) -> Span:
    """Return where ``text`` stands in a scalar (behind ``after``), else the scalar's first line."""
    at = document.text.find(text, max(node.span[0], after), node.span[1])
    if at >= 0:
        return Span(at, at + len(text))
    end = document.text.find("\n", *node.span)
    return Span(node.span[0], end if end >= 0 else node.span[1])


def text_of(node: Node | None) -> str:
    """Return all text below a node, as one string to search in."""
    if isinstance(node, ScalarNode):
        return node.text
    if isinstance(node, ListNode):
        return "\n".join(text_of(item) for item in node.items)
    if isinstance(node, MapNode):
        return "\n".join(f"{key}: {text_of(value)}" for key, value in node.items.items())
    return ""


def runs_bash(document: WorkflowDocument, step: Step) -> bool:
    """Return whether a step's script is known to be read by bash or sh."""
    shell = scalar(step.node.get("shell"))
    if shell is not None:
        return shell in ("bash", "sh")
    for holder in (step.job.node, document.root):
        defaults = holder.get("defaults")
        run = defaults.get("run") if isinstance(defaults, MapNode) else None
        if isinstance(run, MapNode) and run.get("shell") is not None:
            return scalar(run.get("shell")) in ("bash", "sh")
    return "windows" not in text_of(step.job.node.get("runs-on")) + text_of(
        step.job.node.get("strategy")
    )
