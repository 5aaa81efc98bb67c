"""EventBridge tells of a finished task: it is asked after at once, and nothing else happens."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from jobs.models import Event, ProviderAccount, Step
from tests.factories import make_batch, make_job
from tests.fake_provider import Fake
from tests.jobs.test_dispatcher import ask

SECRET = "opensesame"
# As documented (wire.md 1.7), with every field that EventBridge adds.
EVENT: dict[str, Any] = {
    "id": "45ef4dewdwe1-7c35-447a-bd93-fab****",
    "source": "acs.dashscope",
    "specversion": "1.0",
    "type": "dashscope:System:AsyncTaskFinish",
    "datacontenttype": "application/json;charset=utf-8",
    "time": "2024-08-08T08:08:12Z",
    "aliyunaccountid": "123",
    "aliyunoriginalaccountid": "123",
    "aliyunpublishtime": "2024-08-08T08:08:12.123Z",
    "aliyunregionid": "cn-beijing",
    "aliyuneventbusname": "default",
    "data": {
        "task_id": "task-1",
        "task_status": "SUCCEEDED",
        "contain_result": False,
        "region": "cn-beijing",
        "request_id": "r",
        "api_key_id": "1",
        "user_api_unique_key": "apikey:v1:aigc:image2image:image-synthesis:aitryon-plus",
        "start_time": "2024-08-08 08:08:08",
        "end_time": "2024-08-08 08:08:12",
    },
}


@pytest.fixture(autouse=True)
def secret(settings: Any) -> None:
    settings.DASHSCOPE_PUSH_SECRET = SECRET


@pytest.fixture
def step(account: ProviderAccount) -> Step:
    """A task that will not be asked after for an hour."""
    job = make_job("running", batch=make_batch(account=account))
    hour = timezone.now() + timedelta(hours=1)
    Step.objects.filter(job=job).update(remote_id="task-1", due_at=hour)
    return Step.objects.get(job=job)


def push(body: Any = EVENT, secret: str = SECRET, **extra: Any) -> Any:
    strict = Client(enforce_csrf_checks=True)
    data = body if isinstance(body, bytes) else json.dumps(body)
    kind = "application/cloudevents+json"
    return strict.post(f"/hooks/dashscope/{secret}", data, content_type=kind, **extra)


def about(**data: Any) -> dict[str, Any]:
    return EVENT | {"data": EVENT["data"] | data}


def rung() -> int:
    return OrmQ.objects.count()


@pytest.mark.django_db(transaction=True)
def test_it_works(step: Step) -> None:
    before = timezone.now()
    answer = push()
    assert (answer.status_code, answer.content) == (202, b"")
    step.refresh_from_db()
    assert before <= step.due_at <= timezone.now()
    assert (step.state, rung()) == ("remote", 1)
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_twice_is_once(step: Step) -> None:
    push()
    step.refresh_from_db()
    due = step.due_at
    assert push().status_code == 202
    step.refresh_from_db()
    assert (step.due_at, rung()) == (due, 1)


def test_the_image_arrives_by_asking(
    fake: Fake, account: ProviderAccount, work: Callable[..., None]
) -> None:
    account.typical_s = 3600
    account.save(update_fields=["typical_s"])
    ask(account)
    work(lambda: Step.objects.filter(state="remote").exists())
    assert not fake.polled
    push()
    work()
    assert fake.polled == [["task-1"]]
    assert Step.objects.get().state == "done"


@pytest.mark.parametrize("status", ["FAILED", "SUCCEEDED", "UNKNOWN", "nonsense", None])
def test_what_it_says_of_the_task_is_not_believed(step: Step, status: Any) -> None:
    assert push(about(task_status=status)).status_code == 202
    step.refresh_from_db()
    assert (step.state, step.error_code) == ("remote", "")


@pytest.mark.parametrize("state", ["waiting", "storing", "done", "failed", "unknown"])
def test_other_states_are_left_alone(step: Step, state: str) -> None:
    remote_id = "" if state == "waiting" else "task-1"
    Step.objects.update(state=state, remote_id=remote_id)
    push()
    assert Step.objects.get().due_at == step.due_at


def test_an_unknown_task_is_nothing(step: Step) -> None:
    assert push(about(task_id="somebody-elses")).status_code == 202
    assert Step.objects.get().due_at == step.due_at


def test_another_event_is_nothing(step: Step) -> None:
    assert push(EVENT | {"type": "dashscope:System:Other", "data": None}).status_code == 202
    assert Step.objects.get().due_at == step.due_at


@pytest.mark.parametrize(
    "change",
    [
        {"time": "2024-08-08T16:08:12.345+08:00"},
        {"time": 1723104492, "new": {"field": [1]}},
        {"specversion": "1.1", "subject": "x"},
    ],
)
def test_times_and_further_fields_do_not_matter(step: Step, change: dict[str, Any]) -> None:
    assert push(EVENT | change).status_code == 202
    assert Step.objects.get().due_at < step.due_at


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 30000, "not JSON"),
        ([EVENT], "The event is not a JSON object"),
        ({}, "is it a CloudEvent?"),
        (EVENT | {"type": 7}, "is it a CloudEvent?"),
        (EVENT | {"data": "e30="}, "data is not a JSON object"),
        (about(task_id=None), "data.task_id"),
        (about(task_id=""), "data.task_id"),
        (about(task_id=["task-1"]), "data.task_id"),
        (about(task_id="x" * 101), "data.task_id"),
        (about(task_id="task\x00"), "data.task_id"),
    ],
)
def test_what_is_malformed_is_shown(step: Step, body: Any, text: str) -> None:
    answer = push(body)
    assert answer.status_code == 400
    assert text in answer.content.decode()
    assert Step.objects.get().due_at == step.due_at


@pytest.mark.parametrize("given", ["wrong", SECRET + "x", SECRET[:-1], "é"])
def test_a_wrong_secret_finds_nothing(step: Step, given: str) -> None:
    assert push(secret=given).status_code == 404
    assert Step.objects.get().due_at == step.due_at


@pytest.mark.django_db
def test_without_a_secret_there_is_no_door(settings: Any) -> None:
    settings.DASHSCOPE_PUSH_SECRET = ""
    assert push().status_code == 404
    assert push(secret="").status_code == 404


@pytest.mark.django_db
def test_a_large_body_is_not_read() -> None:
    answer = push(EVENT | {"more": "x" * 70_000})
    assert (answer.status_code, answer.content) == (413, b"The event is too large.")


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "put", "delete", "head"])
def test_only_posts_are_taken(client: Client, method: str) -> None:
    assert getattr(client, method)(f"/hooks/dashscope/{SECRET}").status_code == 405
    assert getattr(client, method)("/hooks/dashscope/wrong").status_code == 404
