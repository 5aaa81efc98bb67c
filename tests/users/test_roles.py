"""Each role may exactly its work: role × action, by status code, and by permission."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from galleries.models import ShareLink
from jobs.models import Preset, ProviderAccount, Result, TryOnJob
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
from tests.review.comparison_setup import make_comparison
from users.roles import ROLES, make_roles

pytestmark = pytest.mark.django_db

ROOMS = ("jobs", "galleries", "review", "reports", "privacy", "webhooks", "notifications", "api")
NAMES = ("merchandiser", "reviewer", "publisher", "auditor")
M, R, P, A = NAMES
EVERYBODY = set(NAMES)


@pytest.fixture(autouse=True)
def _groups() -> None:
    """A flushed database has lost them."""
    make_roles()


def member(role: str, **fields: Any) -> Client:
    user = make_user(role, **fields)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


def admin_url(model: str, page: str = "changelist", *args: Any) -> str:
    return reverse(f"admin:{model}_{page}", args=args)


def get(url: Callable[[], str]) -> Callable[[Client], int]:
    return lambda client: client.get(url()).status_code


def post(url: Callable[[], str], **data: Any) -> Callable[[Client], int]:
    return lambda client: client.post(url(), data).status_code


def act(model: str, action: str, row: Callable[[], Any], state: Callable[[Any], Any]) -> Any:
    """An admin action: 302 where it changed the row, 403 where it did not.

    Django answers 200 with the list, as if nothing had been chosen.
    """

    def run(client: Client) -> int:
        chosen = row()
        before = state(chosen)
        data = {"action": action, "_selected_action": chosen.pk}
        client.post(admin_url(model), data)
        chosen.refresh_from_db()
        return 302 if state(chosen) != before else 403

    return run


def launch(client: Client) -> int:
    data = {"action": "launch_tryon", "_selected_action": make_garment().pk}
    answer = client.post(admin_url("catalog_garment"), data)
    return 200 if answer.headers.get("Location", "").startswith(reverse("launch")) else 403


def of(name: str, row: Callable[[], Any]) -> Callable[[], str]:
    return lambda: reverse(name, args=[row().pk])


def revoke(client: Client) -> int:
    gallery = make_gallery()
    link, _token = ShareLink.make(gallery, expires_at=timezone.now() + timedelta(days=1))
    url = reverse("gallery-revoke", args=[gallery.pk])
    return client.post(url, {"link": link.pk}).status_code


def preset() -> Preset:
    return Preset.objects.create(name="House", account=make_account())


# Which roles may, and a request to check it; the others get 403.
ACTIONS: dict[str, tuple[set[str], Callable[[Client], int]]] = {
    "see the gallery": (EVERYBODY, get(lambda: reverse("gallery"))),
    "see batches": (EVERYBODY, get(lambda: reverse("batches"))),
    "see a batch": (EVERYBODY, get(of("batch", lambda: make_job().batch))),
    "see a result": (EVERYBODY, get(of("result", make_result))),
    "see the overview": (EVERYBODY, get(lambda: reverse("overview"))),
    "see garments": (EVERYBODY, get(lambda: reverse("garments"))),
    "see persons": (EVERYBODY, get(lambda: reverse("persons"))),
    "see a garment": (EVERYBODY, get(of("garment", make_garment))),
    "see a person": (EVERYBODY, get(of("person", make_person))),
    "export garments": (EVERYBODY, get(lambda: reverse("garments-export"))),
    "see the launch page": ({M}, get(lambda: reverse("launch"))),
    "add a photo": ({M}, post(lambda: reverse("garment-upload"))),
    "tag garments": ({M}, post(lambda: reverse("garment-bulk"), do="archive")),
    "change a garment": ({M}, post(of("garment", make_garment), name="x")),
    "import": ({M}, post(lambda: reverse("imports"))),
    "pause a batch": ({M}, post(of("batch-pause", make_batch))),
    "put a batch first": ({M}, post(of("batch-priority", make_batch), priority="1")),
    "see a consent": (EVERYBODY, get(of("person-consent", make_person))),
    "see a document": ({M}, get(of("person-document", lambda: make_person(consent_document="x")))),
    "record consent": ({M}, post(of("person-consent", make_person), scope="tryon")),
    "withdraw consent": ({M}, post(of("person-withdraw", make_person))),
    "erase a person": ({M}, get(of("person-erase", make_person))),
    "decide": ({R}, post(of("decide", make_result), verdict="approved")),
    "see statistics": (EVERYBODY, get(lambda: reverse("statistics"))),
    "see a comparison": (EVERYBODY, get(of("comparison", make_comparison))),
    "choose the best": ({R}, post(of("comparison-choose", make_comparison))),
    "undo a choice": ({R}, post(of("comparison-undo", make_comparison))),
    "repeat a job": ({M}, post(of("job-repeat", lambda: make_job("failed")))),
    "cancel a job": ({M}, post(of("job-cancel", make_job))),
    "settle a job": ({M}, post(of("job-settle", lambda: make_job("needs_attention")))),
    "cancel a batch": ({M}, post(of("batch-cancel", make_batch))),
    "retry a batch": ({M}, post(of("batch-retry", make_batch))),
    "set a budget": ({M}, post(of("batch-budget", make_batch), budget="5")),
    "see the galleries": (EVERYBODY, get(lambda: reverse("galleries"))),
    "see a gallery": (EVERYBODY, get(of("gallery-edit", make_gallery))),
    "preview a gallery": (EVERYBODY, get(of("gallery-preview", make_gallery))),
    "make a gallery": ({P}, post(lambda: reverse("gallery-new"), name="Spring", access="public")),
    "change a gallery": (
        {P},
        post(of("gallery-edit", make_gallery), name="Spring", access="public", version="0"),
    ),
    "show a gallery": ({P}, post(of("gallery-show", make_gallery))),
    "unpublish a gallery": ({P}, post(of("gallery-unpublish", make_gallery))),
    "delete a gallery": ({P}, post(of("gallery-delete", make_gallery))),
    "add to a gallery": ({P}, post(of("gallery-add", make_gallery))),
    "remove from a gallery": ({P}, post(of("gallery-remove", make_gallery))),
    "order a gallery": ({P}, post(of("gallery-order", make_gallery))),
    "move in a gallery": ({P}, post(of("gallery-move", make_gallery))),
    "choose a cover": ({P}, post(of("gallery-cover", make_gallery))),
    "share a gallery": ({P}, post(of("gallery-share", make_gallery), days="7")),
    "revoke a link": ({P}, revoke),
    "admin: see galleries": (EVERYBODY, get(lambda: admin_url("galleries_gallery"))),
    "admin: see share links": (EVERYBODY, get(lambda: admin_url("galleries_sharelink"))),
    "review": ({R}, get(lambda: reverse("review"))),
    "see decisions": (EVERYBODY, get(lambda: reverse("decisions"))),
    "admin: see persons": (EVERYBODY, get(lambda: admin_url("catalog_person"))),
    "admin: see garments": (EVERYBODY, get(lambda: admin_url("catalog_garment"))),
    "admin: see tags": (EVERYBODY, get(lambda: admin_url("catalog_tag"))),
    "admin: see collections": (EVERYBODY, get(lambda: admin_url("catalog_collection"))),
    "admin: see batches": (EVERYBODY, get(lambda: admin_url("jobs_batch"))),
    "admin: see comparisons": (EVERYBODY, get(lambda: admin_url("jobs_comparison"))),
    "admin: see try-ons": (EVERYBODY, get(lambda: admin_url("jobs_tryonjob"))),
    "admin: see steps": (EVERYBODY, get(lambda: admin_url("jobs_step"))),
    "admin: see results": (EVERYBODY, get(lambda: admin_url("jobs_result"))),
    "admin: see decisions": (EVERYBODY, get(lambda: admin_url("review_decision"))),
    "admin: see events": ({M, A}, get(lambda: admin_url("jobs_event"))),
    "admin: see the ledger": ({M, A}, get(lambda: admin_url("jobs_ledgerentry"))),
    "admin: see the spend": ({M, A}, get(lambda: admin_url("jobs_monthtotal"))),
    "admin: see accounts": ({M, A}, get(lambda: admin_url("jobs_provideraccount"))),
    "admin: see presets": ({M, A}, get(lambda: admin_url("jobs_preset"))),
    "admin: see lanes": ({M, A}, get(lambda: admin_url("jobs_heartbeat"))),
    "admin: see webhook endpoints": ({M, A}, get(lambda: admin_url("webhooks_webhookendpoint"))),
    "admin: see webhook deliveries": ({A}, get(lambda: admin_url("webhooks_webhookdelivery"))),
    "admin: see users": ({A}, get(lambda: admin_url("auth_user"))),
    "admin: see groups": ({A}, get(lambda: admin_url("auth_group"))),
    "admin: add a person": ({M}, get(lambda: admin_url("catalog_person", "add"))),
    "admin: add a garment": ({M}, get(lambda: admin_url("catalog_garment", "add"))),
    "admin: add a tag": ({M}, get(lambda: admin_url("catalog_tag", "add"))),
    "admin: add a collection": ({M}, get(lambda: admin_url("catalog_collection", "add"))),
    "admin: add a preset": ({M}, get(lambda: admin_url("jobs_preset", "add"))),
    "admin: delete a garment": (
        {M},
        get(lambda: admin_url("catalog_garment", "delete", make_garment().pk)),
    ),
    "admin: delete a person": (
        {M},
        get(lambda: admin_url("catalog_person", "delete", make_person().pk)),
    ),
    "admin: delete a preset": ({M}, get(lambda: admin_url("jobs_preset", "delete", preset().pk))),
    "admin: change a user": (set(), get(lambda: admin_url("auth_user", "add"))),
    "admin: change a group": (set(), get(lambda: admin_url("auth_group", "add"))),
    "admin: change a batch": (
        {M},
        post(
            lambda: admin_url("jobs_batch", "change", make_batch().pk),
            name="Renamed",
            priority="0",
        ),
    ),
    "admin: change limits": (
        set(),
        post(lambda: admin_url("jobs_provideraccount", "change", make_account().pk)),
    ),
    "admin: archive": (
        {M},
        act("catalog_garment", "archive", make_garment, lambda g: g.archived_at),
    ),
    "admin: launch": ({M}, launch),
    "admin: cancel": ({M}, act("jobs_tryonjob", "cancel", make_job, lambda j: j.state)),
    "admin: pause an account": (
        set(),
        act("jobs_provideraccount", "pause", make_account, lambda a: a.state),
    ),
    "admin: approve": ({R}, act("jobs_result", "approve", make_result, lambda r: r.review)),
    "admin: publish": (
        {P},
        act(
            "jobs_result",
            "publish",
            lambda: make_result("approved"),
            lambda r: bool(r.published_at),
        ),
    ),
}


@pytest.mark.parametrize("role", NAMES)
def test_each_role_may_exactly_its_work(role: str) -> None:
    client = member(role)
    wrong = {}
    for name, (allowed, try_it) in ACTIONS.items():
        status = try_it(client)
        if (status in (200, 302)) != (role in allowed) or status not in (200, 302, 403):
            wrong[name] = status
    assert wrong == {}


def test_it_works() -> None:
    assert set(Group.objects.values_list("name", flat=True)) >= EVERYBODY
    for name, wanted in ROLES.items():
        held = Group.objects.get(name=name).permissions.select_related("content_type")
        assert {f"{p.content_type.app_label}.{p.codename}" for p in held} == set(wanted)


def test_an_auditor_changes_nothing() -> None:
    assert all(".view_" in permission for permission in ROLES["auditor"])
    models = [m._meta for m in apps.get_models() if m._meta.app_label in ROOMS]
    ours = {meta.model_name for meta in models if "view" in meta.default_permissions}
    seen = {name.partition("view_")[2] for name in ROLES["auditor"]}
    assert {n for n in ours if n and not n.startswith(("batch_", "tryonjob_"))} <= seen


def test_a_group_that_somebody_changed_stays() -> None:
    group = Group.objects.get(name="reviewer")
    group.permissions.set(Permission.objects.filter(codename="view_result"))
    Group.objects.get(name="auditor").delete()
    for _ in range(2):
        make_roles()
    assert group.permissions.count() == 1
    assert Group.objects.get(name="auditor").permissions.exists()


def test_without_the_staff_status_there_is_no_admin() -> None:
    client = member("reviewer")
    client.get("/")
    from django.contrib.auth.models import User

    User.objects.update(is_staff=False)
    assert client.get(reverse("admin:index")).status_code == 302
    assert client.get(of("result", make_result)()).status_code == 200


# What every login may see; the overview shows no panel without its right.
LOOKS = {"see the overview", "see the gallery", "see batches", "see a batch", "see a result"}


def test_nobody_in_no_group_acts() -> None:
    client = Client()
    client.force_login(make_user("nobody"))
    for name, (_allowed, try_it) in ACTIONS.items():
        if name not in LOOKS:
            assert try_it(client) == 403, name
    assert not Result.objects.exclude(published_at=None).exists()
    assert TryOnJob.objects.exclude(state="canceled").exists()
    assert not ProviderAccount.objects.exclude(state="open").exists()
