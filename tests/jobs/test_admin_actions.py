from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from jobs.launch.create import LaunchRefused
from jobs.models import Batch, Event, ProviderAccount, Result, Step, TryOnJob
from review.models import Decision
from tests.factories import make_account, make_batch, make_job, make_result, make_user
from tests.jobs.test_admin import url

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_desk(client: Client, boss: User) -> Client:
    client.force_login(boss)
    return client


def act(client: Client, action: str, *rows: Any, query: str = "", **more: str) -> list[str]:
    """Do an action to rows and return what the next page says."""
    data = {"action": action, "_selected_action": [row.pk for row in rows], **more}
    answer = client.post(url(type(rows[0])) + query, data, follow=True)
    assert answer.status_code == 200
    return [str(message) for message in answer.context["messages"]]


def states() -> list[str]:
    return list(TryOnJob.objects.order_by("id").values_list("state", flat=True))


def test_it_works(at_desk: Client, boss: User) -> None:
    said = act(at_desk, "cancel", make_job("queued"))
    assert said == ["1 try-on cancelled."]
    assert states() == ["canceled"]
    assert set(Event.objects.values_list("kind", "by")) == {("step", boss.pk), ("job", boss.pk)}


def test_cancel_says_why_others_were_not(at_desk: Client) -> None:
    jobs = [make_job(s) for s in ("queued", *TryOnJob.State.values)]
    said = act(at_desk, "cancel", *jobs)
    assert said[0] == "2 try-ons cancelled."
    assert sorted(said[1:]) == [
        "1 was left as it is: it had already ended (Canceled).",
        "1 was left as it is: it had already ended (Failed).",
        "1 was left as it is: it had already ended (Succeeded).",
        "1 was left as it is: its outcome is unknown: give it up instead.",
        "1 was left as it is: the provider already has it and finishes it.",
    ]
    assert states()[:3] == ["canceled", "canceled", "running"]
    assert states()[3:] == ["succeeded", "failed", "canceled", "needs_attention"]


def test_rows_that_left_the_list_are_counted(at_desk: Client) -> None:
    gone = make_job("running")
    said = act(at_desk, "cancel", make_job("queued"), gone, query="?state__exact=queued")
    assert said == ["1 try-on cancelled.", "1 was left as it is: no longer in this list."]


def test_select_all_takes_the_whole_list(at_desk: Client) -> None:
    jobs = [make_job("queued") for _ in range(3)]
    assert act(at_desk, "cancel", jobs[0], select_across="1") == ["3 try-ons cancelled."]


def test_retry_queues_again_and_says_why_not(at_desk: Client, account: ProviderAccount) -> None:
    batch = make_batch(account=account)
    jobs = [make_job(s, batch=batch) for s in ("failed", "running", "needs_attention")]
    said = act(at_desk, "retry", *jobs)
    assert said[0] == "1 try-on queued again."
    assert sorted(said[1:]) == [
        "1 was left as it is: it has not ended.",
        "1 was left as it is: its outcome is unknown: give it up first.",
    ]
    assert TryOnJob.objects.get(repeat_of=jobs[0]).state == "queued"
    # The second click pays for nothing.
    said = act(at_desk, "retry", jobs[0])
    assert said == ["0 try-ons queued again.", "1 was left as it is: it was already repeated."]
    assert TryOnJob.objects.count() == 4


def test_retry_passes_on_what_launch_refuses(
    at_desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any) -> None:
        raise LaunchRefused(["No key is set."])

    monkeypatch.setattr("jobs.admin.job.repeat", refuse)
    said = act(at_desk, "retry", make_job("failed"), make_job("failed"))
    assert said == ["0 try-ons queued again.", "2 were left as they are: No key is set."]


def test_give_up_settles_what_needs_attention(at_desk: Client) -> None:
    said = act(at_desk, "give_up", make_job("needs_attention"), make_job("running"))
    assert said == [
        "1 try-on given up.",
        "1 was left as it is: it did not need attention.",
    ]
    assert states() == ["failed", "running"]


def test_a_batch_is_cancelled(at_desk: Client) -> None:
    batch, ended = make_batch(), make_batch()
    for state in ("queued", "queued", "running"):
        make_job(state, batch=batch)
    make_job("failed", batch=ended)
    assert act(at_desk, "cancel", batch, ended) == [
        "2 try-ons cancelled.",
        "1 was left as it is: the provider already has it and finishes it.",
        "1 was left as it is: nothing in this batch was unfinished.",
    ]


def test_batches_show_their_progress(at_desk: Client) -> None:
    batch = make_batch()
    for state in ("queued", "failed", "succeeded"):
        make_job(state, batch=batch)
    Step.objects.filter(state="done").update(cost="0.2")
    for page in (url(Batch), url(Batch, "change", batch.pk)):
        text = at_desk.get(page).content.decode()
        assert "2 of 3 ended, 1 failed" in text
        assert "0.2" in text


def test_pause_and_resume(at_desk: Client) -> None:
    account, paused = make_account("a"), make_account("b")
    paused.pause("budget")
    assert act(at_desk, "pause", account, paused) == [
        "1 paused.",
        "1 was left as it is: it was already paused.",
    ]
    account.refresh_from_db()
    assert (account.state, account.pause_reason) == ("paused", "Paused by boss.")
    other = make_account("c")
    assert act(at_desk, "resume", account, paused, other) == [
        "2 resumed.",
        "1 was left as it is: it was not paused.",
    ]


def test_approve_and_undo(at_desk: Client, boss: User) -> None:
    coarse = make_result()
    Result.objects.filter(pk=coarse.pk).update(role="unrefined")
    rows = [make_result(), make_result("rejected"), coarse]
    said = act(at_desk, "approve", *rows)
    assert said[0] == "1 result approved."
    assert sorted(said[1:]) == [
        "1 was left as it is: its review was already “Rejected”.",
        "1 was left as it is: only final images are reviewed.",
    ]
    decision = Decision.objects.get()
    assert (decision.verdict, decision.by) == ("approved", boss)
    said = act(at_desk, "undo", *rows[:2], make_result())
    assert said[0] == "2 results are pending."
    assert said[1:] == ["1 was left as it is: its review was already “Pending”."]


def test_reject_asks_why_first(at_desk: Client) -> None:
    rows = [make_result(), make_result("approved")]
    data = {"action": "reject", "_selected_action": [r.pk for r in rows]}
    page = at_desk.post(url(Result), data)
    assert page.templates[0].name == "admin/review/reject.html"
    assert rows[0].thumb.url in page.content.decode()
    assert b"style=" not in page.content
    unsaid = at_desk.post(url(Result), data | {"confirmed": "yes", "reason": "nonsense"})
    assert unsaid.context["form"].errors.keys() == {"reason"}
    assert not Decision.objects.exists()
    said = act(at_desk, "reject", *rows, confirmed="yes", reason="hands", note="six fingers")
    assert said[0] == "1 result rejected."
    assert said[1:] == ["1 was left as it is: its review was already “Approved”."]
    decision = Decision.objects.get()
    assert (decision.reason, decision.note) == ("hands", "six fingers")


def test_too_many_results_are_not_rejected_at_once(
    at_desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("review.admin.result.MAX_REJECTED", 1)
    said = act(at_desk, "reject", make_result(), make_result())
    assert said == ["Choose at most 1 results at a time. Nothing was changed."]


@pytest.mark.parametrize(
    ("model", "right", "action", "others"),
    [
        (TryOnJob, "change_tryonjob", "cancel", "retry"),
        (Batch, "change_tryonjob", "cancel", ""),
        (Result, "change_result", "approve", "reject"),
        (ProviderAccount, "change_provideraccount", "pause", "resume"),
    ],
)
def test_the_right_brings_the_action(
    client: Client, model: Any, right: str, action: str, others: str
) -> None:
    user = make_user()
    seeing = f"view_{model._meta.model_name}"
    user.user_permissions.set(Permission.objects.filter(codename__in=[seeing, right]))
    client.force_login(user)
    make_result()
    page = client.get(url(model)).content.decode()
    assert f'<option value="{action}">' in page
    assert not others or f'<option value="{others}">' in page
