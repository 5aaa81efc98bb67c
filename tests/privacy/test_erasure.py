"""Erased is erased: the storage is walked, not believed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from catalog.models import Person
from catalog.photos import ingest
from catalog.photos.add import add_photo
from catalog.preflight import fixes, measure
from engine import AnalysisCache
from jobs.billing import ledger_check
from jobs.launch.create import LaunchRefused, launch
from jobs.models import Event, LedgerEntry, ProviderAccount, Result, Step, TryOnJob
from privacy import consent, erasure
from review.models import Decision
from tests.factories import make_garment, make_job, make_person, make_result, make_user
from tests.pictures import photo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _cache_of_the_test(settings: Any, tmp_path: Path) -> Any:
    local = settings.PROVIDERS["local"] | {"OPTIONS": {"cache_dir": str(tmp_path / "engine")}}
    settings.PROVIDERS = {"local": local}
    measure._analysis_cache.cache_clear()
    yield
    measure._analysis_cache.cache_clear()


@pytest.fixture
def by() -> User:
    return make_user()


def on_disk(settings: Any) -> set[str]:
    root = Path(settings.MEDIA_ROOT)
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def real_result(job: TryOnJob, seed: int, review: str = "approved") -> Result:
    values = ingest.save(ingest.prepare(photo(seed=seed)), "result")
    columns = {name: values[name] for name in ("sha256", "original", "large", "thumb")}
    size = {"width": values["width"], "height": values["height"]}
    step = job.steps.get()
    return Result.objects.create(job=job, step=step, role="final", review=review, **columns, **size)


def remember(sha256: str) -> Path:
    """As the engine does; by hash, because the key is made of the content."""
    memory = measure._analysis_cache()
    memory.folder.mkdir(parents=True, exist_ok=True)
    path = memory.folder / f"{sha256}-{'0' * 16}.npz"
    path.write_bytes(b"x")
    return path


def test_it_works(by: User, settings: Any) -> None:
    person = add_photo(Person, photo(400, 1100, seed=1), name="Noor", consent_scope="publish")
    assert fixes.apply(person, "pad")
    person.refresh_from_db()
    document = default_storage.save(f"consent/{person.pk}/old.pdf", ContentFile(b"%PDF-old"))
    assert document
    consent.record(person, by, scope="publish", document=f"consent/{person.pk}/new.pdf")
    default_storage.save(f"consent/{person.pk}/new.pdf", ContentFile(b"%PDF-new"))
    known = [remember(person.wire_sha256)]
    known += [remember(name) for name in erasure._wire_hashes(person)]
    stranger = remember("f" * 64)
    shown = real_result(make_job("succeeded", person=person), seed=11)
    shown.publish(by)
    Decision.objects.create(result=shown, verdict="approved", by=by)
    make_job(person=person)
    other = real_result(make_job("succeeded"), seed=12)
    others = {
        path for path in on_disk(settings) if other.sha256 in path or path.startswith("test/")
    }

    done = erasure.erase_person(person, by)

    assert on_disk(settings) == others
    assert not any(path.exists() for path in known)
    assert stranger.exists()
    assert not Person.objects.filter(name="Noor").exists()
    assert list(Result.objects.all()) == [other]
    assert (done.jobs, done.results, done.shared_files) == (2, 1, 0)
    assert done.files >= 10
    [left] = Event.objects.all()
    assert (left.kind, left.to_state, left.by) == ("person", "erased", by)
    assert left.why == f"try-ons: 2, results: 1, files: {done.files}"


def test_the_ledger_stays(by: User) -> None:
    job = make_job()
    step = job.steps.get()
    step.transition(["waiting"], "submitting", reserved=Decimal("0.50"))
    step.transition(["submitting"], "done", cost=Decimal("0.50"), remote_id="r1", paid_images=1)
    TryOnJob.objects.update(state="succeeded", finished_at=timezone.now())
    erasure.erase_person(job.person, by)
    assert not Step.objects.exists()
    entries = LedgerEntry.objects.all()
    assert sum(entry.amount for entry in entries) == Decimal("0.50")
    assert {(entry.step, entry.batch) for entry in entries} == {(None, job.batch)}
    assert ledger_check.differences() == []


@pytest.mark.parametrize(
    ("state", "step_state", "words"),
    [
        ("running", "submitting", "at a provider"),
        ("running", "remote", "at a provider"),
        ("running", "storing", "at a provider"),
        ("running", "unknown", "at a provider"),
        ("needs_attention", "unknown", "needs a decision"),
    ],
)
def test_jobs_at_a_provider_block_the_erasure(
    by: User, settings: Any, state: str, step_state: str, words: str
) -> None:
    job = make_job(state, step_state=step_state)
    before = on_disk(settings)
    with pytest.raises(erasure.EraseRefused, match=words):
        erasure.erase_person(job.person, by)
    assert on_disk(settings) == before
    fresh = Person.objects.get(pk=job.person_id)
    assert fresh.consent_withdrawn_at is None
    assert not Event.objects.exists()


def test_a_call_begun_meanwhile_blocks_the_erasure(
    by: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job()
    real = consent.withdraw

    def begun_before(*args: Any, **kwargs: Any) -> Any:
        Step.objects.filter(job=job).update(state="submitting")
        return real(*args, **kwargs)

    monkeypatch.setattr(consent, "withdraw", begun_before)
    with pytest.raises(erasure.EraseRefused, match="at a provider"):
        erasure.erase_person(job.person, by)
    assert Result.objects.count() == 0
    assert TryOnJob.objects.filter(pk=job.pk).exists()


def test_a_dead_process_leaves_work_that_can_be_finished(
    by: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = add_photo(Person, photo(seed=1), name="Noor", consent_scope="publish")
    real_result(make_job("succeeded", person=person), seed=11)
    kept = {path for path in on_disk(settings) if path.startswith("test/")}
    monkeypatch.setattr(erasure, "_delete_rows", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        erasure.erase_person(person, by)
    monkeypatch.undo()
    erasure.erase_person(Person.objects.get(name="Noor"), by)
    assert on_disk(settings) == kept
    assert not TryOnJob.objects.exists()


def test_files_that_another_record_uses_stay_and_are_counted(by: User, settings: Any) -> None:
    first = add_photo(Person, photo(seed=1), name="Noor", consent_scope="publish")
    second = add_photo(Person, photo(seed=1), name="Noor again", consent_scope="publish")
    result = real_result(make_job("succeeded", person=first), seed=11)
    twin = real_result(make_job("succeeded", person=make_person()), seed=11)
    assert erasure.same_photo(first) == [second]
    done = erasure.erase_person(first, by)
    assert done.shared_files == 2
    assert default_storage.exists(second.original.name)
    assert default_storage.exists(twin.original.name)
    assert result.original.name == twin.original.name
    assert erasure.erase_person(second, by).shared_files == 0
    assert not any(second.sha256 in path for path in on_disk(settings))


def test_names_in_the_admins_log_go_too(by: User) -> None:
    person = make_person(name="Noor")
    kind = ContentType.objects.get_for_model(Person)
    LogEntry.objects.create(
        user=by, content_type=kind, object_id=person.pk, object_repr="Noor", action_flag=CHANGE
    )
    erasure.erase_person(person, by)
    assert not LogEntry.objects.exists()


def test_nobody_launches_meanwhile(
    account: ProviderAccount, by: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = make_person()
    real = erasure._delete_rows

    def tried(*args: Any) -> None:
        fresh = Person.objects.get(pk=person.pk)
        with pytest.raises(LaunchRefused, match="withdrawn"):
            launch(persons=[fresh], outfits=[{"top": make_garment()}], account=account)
        real(*args)

    monkeypatch.setattr(erasure, "_delete_rows", tried)
    erasure.erase_person(person, by)
    assert not Person.objects.exists()


def test_results_are_read_in_chunks(by: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure, "READ_AT_ONCE", 2)
    person = make_person()
    for _ in range(5):
        make_result(job=make_job("succeeded", person=person))
    assert erasure.erase_person(person, by).results == 5


def test_deleting_an_unused_person_takes_the_documents(
    settings: Any, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    person = add_photo(Person, photo(seed=1), name="Noor")
    default_storage.save(f"consent/{person.pk}/a.pdf", ContentFile(b"%PDF"))
    with django_capture_on_commit_callbacks(execute=True):
        Person.objects.filter(pk=person.pk).erase()
    assert on_disk(settings) == set()


def test_the_engine_finds_what_it_knows_by_content(tmp_path: Path) -> None:
    cache = AnalysisCache(tmp_path)
    for name in (
        AnalysisCache.key("person", "1", b"a"),
        AnalysisCache.key("person", "2", b"a"),
        "e" * 64,
    ):
        (tmp_path / f"{name}.npz").write_bytes(b"x")
    (tmp_path / f"{AnalysisCache.key('top', '1', b'b')}.npz").write_bytes(b"x")
    sha256 = AnalysisCache.key("", "", b"a").partition("-")[0]
    assert cache.delete({sha256}) == 2
    assert len(list(tmp_path.iterdir())) == 1
