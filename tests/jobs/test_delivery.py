"""Each delivery, tried: the sandbox fetches the images as the provider does, by its rules."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.storage import default_storage

from catalog.models import Garment, Person
from catalog.photos.add import add_photo
from jobs import pipeline
from jobs.dispatch import pacing
from jobs.dispatch.run_inline import work_until
from jobs.launch.create import launch
from jobs.launch.selection import outfit_of
from jobs.models import Result, Step, TryOnJob
from jobs.recipe import Recipe
from providers import checks, registry
from providers.contract import ProviderError
from providers.dashscope.uploads import _bytes_of
from sandbox import Sandbox
from tests.bucket import running_bucket, storage
from tests.factories import make_account, make_batch, make_job
from tests.pictures import photo

PROVIDER = "providers.dashscope.adapter.DashScope"
DELIVERIES = ["signed", "object-storage", "dashscope-upload"]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with running_bucket() as running:
        yield running


@pytest.fixture
def deliver(settings: Any, live_server: Any, endpoint: str, monkeypatch: Any) -> Iterator[Any]:
    """Dress a person by a delivery, from the launch to the image; the job that came of it."""
    monkeypatch.setattr(pacing, "UNKNOWN_S", 0.05)

    def job(way: str, sandbox: Sandbox) -> TryOnJob:
        settings.PUBLIC_BASE_URL = live_server.url
        if way == "object-storage":
            settings.STORAGES = settings.STORAGES | {"default": storage(endpoint)}
        options = {"api_key": "sk-t", "base_url": sandbox.dashscope_url, "delivery": way}
        settings.PROVIDERS = {"dashscope": {"BACKEND": PROVIDER, "OPTIONS": options}}
        registry.clear_caches()
        return launched()

    yield job
    registry.clear_caches()


def launched() -> TryOnJob:
    person = add_photo(Person, photo(seed=1), name="Ada", gender="woman", consent_scope="tryon")
    top = add_photo(Garment, photo(seed=2), name="Tee", slot="top")
    batch = launch(
        persons=[person],
        outfits=[outfit_of(top)],
        account=make_account("dashscope"),
        recipe=Recipe(model="aitryon"),
        name="delivery",
    )
    job = batch.jobs.get()
    ends = time.monotonic() + 20
    work_until(lambda: not TryOnJob.objects.unfinished().exists() or time.monotonic() > ends)
    job.refresh_from_db()
    return job


@pytest.mark.parametrize("way", DELIVERIES)
def test_it_works(deliver: Any, way: str) -> None:
    with Sandbox(task_seconds=0, instant=True) as sandbox:
        job = deliver(way, sandbox)
        assert (job.state, job.error_message) == ("succeeded", "")
        assert sandbox.ledger()["counters"]["billed"] == 1
    result = Result.objects.get(job=job)
    assert len(default_storage.open(result.original.name).read()) > 5000


@pytest.mark.parametrize(
    ("way", "state"),
    [("signed", "failed"), ("object-storage", "failed"), ("dashscope-upload", "succeeded")],
)
def test_a_private_address_is_refused(deliver: Any, way: str, state: str) -> None:
    """Site and bucket are on this machine, where a real provider would not look."""
    with Sandbox(task_seconds=0, instant=True, refuse_private=True) as sandbox:
        job = deliver(way, sandbox)
    assert (job.state, job.error_code) == (state, "InvalidURL" if state == "failed" else "")


@pytest.fixture
def step(db: None) -> Step:
    job = make_job(batch=make_batch(account=make_account("dashscope")))
    return Step.objects.get(job=job)


def sent(step: Step, settings: Any, way: str) -> str:
    options = {"api_key": "sk-t", "delivery": way}
    settings.PROVIDERS = {"dashscope": {"BACKEND": PROVIDER, "OPTIONS": options}}
    return pipeline.request_for(step).person.url


def test_addresses_outlive_the_providers_queue(step: Step, settings: Any, endpoint: str) -> None:
    settings.STORAGES = settings.STORAGES | {"default": storage(endpoint)}
    url = sent(step, settings, "object-storage")
    assert url.startswith(f"{endpoint}/toile-photos/test/")
    assert "X-Amz-Expires=90000" in url
    settings.PUBLIC_BASE_URL = "https://toile.example"
    expires = int(sent(step, settings, "signed").split("/")[4])
    assert expires - time.time() >= 24 * 3600


@pytest.mark.parametrize("way", ["signed", "object-storage"])
def test_without_an_address_nothing_is_sent(step: Step, settings: Any, way: str) -> None:
    settings.PUBLIC_BASE_URL = ""
    assert sent(step, settings, way) == ""


@pytest.mark.parametrize(
    ("error", "code", "kind"),
    [
        (FileNotFoundError(2, "No such file"), "file_unreadable", "input"),
        (OSError(5, "object storage: SlowDown"), "storage_unreachable", "transient"),
    ],
)
def test_a_photo_that_cannot_be_read_is_shown(
    step: Step, monkeypatch: pytest.MonkeyPatch, error: OSError, code: str, kind: str
) -> None:
    """A storage that is away for a moment is no fault of the photo."""
    image = pipeline.request_for(step).person
    away = SimpleNamespace(open=lambda name: raised(error))
    monkeypatch.setattr(pipeline, "default_storage", away)
    for read in (image.read, partial(_bytes_of, image)):
        with pytest.raises(ProviderError) as told:
            read()
        assert (told.value.code, told.value.kind, told.value.sent) == (code, kind, "no")


def raised(error: Exception) -> None:
    raise error


@pytest.mark.django_db
def test_the_delivery_is_an_accounts_own(settings: Any) -> None:
    settings.IMAGE_DELIVERY = "signed"
    settings.PROVIDERS = {
        "plain": {"BACKEND": PROVIDER, "OPTIONS": {"api_key": "k"}},
        "bucket": {"BACKEND": PROVIDER, "DELIVERY": "object-storage"},
        "upload": {"BACKEND": PROVIDER, "OPTIONS": {"delivery": "dashscope-upload"}},
    }
    ways = [registry.delivery(alias) for alias in settings.PROVIDERS]
    assert ways == ["signed", "object-storage", "dashscope-upload"]


@pytest.mark.parametrize(
    ("way", "codes"),
    [("signed", []), ("nonsense", ["jobs.E006"]), ("object-storage", ["jobs.E007"])],
)
def test_a_delivery_that_cannot_work_is_an_error(settings: Any, way: str, codes: Any) -> None:
    settings.PROVIDERS = {"x": {"BACKEND": PROVIDER, "OPTIONS": {"delivery": way}}}
    assert [message.id for message in checks.images_can_be_delivered()] == codes


@pytest.mark.parametrize(
    ("base", "warned"),
    [("http://localhost:8000", True), ("http://10.0.0.7", True), ("https://toile.example", False)],
)
def test_a_private_site_is_warned_of(settings: Any, base: str, warned: bool) -> None:
    settings.PUBLIC_BASE_URL = base
    options = {"api_key": "sk-t", "delivery": "signed"}
    settings.PROVIDERS = {"x": {"BACKEND": PROVIDER, "OPTIONS": options}}
    registry.clear_caches()
    assert bool(checks.public_address_is_public()) is warned
    registry.clear_caches()
