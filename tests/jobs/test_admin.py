from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_q.models import Failure, OrmQ, Schedule, Success, Task

from catalog.models import Collection, Garment, Person, Tag
from galleries.models import Gallery, ShareLink
from jobs.models import (
    Batch,
    Comparison,
    Event,
    Heartbeat,
    LedgerEntry,
    MonthTotal,
    Preset,
    ProviderAccount,
    Result,
    Step,
    TryOnJob,
)
from review.models import Decision
from tests.factories import (
    make_account,
    make_batch,
    make_gallery,
    make_garment,
    make_job,
    make_person,
    make_result,
    make_user,
)
from webhooks import outbox
from webhooks.models import WebhookDelivery, WebhookEndpoint

pytestmark = pytest.mark.django_db

Model = Any


def _event(n: int, user: User) -> Event:
    return Event.objects.create(kind="job", object_id=n, to_state="queued", by=user)


def _decision(n: int, user: User) -> Decision:
    return Decision.objects.create(result=make_result(), verdict="approved", by=user)


def _entry(n: int, user: User) -> LedgerEntry:
    step = make_job(batch=make_batch(account=make_account(f"entry{n}"))).steps.get()
    step.transition(["waiting"], "submitting", reserved=Decimal("0.50"))
    return LedgerEntry.objects.get(step=step)


def _total(n: int, user: User) -> MonthTotal:
    return MonthTotal.objects.get(account=_entry(n, user).account)


def _comparison(n: int, user: User) -> Comparison:
    comparison = Comparison.objects.create(name=f"Comparison {n}")
    for alias in ("local", f"other{n}"):
        make_batch(account=make_account(alias), comparison=comparison)
    return comparison


def _preset(n: int, user: User) -> Preset:
    account = make_account(f"preset{n}")
    return Preset.objects.create(name=f"Preset {n}", account=account, created_by=user)


def _tag(n: int, user: User) -> Tag:
    tag = Tag.objects.create(name=f"Tag {n}")
    tag.persons.add(make_person())
    tag.garments.add(make_garment(), make_garment())
    return tag


def _task(n: int, *, success: bool) -> Any:
    now = timezone.now()
    fields = {"id": f"{success}{n}", "name": f"t{n}", "func": "jobs.tasks.store"}
    task = Task.objects.create(**fields, started=now, stopped=now, success=success)
    return (Success if success else Failure).objects.get(pk=task.pk)


def _link(user: User) -> ShareLink:
    until = timezone.now() + timedelta(days=1)
    return ShareLink.make(make_gallery(), expires_at=until, created_by=user)[0]


def _endpoint(n: int) -> WebhookEndpoint:
    owner = make_user(f"listener{n}", is_superuser=True)
    return WebhookEndpoint.objects.create(owner=owner, url=f"https://example.com/{n}")


def _delivery(n: int) -> Any:
    return outbox.send_test(_endpoint(n))


# Rows of every model that is ours; each with relations of its own, so that an N+1 shows.
ROWS: dict[type, Callable[[int, User], Any]] = {
    Person: lambda n, user: make_person(created_by=user),
    Garment: lambda n, user: make_garment(created_by=user),
    Collection: lambda n, user: Collection.objects.create(name=f"Collection {n}"),
    ProviderAccount: lambda n, user: make_account(f"alias{n}"),
    Batch: lambda n, user: make_job(batch=make_batch(created_by=user)).batch,
    Comparison: _comparison,
    Preset: _preset,
    Tag: _tag,
    Schedule: lambda n, user: Schedule.objects.create(name=f"s{n}", func="jobs.tasks.dispatch"),
    OrmQ: lambda n, user: OrmQ.objects.create(key="toile", payload="x", lock=timezone.now()),
    Success: lambda n, user: _task(n, success=True),
    Failure: lambda n, user: _task(n, success=False),
    TryOnJob: lambda n, user: make_result().job,
    Step: lambda n, user: make_job("succeeded").steps.get(),
    Result: lambda n, user: make_result(),
    Decision: _decision,
    Event: _event,
    LedgerEntry: _entry,
    MonthTotal: _total,
    Heartbeat: lambda n, user: Heartbeat.objects.create(lane=f"l{n}", at=timezone.now(), pid=n),
    Gallery: lambda n, user: make_gallery(created_by=user),
    ShareLink: lambda n, user: _link(user),
    WebhookEndpoint: lambda n, user: _endpoint(n),
    WebhookDelivery: lambda n, user: _delivery(n),
    User: lambda n, user: make_user(f"user{n}"),
    Group: lambda n, user: Group.objects.create(name=f"group {n}"),
    EmailAddress: lambda n, user: EmailAddress.objects.create(
        user=make_user(f"mailed{n}"), email=f"user{n}@example.com"
    ),
    Authenticator: lambda n, user: Authenticator.objects.create(
        user=make_user(f"owner{n}"), type="totp", data={"secret": "SECRET"}
    ),
    UserSession: lambda n, user: UserSession.objects.create(
        user=make_user(f"caller{n}"), ip="203.0.113.7", session_key=f"{n:032}", user_agent="Toile"
    ),
}
OURS = [m for m in admin.site._registry if m._meta.app_label in ("catalog", "jobs")]
OWNED: list[Model] = [Comparison, TryOnJob, Step, Result, Decision, Event, Heartbeat]
OWNED += [LedgerEntry, MonthTotal, Gallery, ShareLink, WebhookEndpoint, WebhookDelivery]


def url(model: Model, page: str = "changelist", *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def at_desk(client: Client, boss: User) -> Client:
    client.force_login(boss)
    return client


def test_it_works(at_desk: Client) -> None:
    job = make_result().job
    page = at_desk.get(url(TryOnJob)).content.decode()
    assert job.person.thumb.url in page
    assert job.results.get().thumb.url in page
    assert 'loading="lazy"' in page
    assert at_desk.get(url(TryOnJob, "change", job.pk)).status_code == 200


def test_every_model_of_ours_is_here_and_tested() -> None:
    assert set(admin.site._registry) == set(ROWS)


def test_a_second_factor_does_not_show_its_secret(at_desk: Client, boss: User) -> None:
    row = ROWS[Authenticator](1, boss)
    page = at_desk.get(url(Authenticator, "change", row.pk))
    assert page.status_code == 200
    assert "SECRET" not in page.content.decode()


def test_a_device_that_is_deleted_is_ended(at_desk: Client, boss: User) -> None:
    phones = [Client(), Client(), Client()]
    for phone in phones:
        phone.force_login(boss)
        key = phone.session.session_key
        fields = {"user": boss, "ip": "203.0.113.7", "session_key": key}
        UserSession.objects.create(**fields)
    one, two, three = UserSession.objects.order_by("pk")
    at_desk.post(url(UserSession, "delete", one.pk), {"post": "yes"})
    chosen = {"action": "delete_selected", "_selected_action": [two.pk], "post": "yes"}
    at_desk.post(url(UserSession), chosen)
    assert [row.exists() for row in (one, two, three)] == [False, False, True]
    assert UserSession.objects.get() == three


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda m: m._meta.label)
def test_pages_open(at_desk: Client, boss: User, model: Model) -> None:
    row = ROWS[model](1, boss) if model in ROWS else model._base_manager.first()
    answer = at_desk.get(url(model))
    assert answer.status_code == 200
    if row:
        page = at_desk.get(url(model, "change", row.pk))
        assert page.status_code == 200
        assert b"style=" not in page.content
    assert b"style=" not in answer.content


@pytest.mark.parametrize("model", ROWS, ids=lambda m: m._meta.label)
def test_lists_cost_the_same_for_fifty_rows(at_desk: Client, boss: User, model: Model) -> None:
    counts = []
    at_desk.get(url(model))
    for first, last in ((0, 1), (1, 50)):
        for n in range(first, last):
            ROWS[model](n, boss)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert at_desk.get(url(model)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[1] < 16


@pytest.mark.parametrize("model", OWNED, ids=lambda m: m._meta.label)
def test_nothing_is_typed_over(at_desk: Client, boss: User, model: Model) -> None:
    row = ROWS[model](1, boss)
    before = model.objects.filter(pk=row.pk).values().get()
    assert at_desk.get(url(model, "add")).status_code == 403
    assert at_desk.post(url(model, "change", row.pk), {"state": "done"}).status_code == 403
    assert at_desk.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    at_desk.post(url(model), {"action": "delete_selected", "_selected_action": row.pk})
    assert model.objects.filter(pk=row.pk).values().get() == before


def test_no_secret_of_a_worker_is_shown(at_desk: Client) -> None:
    step = make_job("running").steps.get()
    images = [{"url": "https://signed.example/x"}]
    Step.objects.update(claim="claim-token", images=images)
    ProviderAccount.objects.update(lease_token="lease-token")
    page = at_desk.get(url(Step, "change", step.pk)).content
    page += at_desk.get(url(ProviderAccount, "change", step.account_id)).content
    for secret in (b"signed.example", b"claim-token", b"lease-token"):
        assert secret not in page


@pytest.mark.parametrize("query", ["q=sku-7", "q=Noor", "q=remote-7", "error_code=InvalidPerson"])
def test_try_ons_are_found(at_desk: Client, query: str) -> None:
    found = make_job(
        "failed",
        top=make_garment(sku="sku-7"),
        person=make_person(name="Noor"),
        error_code="InvalidPerson",
    )
    found.steps.update(remote_id="remote-7")
    other = make_job("failed", error_code="Other")
    page = at_desk.get(f"{url(TryOnJob)}?{query}").content.decode()
    assert url(TryOnJob, "change", found.pk) in page
    assert url(TryOnJob, "change", other.pk) not in page


@pytest.mark.parametrize(
    "query", ["state__exact=x", "account__id__exact=x", "error_code=%00", "o=99", "p=-1", "q=%27"]
)
def test_hostile_filters_are_no_faults(at_desk: Client, query: str) -> None:
    assert at_desk.get(f"{url(TryOnJob)}?{query}").status_code in (200, 302)


@pytest.mark.parametrize("bad", ["abc", "-1", "1 OR 1=1", "9" * 30, "²", ""])
@pytest.mark.parametrize("model", [TryOnJob, Result, Batch, Garment, ProviderAccount])
def test_hostile_ids_change_nothing(at_desk: Client, model: Model, bad: str) -> None:
    action = {TryOnJob: "cancel", Result: "approve", Batch: "cancel", Garment: "launch_tryon"}
    data = {"action": action.get(model, "pause"), "_selected_action": bad}
    assert at_desk.post(url(model), data).status_code == 400
    assert at_desk.get(url(model, "change", bad or "x")).status_code == 302
    assert not Event.objects.exists()


def test_a_lease_written_meanwhile_survives_a_save(
    at_desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = make_account("fake", concurrency=1)
    model_admin = admin.site.get_model_admin(ProviderAccount)
    original = type(model_admin).save_model

    def meanwhile(*args: Any) -> None:
        # The form has read the row; now the dispatcher leases it and a colleague pauses it.
        assert (fresh := ProviderAccount.objects.get(pk=account.pk)).lease(timezone.now())
        assert fresh.pause("budget spent")
        original(*args)

    monkeypatch.setattr(type(model_admin), "save_model", meanwhile)
    limits = {"concurrency": "7", "submits_per_s": "", "queries_per_s": "", "month_budget": "50"}
    typed = limits | {"state": "open", "alias": "hacked", "lease_token": "mine"}
    assert at_desk.post(url(ProviderAccount, "change", account.pk), typed).status_code == 302
    account.refresh_from_db()
    assert (account.concurrency, str(account.month_budget)) == (7, "50.00")
    assert (account.alias, account.state, account.pause_reason) == (
        "fake",
        "paused",
        "budget spent",
    )
    assert len(account.lease_token) == 32
    assert account.lease_until


def test_an_account_says_whether_it_is_offered(at_desk: Client, settings: Any) -> None:
    settings.PROVIDERS = {
        "ready": {"BACKEND": "tests.fake_provider.Fake"},
        "keyless": {"BACKEND": "tests.fake_provider.Fake", "OPTIONS": {"why": "No key is set."}},
    }
    make_account("keyless")
    make_account("gone")
    page = at_desk.get(url(ProviderAccount)).content.decode()
    assert "No key is set." in page
    assert "“gone” is not in settings.PROVIDERS." in page


def test_a_person_without_the_right_sees_nothing(client: Client) -> None:
    client.force_login(make_user())
    for model in OURS:
        assert client.get(url(model)).status_code == 403
    job = make_job()
    data = {"action": "cancel", "_selected_action": job.pk}
    assert client.post(url(TryOnJob), data).status_code == 403
    assert TryOnJob.objects.get().state == "queued"


@pytest.mark.parametrize("model", [TryOnJob, Result, Batch, ProviderAccount])
def test_who_may_only_look_gets_no_actions(client: Client, model: Model) -> None:
    looker = make_user()
    looker.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(looker)
    row = ROWS[model](1, looker)
    page = client.get(url(model))
    assert page.status_code == 200
    assert b'name="action"' not in page.content
    action = {TryOnJob: "cancel", Result: "approve", Batch: "cancel"}.get(model, "pause")
    client.post(url(model), {"action": action, "_selected_action": row.pk})
    assert not Event.objects.exists()
