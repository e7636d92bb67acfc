from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial import events
from seatrial.model.environment import Endpoint
from seatrial.model.redact import Redactor, secret_values
from seatrial.model.result import Outcome, Problem, TestResult

SECRET = 'hunter2/%"é'


def test_a_secret_becomes_three_stars() -> None:
    assert Redactor([SECRET])(f"login {SECRET}!") == "login ***!"


@pytest.mark.parametrize(
    "form",
    [
        quote(SECRET, safe=""),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode().rstrip("="),
        'hunter2/%\\"\\u00e9',
    ],
)
def test_its_encoded_forms_become_three_stars_too(form: str) -> None:
    assert Redactor([SECRET])(f"x={form} y") == "x=*** y"


@pytest.mark.parametrize("user", ["a", "ab", "abc"])
def test_a_secret_within_basic_authentication_is_found(user: str) -> None:
    secret = "correct-horse"
    header = base64.b64encode(f"{user}:{secret}".encode()).decode()
    assert "***" in Redactor([secret])(header)


def test_the_longest_secret_goes_first() -> None:
    assert Redactor(["abcdef", "abcdefghi"])("abcdefghi") == "***"


@pytest.mark.parametrize("value", ["short", "postgres", "PASSWORD", "true", "test", ""])
def test_short_and_harmless_values_are_left_alone(value: str) -> None:
    assert Redactor([value])(f"<{value}>") == f"<{value}>"


def test_names_stay_readable_though_they_are_passwords() -> None:
    assert Redactor(["orchestrator"], ["orchestrator"])("orchestrator") == "orchestrator"


def test_each_line_of_a_private_key_is_a_secret() -> None:
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQ\n"
    assert Redactor([key])("line: kqhkiG9w0BAQ") == "line: ***"


def test_every_string_of_an_event_is_redacted_however_deep() -> None:
    redactor = Redactor([SECRET])
    result = TestResult("t", Outcome.FAILED, 0.0, f"got {SECRET}", phases=(("call", 1.0),))
    finished = redactor.redact_event(events.TestFinished(1.0, "unit:a", result))
    assert finished.result.message == "got ***"
    assert finished.result.outcome is Outcome.FAILED
    problem = Problem("no", detail=("fine", f"dsn {SECRET}"))
    failed = redactor.redact_event(events.EnvironmentFailed(1.0, "integration", problem))
    assert failed.problem.detail == ("fine", "dsn ***")
    kept = events.EnvironmentKept(1.0, "x", (Endpoint("a", 1, "h", 2),), {"URL": SECRET})
    assert redactor.redact_event(kept).exports == {"URL": "***"}


def test_an_event_without_a_secret_is_the_same_object() -> None:
    event = events.TestFinished(1.0, "unit:a", TestResult("t", Outcome.PASSED))
    assert Redactor([SECRET]).redact_event(event) is event
    assert Redactor([]).redact_event(event) is event


@pytest.mark.parametrize(
    ("variables", "secrets"),
    [
        ({"POSTGRES_PASSWORD": "s3cret!"}, {"s3cret!"}),
        ({"api_key": "k", "STRIPE_APIKEY": "l", "AWS_SECRET_ACCESS_KEY": "m"}, {"k", "l", "m"}),
        ({"GH_TOKEN": "t", "DB_CREDENTIALS": "c", "SSH_PRIVATE_KEY": "p"}, {"t", "c", "p"}),
        ({"SESSION_KEY": "s", "COOKIE_KEY": "c", "SIGNING_KEY": "i"}, {"s", "c", "i"}),
        ({"DATABASE_URL": "postgresql://me:p%40ss@db:5432/x"}, {"p%40ss", "p@ss"}),
        ({"CACHE": "redis://:only-pass@cache/0"}, {"only-pass"}),
        ({"URL": "http://localhost:8000/a:b@c", "HOST": "db", "POSTGRES_PASSWORD": ""}, set()),
        ({"POSTGRES_PASSWORD_FILE": "/run/secrets/x", "TOKEN_TTL": "3600"}, set()),
    ],
)
def test_secrets_are_chosen_by_name_and_by_userinfo(
    variables: dict[str, str], secrets: set[str]
) -> None:
    assert secret_values(variables) == secrets


@given(st.text(min_size=6), st.text(), st.text())
@settings(deadline=None)
def test_no_secret_survives(secret: str, before: str, after: str) -> None:
    redactor = Redactor([secret])
    text = redactor(before + secret + after)
    if redactor(secret) != secret:
        assert secret.strip() not in text.replace("***", "\0")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("assert 'supersecret-123...", "assert '***..."),
        ("assert 'supersecret-1…", "assert '***…"),
        ("'...ecret-12345' == 'x'", "'...***' == 'x'"),
        ("'super...12345'", "'***...***'"),
        ("a supersonic flight...", "a supersonic flight..."),
    ],
)
def test_what_a_runner_cut_off_a_secret_is_no_less_secret(text: str, shown: str) -> None:
    assert Redactor({"supersecret-12345"})(text) == shown
