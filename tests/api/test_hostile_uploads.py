"""What an upload should not be: each gets a problem, and nothing is left behind."""

from __future__ import annotations

import hashlib
import tempfile
import tracemalloc
import uuid
import zlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from rest_framework.test import APIClient

from api.models import IdempotencyKey
from catalog.models import Garment, Person, Upload
from catalog.photos.refusals import MAX_BYTES
from tests.api.conftest import client_of, member
from tests.api.test_persons import GARMENTS, PERSONS, files, send
from tests.catalog.test_hostile_images import chunk, png
from tests.pictures import encoded, photo, pixels

UPLOADS = "/api/v1/uploads"
pytestmark = pytest.mark.django_db
BOMB = png(200, 200, chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * 50_000_000, 9)))

HOSTILE = {
    "nothing": b"",
    "words": b"just words",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>',
    "html": b"<!DOCTYPE html><script>alert(1)</script>",
    "zip": b"PK\x03\x04" + bytes(100),
    "pdf": b"%PDF-1.7",
    "gif": encoded(pixels(), "GIF"),
    "tiff": encoded(pixels(), "TIFF"),
    "animation": encoded(
        pixels(), "WEBP", save_all=True, append_images=[pixels(seed=1), pixels(seed=2)]
    ),
    "truncated": photo()[:2000],
    "script as bitmap": b"BM<script>alert(1)</script>" + b" " * 2000,
    "bomb of pixels": png(8192, 8192),
    "bomb of text": BOMB,
    "too small": photo(20, 20),
    "a strip": photo(150, 1300),
    "too long": png(60_000, 60_000),
}


@pytest.fixture(autouse=True)
def _no_temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever is spooled to the disk is gone afterwards."""
    folder = tmp_path / "spool"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert list(folder.iterdir()) == []


@pytest.fixture(autouse=True)
def _nothing_left(settings: Any, db: None) -> Iterator[None]:
    yield
    assert not Person.objects.exists()
    assert not Garment.objects.exists()
    assert not IdempotencyKey.objects.filter(status=0).exists()
    assert [path for path in files(settings) if "upload/" not in str(path)] == []


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("way", ["form", "upload"])
def test_hostile_photos_are_refused(api: APIClient, name: str, way: str) -> None:
    data = HOSTILE[name]
    if way == "form":
        answer = send(api, data=data or b" ", consent="tryon")
    elif not data:
        return
    else:
        answer = use(api, sent(api, data))
    assert answer.status_code == 422, answer.content
    told = answer.json()
    assert (told["code"], told["errors"][0]["pointer"]) == ("photo-refused", "/photo")
    assert told["detail"]


def test_an_empty_file_is_named(api: APIClient) -> None:
    file = SimpleUploadedFile("me.jpg", b"", "image/jpeg")
    answer = form(api, photo=file)
    assert answer.status_code in {400, 422}
    assert answer.json()["errors"][0]["pointer"] == "/photo"


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "a" * 10_000, "\u202egpj.exe", "🙂.jpg", "a\0b.jpg", "", ".", "CON"],
)
def test_names_of_files_lead_nowhere(api: APIClient, name: str, settings: Any) -> None:
    file = SimpleUploadedFile("x.jpg", photo(), "image/jpeg")
    file.__dict__["_name"] = name
    answer = form(api, photo=file)
    assert answer.status_code in {201, 400}
    for path in files(settings):
        assert Path(settings.MEDIA_ROOT) in path.parents
    forget(Person)
    for path in files(settings):
        path.unlink()


@pytest.mark.parametrize("case", ["none", "text", "two", "other field", "broken form", "json"])
def test_forms_that_are_none(api: APIClient, case: str) -> None:
    one, two = (SimpleUploadedFile("x.jpg", photo(), "image/jpeg") for _n in range(2))
    if case == "none":
        answer = form(api)
    elif case == "text":
        answer = form(api, photo="/etc/passwd")
    elif case == "two":
        answer = form(api, photo=[one, two])
    elif case == "other field":
        answer = form(api, photo=one, extra=two)
    elif case == "broken form":
        answer = api.generic(
            "POST", PERSONS, b"--x\r\nnonsense", "multipart/form-data; boundary=y", headers=key()
        )
    else:
        answer = api.post(PERSONS, {"name": "x", "consent": "tryon"}, headers=key())
    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"name": ', b"\xff\xfe", b"NaN", b'{"name": "\\ud800"}', b'"x"', b"[]"],
)
def test_json_that_is_none(api: APIClient, body: bytes) -> None:
    for path in (PERSONS, UPLOADS, "/api/v1/jobs"):
        answer = api.generic("POST", path, body, "application/json", headers=key())
        assert answer.status_code == 400, answer.content
        assert answer.json()["code"] in {"malformed", "invalid"}


def test_other_media_types_are_named(api: APIClient) -> None:
    answer = api.generic("POST", PERSONS, b"<x/>", "application/xml", headers=key())
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")


def test_what_says_that_it_is_too_large_is_not_read(api: APIClient) -> None:
    for path, kind in ((PERSONS, "multipart/form-data; boundary=x"), (UPLOADS, "application/json")):
        answer = api.generic("POST", path, b"x" * (MAX_BYTES + 200_000), kind, headers=key())
        assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


def test_a_large_photo_takes_no_memory(api: APIClient) -> None:
    """It is spooled to the disk, and refused by its size before it is read."""
    file = SimpleUploadedFile("x.jpg", b"\xff\xd8\xff" + bytes(MAX_BYTES), "image/jpeg")
    answer = form(api, photo=file)
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


def test_an_upload_is_written_piece_by_piece(api: APIClient) -> None:
    data = bytes(MAX_BYTES)
    upload = announced(api, data)
    tracemalloc.start()
    assert put(api, upload, data).status_code == 204
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # The test's own client holds the body once more; the site does not.
    assert peak < MAX_BYTES * 1.5
    Upload.objects.all().discard()


# --- uploads ---


def test_it_works(api: APIClient, settings: Any) -> None:
    data = photo()
    upload = sent(api, data)
    assert api.get(f"{UPLOADS}/{upload['id']}").json()["received"] is True
    made = use(api, upload)
    assert made.status_code == 201, made.content
    assert not Upload.objects.exists()
    forget(Person)


def test_lies_about_a_photo_are_found_out(api: APIClient) -> None:
    data = photo()
    for told in ({"size": len(data) - 1}, {"size": len(data) + 1}, {"sha256": "0" * 64}):
        upload = announced(api, data, **told)
        answer = put(api, upload, data)
        assert answer.status_code in {413, 422}
        assert use(api, upload).json()["errors"][0]["code"] == "not_received"


def test_bytes_that_changed_in_the_bucket_are_not_used(api: APIClient, settings: Any) -> None:
    upload = sent(api, photo(seed=1))
    path = Path(settings.MEDIA_ROOT, "upload", upload["id"])
    path.write_bytes(photo(seed=2))
    answer = use(api, upload)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) in {
        (422, "wrong_size"),
        (422, "wrong_hash"),
    }


@pytest.mark.parametrize("whose", ["other's", "over", "none", "nonsense"])
def test_uploads_that_one_has_not(api: APIClient, whose: str) -> None:
    upload: Any = {"id": str(uuid.uuid4())}
    if whose == "other's":
        upload = sent(client_of(member("shopper", "other")), photo())
    elif whose == "over":
        upload = sent(api, photo())
        Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif whose == "nonsense":
        upload["id"] = "../x"
    answer = use(api, upload)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/upload"
    if whose != "nonsense":
        assert api.get(f"{UPLOADS}/{upload['id']}").status_code == 404
        assert put(api, upload, photo()).status_code == 404


@pytest.mark.parametrize(
    "order",
    [
        {"size": 0},
        {"size": MAX_BYTES + 1},
        {"size": "x"},
        {"content_type": "image/svg+xml"},
        {"sha256": "x"},
        {"sha256": "0" * 63 + "\n"},
        {"content_type": None},
    ],
)
def test_announcements_are_checked(api: APIClient, order: dict[str, Any]) -> None:
    body = {"content_type": "image/jpeg", "size": 10} | order
    answer = api.post(UPLOADS, body, headers=key())
    assert answer.status_code == 400
    assert not Upload.objects.exists()


def test_what_nobody_used_is_deleted(api: APIClient, settings: Any) -> None:
    from api import retention

    sent(api, photo())
    later = timezone.now() + timedelta(hours=2)
    retention.prune(later)
    assert not Upload.objects.exists()
    assert files(settings) == []


def test_a_garment_by_upload(merch: APIClient) -> None:
    upload = sent(merch, photo())
    body = {"upload": upload["id"], "name": "Top", "slot": "top"}
    assert merch.post(GARMENTS, body, headers=key()).status_code == 201
    forget(Garment)


def test_a_name_is_refused_before_a_photo_is_kept(api: APIClient, shopper: User) -> None:
    answer = send(api, consent="tryon", name="a\0b")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/name"]


def forget(model: Any) -> None:
    """Rows and files, as after a commit."""
    rows = list(model.objects.all())
    model.objects.all().delete()
    model.objects.all().discard_unused(rows)


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid.uuid4())}


def form(client: APIClient, **fields: Any) -> Any:
    body = {"name": "Me", "consent": "tryon", **fields}
    return client.post(PERSONS, body, format="multipart", headers=key())


def announced(client: APIClient, data: bytes, **told: Any) -> dict[str, Any]:
    told = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()} | told
    answer = client.post(UPLOADS, {"content_type": "image/jpeg", **told}, headers=key())
    assert answer.status_code == 201, answer.content
    upload: dict[str, Any] = answer.json()
    return upload


def put(client: APIClient, upload: dict[str, Any], data: bytes) -> Any:
    return client.put(f"{UPLOADS}/{upload['id']}/content", data, content_type="image/jpeg")


def sent(client: APIClient, data: bytes) -> dict[str, Any]:
    upload = announced(client, data)
    assert put(client, upload, data).status_code == 204
    return upload


def use(client: APIClient, upload: dict[str, Any]) -> Any:
    body = {"upload": upload["id"], "name": "Me", "consent": "tryon"}
    return client.post(PERSONS, body, headers=key())
