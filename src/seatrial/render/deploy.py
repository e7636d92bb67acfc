"""A deployment's plan, its warnings, and what ran before and after: text, or JSON. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict

from seatrial.deploy.model import Act, Cause, Deployed, DeployPlan, Ran, Risk, Step, Warned
from seatrial.render.choose import Choice
from seatrial.render.style import Line, Span, Style, glyphs, line, painted
from seatrial.render.text import duration, plural
from seatrial.render.width import cells, pad

VERSION = 1
_NOTHING = "nothing to do, all that was asked for runs"
_ACTS: Mapping[Act, str] = {
    Act.PULL: "pull",
    Act.MAKE: "make",
    Act.START: "start",
    Act.MIGRATE: "migrate",
    Act.ROLL: "roll",
    Act.REPLACE: "replace",
    Act.UPDATE: "update",
    Act.LEAVE: "leave",
    Act.REMOVE: "remove",
}
_CAUSES: Mapping[Cause, str] = {
    Cause.FIRST: "nothing runs yet",
    Cause.IMAGE: "its image changed",
    Cause.CONFIG: "its settings changed",
    Cause.BOTH: "its image and settings changed",
    Cause.UNCHANGED: "nothing changed",
    Cause.NOT_UP: "it is not up",
    Cause.HALF: "an earlier deployment got half way",
    Cause.NEEDED: "it is needed",
    Cause.HAS_DATA: "it keeps data; --force replaces it",
    Cause.NOT_ASKED: "it was not asked for",
    Cause.NO_WAY_BACK: "no migration runs on the way back",
    Cause.CAME_WITH: "it came with what is taken back, and stays",
    Cause.BY_HAND: "somebody changed it since, and what was before that is not known",
    Cause.GONE: "the files have it no more",
    Cause.REPLICAS: "the files want another number of containers",
}
# With the subject for {s} and the warning's data for {d}.
_RISKS: Mapping[Risk, str] = {
    Risk.GAP_PORT: "{s} has the fixed host port {d}: it is not reached while one container makes"
    " way for the next (`--proxy` puts a proxy in front)",
    Risk.GAP_NAME: "{s} has the fixed {d}, which two containers cannot share: it is gone while one"
    " makes way for the next",
    Risk.GAP_DATA: "{s} keeps data in {d}, which two containers must not share: it is gone while"
    " one makes way for the next",
    Risk.GAP_ORDER: "{s} stops before the next one starts ({d}): it is gone for that moment",
    Risk.NO_CHECK: "{s} has no health check: that it runs is all that can be seen of it",
    Risk.MIGRATION: "what {s} does to the data is not rolled back",
    Risk.DATA_LEFT: "{s} keeps data and is left as it is ({d}); --force replaces it",
    Risk.BROKEN_OFF: "an earlier deployment was broken off ({d}); this one starts where it ended",
    Risk.UNRESOLVED: "{s}: its registry gives no digest; {d} is taken as it is on the engine",
    Risk.NOT_AS_IT_WAS: "{s} is recreated by Compose: where that fails, its image goes back, and"
    " its settings are those of the files as they are here",
    Risk.SETTINGS: "images go back, settings do not: they are those of the files as they are here",
    Risk.KEY_DROPPED: "{s}: dropped, {d}",
    Risk.KEY_CHANGED: "{s}: changed, {d}",
    Risk.NOT_SPREAD: "{s} stays on one node: {d}",
    Risk.NODE_GONE: "the node {s} takes no work ({d}): nothing is started there",
}


def plan_lines(plan: DeployPlan, choice: Choice) -> list[str]:
    """Return the whole plan: where, what is warned of, each step with its cause."""
    lines = [*_head(plan), *_warnings(plan.warnings)]
    width = max((cells(_words(step)) for step in plan.steps), default=0)
    lines += [_step(step, width) for step in plan.steps]
    if not plan.changes:
        lines.append(line(f"{plan.environment}: {_NOTHING}"))
    return painted(lines, choice.colour)


def said_before(plan: DeployPlan, choice: Choice) -> list[str]:
    """Return what is said before anything is touched: where, the warnings, what will change."""
    changes = [step for step in plan.changes if step.act is not Act.PULL]
    lines = [*(_head(plan) if changes else ()), *_warnings(plan.warnings)]
    width = max((cells(_words(step)) for step in changes), default=0)
    lines += [_step(step, width) for step in changes]
    return painted(lines, choice.colour)


def deployed_lines(done: Deployed, choice: Choice) -> list[str]:
    """Return what ran before and after, and what it took."""
    plan = done.plan
    if not plan.changes:
        return [f"{plan.environment}: {_NOTHING}"]
    mark = Span(f"{glyphs(choice.ascii).passed} ", Style.GOOD)
    lines = [line(mark, f"{plan.environment} is deployed  {duration(done.seconds)}")]
    lines += _table(plan.before, done.after, choice)
    for service, seconds in done.gaps.items():
        lines.append(line(f"{service} was not there for {duration(seconds)}"))
    return painted(lines, choice.colour)


def not_deployed_lines(before: Sequence[Ran], after: Sequence[Ran], choice: Choice) -> list[str]:
    """Return what ran before and what runs now, where a deployment failed."""
    return painted(_table(before, after, choice), choice.colour)


def plan_json(plan: DeployPlan) -> str:
    """Return the plan as one JSON object."""
    return json.dumps({"v": VERSION, "plan": _plan(plan)})


def deployed_json(plan: DeployPlan, after: Iterable[Ran], done: Deployed | None) -> str:
    """Return what came of it as one JSON object; ``done`` is ``None`` where it failed."""
    document = {
        "v": VERSION,
        "ok": done is not None,
        "plan": _plan(plan),
        "after": [_ran(one) for one in after],
        "seconds": round(done.seconds, 3) if done else None,
        "gaps": {name: round(gap, 3) for name, gap in (done.gaps if done else {}).items()},
        "rolls": {name: round(time, 3) for name, time in (done.rolls if done else {}).items()},
    }
    return json.dumps(document)


def _head(plan: DeployPlan) -> Iterator[Line]:
    where = f" on {plan.engine}" if plan.engine else ""
    yield line(Span(f"{plan.environment}: {plan.to} project {plan.project}{where}", Style.QUIET))


def _warnings(warnings: Iterable[Warned]) -> Iterator[Line]:
    for one in warnings:
        text = _RISKS[one.risk].replace("{s}", one.subject).replace("{d}", one.detail)
        yield line(Span("note: ", Style.WARN), text)


def _words(step: Step) -> str:
    return f"{_ACTS[step.act]} {_short(step.subject)}"


def _step(step: Step, width: int) -> Line:
    said = [f"{pad(_words(step), width)}  because {_CAUSES[step.cause]}"]
    if step.image and step.act not in (Act.PULL, Act.LEAVE):
        said.append(_short(step.image))
    if step.replicas > 1:
        said.append(plural(step.replicas, "container"))
    if step.detail:
        said.append(step.detail)
    return line(Span("  " + ", ".join(said), Style.QUIET if step.act is Act.LEAVE else Style.PLAIN))


def _table(before: Iterable[Ran], after: Iterable[Ran], choice: Choice) -> list[Line]:
    old = {one.service: one for one in before}
    new = {one.service: one for one in after}
    names = list(dict.fromkeys((*new, *old)))
    width = max(map(cells, names), default=0)
    arrow = glyphs(choice.ascii).arrow
    lines = []
    for name in names:
        was, now = _shown(old.get(name)), _shown(new.get(name))
        text = f"{was} (as before)" if was == now else f"{was} {arrow} {now}"
        style = Style.QUIET if was == now else Style.PLAIN
        lines.append(line(Span(f"  {pad(name, width)}  {text}", style)))
    return lines


def _shown(ran: Ran | None) -> str:
    if ran is None or not ran.replicas:
        return "nothing"
    return _short(ran.image) + (f" x{ran.replicas}" if ran.replicas > 1 else "")


def _short(image: str) -> str:
    """Return an image with as much of its digest as tells it apart."""
    name, _, digest = image.partition("@")
    return f"{name}@{digest[:19]}" if digest else name


def _plan(plan: DeployPlan) -> dict[str, object]:
    return {
        "to": plan.to,
        "environment": plan.environment,
        "project": plan.project,
        "engine": plan.engine,
        "steps": [asdict(step) for step in plan.steps],
        "warnings": [asdict(one) for one in plan.warnings],
        "before": [_ran(one) for one in plan.before],
    }


def _ran(one: Ran) -> dict[str, object]:
    return {**asdict(one), "digest": one.digest}
