"""The ZIP: labelled images, their records, a manifest; safe names, little memory."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import weakref
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from galleries import public_images
from galleries.models import Gallery, GalleryItem
from jobs.models import Result
from reports import export, provenance
from reports.provenance import Scope
from tests import exif
from tests.factories import make_garment, make_job, make_person, make_result, make_user
from tests.pictures import photo

pytestmark = pytest.mark.django_db


def approved(sku: str = "TEE-1", name: str = "Tee", **kwargs: Any) -> Result:
    job = make_job("succeeded", top=make_garment("top", sku=sku, name=name), **kwargs)
    path = default_storage.save(f"result/{job.pk}.jpg", ContentFile(photo(300, 400)))
    return make_result("approved", job=job, original=path, width=300, height=400)


def archive(*results: Result, scope: Scope | None = None) -> zipfile.ZipFile:
    pieces = export.stream([r.pk for r in results], scope or Scope())
    found = zipfile.ZipFile(io.BytesIO(b"".join(pieces)))
    assert found.testzip() is None
    return found


def manifest(found: zipfile.ZipFile) -> list[dict[str, str]]:
    data = found.read("manifest.csv")
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def exporter(*codenames: str) -> Client:
    user = make_user("exporter")
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


@exif.needs_exiftool
def test_it_works(tmp_path: Path) -> None:
    results = [approved(f"TEE-{n}") for n in range(3)]
    found = archive(*reversed(results))
    rows = manifest(found)
    assert [row["result"] for row in rows] == [str(r.pk) for r in reversed(results)]
    for row in rows:
        image = found.read(row["file"])
        assert exif.marks(image, tmp_path)["ProduceID"] == row["produce_id"]
        assert hashlib.sha256(image).hexdigest() == row["file_sha256"]
        record = json.loads(found.read(row["record"]))
        assert record["result"]["sha256"] == row["sha256"]
        assert record["file"]["sha256"] == row["file_sha256"]
        assert row["status"] == "ok"
    assert len(found.namelist()) == 7
    assert rows[0]["skus"] == "TEE-2"


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "CON",
        "nul.",
        'a<b>:"/\\|?*c',
        "x" * 120,
        "  ",
        "\u202egnp.exe",
        "T恤 红色",
        "a\nb\x00",
        "--rm -rf",
    ],
)
def test_hostile_names_are_made_safe(name: str) -> None:
    result = approved("", name.replace("\x00", ""))
    [image] = [n for n in archive(result).namelist() if n.startswith("images/")]
    stem = image.removeprefix("images/").removesuffix(".jpg")
    assert stem.endswith(f"_{result.pk}")
    assert not set(stem) & set('<>:"/\\|?*\n\r\x00\u202e ')
    assert stem[0] not in "-."
    assert len(image) < 120


def test_names_differ_although_garments_do_not() -> None:
    job = approved().job
    more = [make_result("approved", job=job, index=n) for n in (1, 2)]
    names = archive(*more).namelist()
    assert len({name.lower() for name in names}) == len(names) == 5


@pytest.mark.parametrize("sku", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_no_cell_is_a_formula(sku: str) -> None:
    [row] = manifest(archive(approved(sku)))
    assert row["skus"] == f"'{sku}"


def test_what_may_not_be_exported_is_left_out_and_listed() -> None:
    pending, rejected = make_result(), make_result("rejected")
    private = approved(person=make_person(consent_scope="tryon"))
    lost = approved("LOST")
    default_storage.delete(lost.original.name or "")
    found = archive(pending, rejected, private, lost)
    assert found.namelist() == ["manifest.csv"]
    assert [row["status"] for row in manifest(found)] == [
        "left out: not approved",
        "left out: not approved",
        "left out: the person's consent does not cover it",
        "left out: its file cannot be read",
    ]


def test_ten_thousand_are_streamed_and_not_held(
    monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    one, image, alive = approved(), photo(300, 400), weakref.WeakSet[Result]()
    rows = [Result(**_fields(one) | {"index": n}) for n in range(1, 10_001)]
    Result.objects.bulk_create(rows, batch_size=1000)
    ids = list(Result.objects.exclude(pk=one.pk).values_list("pk", flat=True))
    del rows

    def master(result: Result) -> bytes:
        alive.add(result)
        return image

    monkeypatch.setattr(public_images, "labelled_original", master)
    monkeypatch.setattr(provenance, "record", lambda result, scope: {})
    sent, pieces, most = 0, [], 0
    with django_assert_max_num_queries(300):
        for piece in export.stream(ids, Scope()):
            sent += len(piece)
            pieces.append(len(piece))
            most = max(most, len(alive))
    assert sent > 10_000 * len(image)
    # Rows and their jobs know each other: they wait for the collector, but not all of them.
    assert most < 5_000
    # One image at a time; the last piece is the archive's own list of what is in it.
    assert max(pieces[:-1]) < 2 * len(image)
    assert pieces[-1] < 20_000 * 150


def _fields(result: Result) -> dict[str, Any]:
    """What a copy of it is made from."""
    names = [field.attname for field in Result._meta.fields if field.attname != "id"]
    return {name: getattr(result, name) for name in names}


def test_a_gallery_is_exported_in_its_order() -> None:
    gallery = Gallery.objects.create(name="Spring", slug="spring")
    first, second = approved("A"), approved("B")
    for position, result in enumerate((second, first)):
        GalleryItem.objects.create(gallery=gallery, result=result, position=position)
    answer = exporter("publish_result").post(reverse("export"), {"gallery": gallery.pk})
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"].startswith('attachment; filename="toile-')
    found = zipfile.ZipFile(io.BytesIO(b"".join(answer)))  # type: ignore[call-overload]
    assert [row["skus"] for row in manifest(found)] == ["B", "A"]


def test_a_selection_is_exported() -> None:
    first, second = approved("A"), approved("B")
    chosen = {"results": [f"{second.pk},{first.pk}", str(first.pk), "x", "-1"]}
    answer = exporter("view_result").post(reverse("export"), chosen)
    found = zipfile.ZipFile(io.BytesIO(b"".join(answer)))  # type: ignore[call-overload]
    assert [row["skus"] for row in manifest(found)] == ["B", "A"]


def test_exporting_needs_a_right_and_a_choice() -> None:
    result = approved()
    assert Client().post(reverse("export")).status_code == 302
    nobody = exporter()
    assert nobody.post(reverse("export"), {"results": result.pk}).status_code == 403
    assert nobody.get(reverse("export")).url == reverse("gallery")  # type: ignore[attr-defined]
    nobody.logout()


def test_choosing_nothing_is_reported() -> None:
    client = exporter("view_result")
    answer = client.post(reverse("export"), {"results": ""}, follow=True)
    assert "Choose between 1 and 20000 results to export." in answer.content.decode()
    assert client.post(reverse("export"), {"gallery": 999}).status_code == 404


@exif.needs_exiftool
def test_the_download_of_one_is_labelled(client: Client, tmp_path: Path) -> None:
    result = approved()
    address = reverse("result-download", args=[result.pk])
    assert "/login/" in client.get(address)["Location"]
    client.force_login(make_user("viewer"))
    answer = client.get(address)
    assert exif.marks(answer.content, tmp_path)["Label"] == "1"
    assert answer["Content-Disposition"] == f'attachment; filename="TEE-1_{result.pk}.jpg"'
    assert "private" in answer["Cache-Control"]
    page = client.get(result.get_absolute_url()).content.decode()
    assert address in page
    assert f'href="{result.original.url}"' not in page


def test_the_record_of_one_is_downloaded(client: Client) -> None:
    result = approved()
    client.force_login(make_user("viewer"))
    answer = client.get(reverse("result-provenance", args=[result.pk]), {"names": "1"})
    assert json.loads(answer.content)["result"]["id"] == result.pk
    assert "name" not in json.loads(answer.content)["inputs"]["person"]
    crop = make_result(role="cutout", published_at=None)
    assert client.get(reverse("result-provenance", args=[crop.pk])).status_code == 404


def test_times_are_written_with_their_zone() -> None:
    result = approved()
    Result.objects.filter(pk=result.pk).update(published_at=timezone.now())
    [row] = manifest(archive(result))
    assert row["published_at"].endswith("+00:00")
