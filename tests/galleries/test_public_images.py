"""What the public gets of a published result: made once, taken down at once, made anew."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from galleries import public_images
from galleries import tasks as galleries_tasks
from galleries.models import PublicImage
from jobs.models import Result, TryOnJob
from privacy import consent, erasure
from review.decide import reopen
from tests import exif
from tests.conftest import Commits
from tests.factories import make_job, make_result
from tests.pictures import photo

pytestmark = pytest.mark.django_db

HASH = "ab" * 32


def published(width: int = 500, **kwargs: Any) -> Result:
    """A published result with a real picture; its public image is yet to be made."""
    name = default_storage.save(f"result/{HASH}.jpg", ContentFile(photo(width, width * 4 // 3)))
    size = {"width": width, "height": width * 4 // 3, "original": name}
    return make_result("approved", **({"published_at": timezone.now()} | size | kwargs))


def files(settings: Any) -> list[str]:
    return sorted(
        str(path.relative_to(settings.PUBLIC_ROOT))
        for path in Path(settings.PUBLIC_ROOT).rglob("*")
        if path.is_file()
    )


@pytest.fixture(autouse=True)
def _widths(settings: Any) -> None:
    settings.PUBLIC_WIDTHS = [320, 480, 800]


@exif.needs_exiftool
def test_it_works(client: Client, settings: Any, tmp_path: Path) -> None:
    result = published()
    galleries_tasks.update_public_images()
    public = PublicImage.objects.get()
    assert (public.result, public.widths) == (result, [320, 480, 500])
    assert (public.width, public.height, public.label) == (500, 666, public_images.label())
    assert public.src == f"/public/{public.name}/500.jpg"
    addresses = [part.split()[0] for part in f"{public.srcset}, {public.srcset_webp}".split(", ")]
    assert len(addresses) == 6
    for address in addresses:
        answer = client.get(address)
        assert answer["Cache-Control"] == "public, max-age=86400, immutable"
        kind = "image/webp" if address.endswith("webp") else "image/jpeg"
        assert answer["Content-Type"] == kind
        found = exif.marks(b"".join(answer), tmp_path)  # type: ignore[call-overload]
        assert found["Label"] == "1"
    assert sorted(f"/public/{name}" for name in files(settings)) == sorted(addresses)


def test_file_names_reveal_nothing_and_lead_nowhere_else(client: Client) -> None:
    result = published()
    galleries_tasks.update_public_images()
    name = PublicImage.objects.get().name
    assert len(name) == 32
    assert HASH[:8] not in name
    assert result.sha256[:8] not in name
    for path in ("320.png", "321.jpg", "../320.jpg", "..%2f320.jpg", "", "%2e%2e/x.jpg"):
        assert client.get(f"/public/{name}/{path}").status_code == 404
    assert client.get(f"/public/{'0' * 32}/320.jpg").status_code == 404
    assert client.post(f"/public/{name}/320.jpg").status_code == 405


def test_publishing_wakes_the_lane_and_so_does_every_minute(committed: Commits) -> None:
    result = published(published_at=None)
    with committed():
        assert result.publish(None)
    assert OrmQ.objects.filter(key="media").count() == 1
    OrmQ.objects.all().delete()
    public_images.backlog.wake()
    assert OrmQ.objects.filter(key="media").count() == 1
    galleries_tasks.update_public_images()
    OrmQ.objects.all().delete()
    public_images.backlog.wake()
    assert not OrmQ.objects.exists()


def test_what_is_not_published_is_not_made() -> None:
    published(published_at=None)
    galleries_tasks.update_public_images()
    assert not PublicImage.objects.exists()


@pytest.mark.parametrize("how", ["unpublish", "reopen"])
def test_unpublishing_deletes_at_once(
    how: str, client: Client, settings: Any, committed: Commits
) -> None:
    result = published()
    galleries_tasks.update_public_images()
    address = PublicImage.objects.get().src
    with committed():
        assert reopen(result, None) if how == "reopen" else result.unpublish(None)
        assert files(settings)
    assert not PublicImage.objects.exists()
    assert files(settings) == []
    assert client.get(address).status_code == 404


def test_withdrawn_consent_deletes(settings: Any, committed: Commits) -> None:
    result = published()
    galleries_tasks.update_public_images()
    with committed():
        consent.withdraw(result.job.person, None, unpublish=False)
    assert OrmQ.objects.filter(key="media").exists()
    galleries_tasks.update_public_images()
    assert not PublicImage.objects.exists()
    assert files(settings) == []


def test_consent_that_runs_out_deletes_and_renewed_makes_anew(settings: Any) -> None:
    person = published().job.person
    galleries_tasks.update_public_images()
    yesterday = timezone.localdate() - timedelta(days=1)
    type(person).objects.update(consent_until=yesterday)
    galleries_tasks.update_public_images()
    assert files(settings) == []
    type(person).objects.update(consent_until=None)
    galleries_tasks.update_public_images()
    assert PublicImage.objects.get().width == 500


def test_erasing_a_person_deletes_at_once(settings: Any) -> None:
    person = published().job.person
    galleries_tasks.update_public_images()
    assert files(settings)
    erasure.erase_person(person, None)
    assert files(settings) == []
    assert not PublicImage.objects.exists()


def test_files_of_an_erased_result_are_deleted(settings: Any) -> None:
    published()
    galleries_tasks.update_public_images()
    TryOnJob.objects.all().delete()
    assert PublicImage.objects.get().result is None
    galleries_tasks.update_public_images()
    assert not PublicImage.objects.exists()
    assert files(settings) == []


def test_a_row_stays_until_its_files_are_gone(
    settings: Any, monkeypatch: pytest.MonkeyPatch, committed: Commits
) -> None:
    result = published()
    galleries_tasks.update_public_images()

    def fail(name: str) -> None:
        raise OSError("read-only")

    with monkeypatch.context() as patch:
        patch.setattr(public_images, "delete_folder", fail)
        with committed():
            result.unpublish(None)
        assert PublicImage.objects.get().width == 0
    assert files(settings)
    PublicImage.objects.update(claimed_until=timezone.now())
    galleries_tasks.update_public_images()
    assert not PublicImage.objects.exists()
    assert files(settings) == []


def test_another_label_makes_it_anew_under_another_name(settings: Any) -> None:
    result = published()
    galleries_tasks.update_public_images()
    old = PublicImage.objects.get()
    settings.AI_LABEL_TEXT = "AI生成"
    galleries_tasks.update_public_images()
    new = PublicImage.objects.get()
    assert (new.result, new.width) == (result, 500)
    assert new.name != old.name
    assert new.label != old.label
    assert {name.split("/")[0] for name in files(settings)} == {new.name}


def test_a_worker_killed_in_the_middle_is_followed_by_another(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    published()

    class Killed(BaseException):
        """Nothing catches it, as nothing catches a signal."""

    def die(*args: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(PublicImage, "made", die)
        with pytest.raises(Killed):
            galleries_tasks.update_public_images()
    left = PublicImage.objects.get()
    assert (left.width, left.attempts) == (0, 1)
    assert not PublicImage.objects.ready().exists()
    galleries_tasks.update_public_images()
    assert PublicImage.objects.get().width == 0  # the dead one's claim still holds
    PublicImage.objects.update(claimed_until=timezone.now())
    galleries_tasks.update_public_images()
    public = PublicImage.objects.get()
    assert (public.name, public.width, public.attempts) == (left.name, 500, 0)
    assert len(files(settings)) == 6


def test_an_image_that_kills_its_workers_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    default_storage.delete(published().original.name or "")
    tried = []
    for _hour in range(5):
        galleries_tasks.update_public_images()
        tried.append(PublicImage.objects.get().attempts)
        PublicImage.objects.update(claimed_until=timezone.now())
    assert tried == [1, 2, 3, 3, 3]


def test_unpublished_while_it_is_made_leaves_nothing(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = published()
    write = PublicImage.write

    def unpublish_then_write(self: PublicImage, *args: Any) -> None:
        result.unpublish(None)
        write(self, *args)

    monkeypatch.setattr(PublicImage, "write", unpublish_then_write)
    galleries_tasks.update_public_images()
    assert not PublicImage.objects.exists()
    assert files(settings) == []


def test_a_slow_worker_does_not_touch_what_another_made(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = published()
    write, entered = public_images._write_renditions, []

    def overtaken(public: PublicImage, row: Result) -> list[tuple[int, int]]:
        sizes = write(public, row)
        if not entered:
            entered.append(1)
            PublicImage.objects.update(claimed_until=timezone.now())
            assert public_images.make_public_image(result)
        return sizes

    monkeypatch.setattr(public_images, "_write_renditions", overtaken)
    assert not public_images.make_public_image(result)
    public = PublicImage.objects.get()
    assert public.width == 500
    assert len(files(settings)) == 6


def test_a_slow_remover_does_not_delete_the_row_that_another_has(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its files would stay in the public storage, and nothing would know where."""
    result = published()
    galleries_tasks.update_public_images()
    result.unpublish(None)
    delete_folder = public_images.delete_folder

    def overtaken(name: str) -> None:
        delete_folder(name)
        monkeypatch.undo()
        result.publish(None)
        PublicImage.objects.update(claimed_until=timezone.now())
        assert public_images.make_public_image(result)

    monkeypatch.setattr(public_images, "delete_folder", overtaken)
    assert not public_images.remove(PublicImage.objects.get())
    assert PublicImage.objects.get().width == 500
    assert {name.split("/")[0] for name in files(settings)} == {PublicImage.objects.get().name}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL")
def test_two_workers_at_once_make_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    result, made = published(), []
    monkeypatch.setattr(
        public_images, "_write_renditions", lambda *args: made.append(1) or [(320, 426)]
    )
    barrier = threading.Barrier(4)

    def run() -> None:
        barrier.wait()
        public_images.make_public_image(Result.objects.get(pk=result.pk))
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]
    assert PublicImage.objects.get().width == 320


def test_the_number_of_queries_does_not_grow(django_assert_max_num_queries: Any) -> None:
    job = make_job("succeeded")
    for n in range(3):
        published(100, job=job, index=n)
    with django_assert_max_num_queries(5):
        public_images.backlog.wake()
    with django_assert_max_num_queries(3 * 9 + 8):
        galleries_tasks.update_public_images()
    assert PublicImage.objects.ready().count() == 3
