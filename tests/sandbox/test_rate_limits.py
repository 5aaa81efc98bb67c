"""Requests per second, by a clock and on the wire."""

from __future__ import annotations

from pytest_httpserver import HTTPServer

from sandbox import Sandbox
from sandbox.rate_limits import Limits
from tests.sandbox.calls import PARSING, accepted, body_of, get, hosted, post, refused

THROTTLED = (429, "Throttling.RateQuota")


def test_it_works() -> None:
    now = [0.0]
    limits = Limits(clock=lambda: now[0])
    assert [limits.allow("k", 2) for _ in range(3)] == [True, True, False]
    now[0] = 0.9
    assert not limits.allow("k", 2)
    now[0] = 1.0
    assert limits.allow("k", 2)


def test_a_bucket_that_was_saved_up_is_not_allowed() -> None:
    now = [100.0]
    limits = Limits(clock=lambda: now[0])
    assert sum(limits.allow("k", 10) for _ in range(50)) == 10


def test_a_client_exactly_at_the_limit_is_let_in() -> None:
    now = [0.0]
    limits = Limits(clock=lambda: now[0])
    for i in range(100):
        now[0] = i / 10 + (0.02 if i % 2 else 0)
        assert limits.allow("k", 10)


def test_less_than_one_a_second() -> None:
    now = [0.0]
    limits = Limits(clock=lambda: now[0])
    assert limits.allow("k", 0.5)
    now[0] = 1.5
    assert not limits.allow("k", 0.5)
    now[0] = 2.0
    assert limits.allow("k", 0.5)


def test_submits_are_counted_per_model_and_account(httpserver: HTTPServer) -> None:
    with Sandbox(task_seconds=0, instant=True, submits_per_second=2) as sandbox:
        body = body_of(httpserver)
        accepted(post(sandbox, body))
        accepted(post(sandbox, body))
        assert refused(post(sandbox, body)) == THROTTLED
        accepted(post(sandbox, {**body, "model": "aitryon"}))
        accepted(post(sandbox, body, key="sk-another-account"))
        counters = sandbox.ledger()["counters"]
    assert (counters["submits"], counters["accepted"], counters["throttled"]) == (5, 4, 1)
    assert counters["max_per_second"]["submits"] == 5


def test_parsing_has_the_limit_of_a_submit(httpserver: HTTPServer) -> None:
    body = {
        "model": "aitryon-parsing-v1",
        "input": {"image_url": hosted(httpserver)},
        "parameters": {"clothes_type": ["upper"]},
    }
    with Sandbox(instant=True, submits_per_second=1) as sandbox:
        assert post(sandbox, body, PARSING, headers={}).status_code == 200
        assert refused(post(sandbox, body, PARSING, headers={})) == THROTTLED


def test_queries_lists_and_cancels_share_a_limit() -> None:
    with Sandbox(instant=True, queries_per_second=3) as sandbox:
        assert get(sandbox, "/tasks/x").status_code == 200
        assert get(sandbox, "/tasks/").status_code == 200
        assert refused(post(sandbox, None, "/tasks/x/cancel")) == (400, "UnsupportedOperation")
        assert refused(get(sandbox, "/tasks/x")) == THROTTLED


def test_surplus_tasks_wait_or_are_refused(httpserver: HTTPServer) -> None:
    body = body_of(httpserver)
    with Sandbox(task_seconds=60, concurrency=1, instant=True) as sandbox:
        ids = [accepted(post(sandbox, body)) for _ in range(2)]
        words = [get(sandbox, f"/tasks/{i}").json()["output"]["task_status"] for i in ids]
        assert words == ["RUNNING", "PENDING"]
    with Sandbox(task_seconds=60, concurrency=1, instant=True, overflow="refuse") as sandbox:
        accepted(post(sandbox, body))
        assert refused(post(sandbox, body)) == (429, "Throttling")
