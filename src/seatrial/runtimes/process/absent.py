"""Services whose language is not on this machine, and what stands and falls with them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from seatrial.runtimes.process.plan import ServicePlan

# What a machine either has or has not, whatever a service's own files would install.
LANGUAGES: Mapping[str, str] = {"node": "node", "npm": "node", "npx": "node"}


def without_absent(
    plans: Sequence[ServicePlan], has_program: Callable[[str], bool]
) -> tuple[tuple[ServicePlan, ...], Mapping[str, str]]:
    """Return the services that can run here, and of the others what each lacks.

    A service that depends on one that is left out is left out, too. Where no published port would
    remain there is nothing to test, and all are kept, so that the start says what is missing.
    """
    lacking = {
        plan.name: LANGUAGES[program]
        for plan in plans
        for program in _programs(plan)
        if program in LANGUAGES and not has_program(program)
    }
    while further := _dependents(plans, lacking):
        lacking |= further
    kept = tuple(plan for plan in plans if plan.name not in lacking)
    if not any(plan.published for plan in kept):
        return tuple(plans), {}
    return kept, lacking


def _programs(plan: ServicePlan) -> Iterator[str]:
    """Yield what the service and the builds of its image start."""
    yield from plan.argv[:1]
    for needed in plan.builds:
        for line in needed.build.lines:
            yield from (command.argv[0] for command in line.commands)


def _dependents(plans: Sequence[ServicePlan], lacking: Mapping[str, str]) -> dict[str, str]:
    return {
        plan.name: lacking[name]
        for plan in plans
        if plan.name not in lacking
        for name, dependency in plan.depends_on.items()
        if name in lacking and dependency.required
    }
