"""Made-up runs as lists of events, for the tests of all renderers."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial import events
from seatrial.events import Event, Phase, PlannedSuite
from seatrial.model.environment import Endpoint
from seatrial.model.project import STAGES, Stage
from seatrial.model.result import (
    Counts,
    Outcome,
    Problem,
    RunResult,
    SuiteResult,
    TestResult,
    Verdict,
)

AGAIN = "seatrial test price-db --stage service -- tests/integration/test_prices.py::test_rounding"


def planned(stage: Stage, name: str) -> PlannedSuite:
    environment = {
        Stage.UNIT: "",
        Stage.SERVICE: f"service:{name}",
        Stage.INTEGRATION: "integration",
    }[stage]
    folder = "" if stage is Stage.INTEGRATION else f"services/{name}"
    return PlannedSuite(f"{stage}:{name}", stage, name, "pytest", environment, folder)


def started(*suites: PlannedSuite) -> events.RunStarted:
    return events.RunStarted(0.0, "a1b2", "shop", "/home/me/shop", "0.1.0", 1.7e9, 2, suites)


def failed_test() -> TestResult:
    return TestResult(
        "tests/integration/test_prices.py::test_rounding",
        Outcome.FAILED,
        0.31,
        "assert 1049 == 1050",
        "    def test_rounding(api):\n"
        ">       assert api.get('/prices/7').json()['cents'] == 1050\n"
        "E       assert 1049 == 1050\n"
        "\n"
        "tests/integration/test_prices.py:14: AssertionError\n",
        "tests/integration/test_prices.py",
        14,
        again=AGAIN,
    )


def suite(
    plan: PlannedSuite,
    begin: float,
    seconds: float,
    total: int,
    failures: tuple[TestResult, ...] = (),
    skipped: int = 0,
) -> Iterator[Event]:
    """A suite whose tests take the same time each; the failing ones come last."""
    yield events.SuiteStarted(begin, plan.id, "pytest")
    yield events.TestsCollected(begin, plan.id, total)
    each = seconds / max(total, 1)
    good = total - len(failures)
    results = [
        TestResult(
            f"tests/{plan.stage}/test_{plan.name}.py::test_case_{n}",
            Outcome.SKIPPED if n < skipped else Outcome.PASSED,
            each,
        )
        for n in range(good)
    ]
    for n, result in enumerate([*results, *failures]):
        yield events.TestStarted(begin + n * each, plan.id, result.id)
        yield events.TestFinished(begin + (n + 1) * each, plan.id, result)
    counts = Counts(passed=good - skipped, failed=len(failures), skipped=skipped)
    verdict = Verdict.FAILED if failures else Verdict.PASSED
    again = failures[0].again if failures else ""
    yield events.SuiteFinished(
        begin + seconds,
        SuiteResult(
            plan.id, verdict, seconds, counts, failures, exit_code=int(bool(failures)), again=again
        ),
    )


def environment(key: str, begin: float, seconds: float, *services: str) -> Iterator[Event]:
    yield events.PhaseStarted(begin, Phase.BOOT, key, key, services)
    for n, service in enumerate(services, 1):
        took = seconds * n / len(services)
        yield events.ServiceReady(begin + took, key, service, took)
    yield events.PhaseFinished(begin + seconds, Phase.BOOT, key, seconds, key)
    endpoint = Endpoint(services[0], 5432, "localhost", 49153)
    yield events.EnvironmentReady(begin + seconds, key, seconds, (endpoint,))


def removed(key: str, at: float) -> Iterator[Event]:
    yield events.PhaseStarted(at, Phase.REMOVE, key, key)
    yield events.PhaseFinished(at + 0.3, Phase.REMOVE, key, 0.3, key)
    yield events.EnvironmentRemoved(at + 0.3, key, 0.3)


def finish(
    log: list[Event],
    plans: list[PlannedSuite],
    exit_code: int = 0,
    verdict: Verdict = Verdict.PASSED,
    problems: tuple[Problem, ...] = (),
) -> list[Event]:
    """Return the events in order of time, with results for the rest and a last event."""
    log.sort(key=lambda event: event.at)
    end = log[-1].at + 0.1
    results = {e.result.suite: e.result for e in log if isinstance(e, events.SuiteFinished)}
    for plan in plans:
        if plan.id not in results:
            results[plan.id] = SuiteResult(plan.id, Verdict.NOT_RUN)
            log.append(events.SuiteFinished(end, results[plan.id]))
    ordered = tuple(results[plan.id] for plan in plans)
    log.append(events.RunFinished(end, RunResult(verdict, exit_code, end, ordered, problems)))
    return log


def three_services(*, good: bool = True) -> list[Event]:
    """Three services and three stages; where not ``good``, a service test of price-db fails."""
    names = ("price-db", "orchestrator", "frontend")
    units = [planned(Stage.UNIT, name) for name in names]
    services = [planned(Stage.SERVICE, name) for name in names[:2]]
    whole = planned(Stage.INTEGRATION, "shop")
    plans = [*units, *services, whole]
    log: list[Event] = [
        started(*plans),
        events.PhaseStarted(0.0, Phase.SYNC, "/home/me/shop/services/price-db"),
        events.PhaseFinished(0.4, Phase.SYNC, "/home/me/shop/services/price-db", 0.4),
        events.RuntimeChosen(0.1, "docker", events.RuntimeReason.ENGINE_ANSWERS, "Engine 28.5"),
        events.Noticed(0.1, events.Notice.SUITE_LEFT_OUT, "unit:admin", "node"),
        events.StageStarted(0.4, Stage.UNIT),
        *suite(units[0], 0.4, 4.0, 955),
        *suite(units[1], 0.4, 3.2, 74, skipped=2),
        *suite(units[2], 3.6, 1.5, 31),
        *environment("service:price-db", 0.4, 4.6, "database", "api"),
        *environment("service:orchestrator", 0.6, 2.0, "queue"),
        events.StageFinished(5.1, Stage.UNIT, Verdict.PASSED, 4.7),
        events.StageStarted(5.1, Stage.SERVICE),
    ]
    failures: tuple[TestResult, ...] = () if good else (failed_test(),)
    key = services[0].environment
    log += suite(services[0], 5.1, 3.0, 42, failures)
    log += suite(services[1], 5.1, 2.0, 12)
    log += [*removed(key, 8.1), *removed(services[1].environment, 7.1)]
    if not good:
        log += [
            events.ServiceLogged(8.0, key, "database", text, services[0].id, failures[0].id)
            for text in ('ERROR:  numeric field "cents" out of range', "STATEMENT:  INSERT INTO x")
        ]
        return finish(log, plans, 1, Verdict.FAILED)
    log += [
        *environment("integration", 5.2, 2.5, "database", "queue", "api", "worker"),
        *suite(whole, 8.1, 2.4, 9),
        *removed("integration", 10.5),
    ]
    return finish(log, plans)


def sixty_services() -> list[Event]:
    """Sixty services in three stages, two at a time; all is well."""
    names = [f"service-{n:02}-of-the-warehouse" for n in range(60)]
    plans = [planned(stage, name) for stage in STAGES[:2] for name in names]
    whole = planned(Stage.INTEGRATION, "warehouse")
    log: list[Event] = [started(*plans, whole)]
    for n, plan in enumerate(plans):
        begin = (n // 2) * 0.3
        log += suite(plan, begin, 0.3, 20)
        if plan.environment:
            log += environment(plan.environment, begin - 1.0, 0.8, "database")
    log += environment("integration", 15.0, 2.0, "database")
    log += suite(whole, 18.2, 1.0, 5)
    return finish(log, [*plans, whole])


def no_environment() -> list[Event]:
    """The database of a service will not become healthy."""
    unit, service = planned(Stage.UNIT, "catalog"), planned(Stage.SERVICE, "catalog")
    problem = Problem(
        "database did not become healthy within 120 s",
        "services/catalog/deploy/test/docker-compose.yml:4",
        "see its log below, or raise boot_timeout",
        ("database | FATAL:  data directory has wrong ownership",),
        3,
    )
    result = SuiteResult(service.id, Verdict.NO_ENVIRONMENT, problem=problem)
    log: list[Event] = [
        started(unit, service),
        *suite(unit, 0.1, 0.5, 3),
        events.EnvironmentFailed(1.0, "service:catalog", problem),
        events.SuiteFinished(1.0, result),
    ]
    return finish(log, [unit, service], 3, Verdict.NO_ENVIRONMENT, (problem,))
