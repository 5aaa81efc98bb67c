"""Private files: signed addresses, and writing them whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from catalog.storage import files
from catalog.storage.files import HOUR_S, signed_url

NAME = "person/ab/abcd/thumb.jpg"
NOON = 1_000_000 * HOUR_S


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Stop the clock of the storage; `clock(seconds)` moves it."""

    def move(seconds: float) -> None:
        monkeypatch.setattr(files.time, "time", lambda: NOON + seconds)

    move(0)
    return move


@pytest.fixture
def name() -> str:
    return default_storage.save(NAME, ContentFile(b"\xff\xd8\xff picture"))


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def test_it_works(client: Client, name: str) -> None:
    response = client.get(default_storage.url(name))
    assert response.status_code == 200
    assert body(response) == b"\xff\xd8\xff picture"


def test_headers_keep_it_private_and_harmless(client: Client, name: str) -> None:
    response = client.get(default_storage.url(name))
    assert response["Content-Type"] == "image/jpeg"
    assert response["Content-Length"] == "11"
    assert response["Cache-Control"] == f"private, max-age={2 * HOUR_S}, immutable"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_head_tells_and_sends_nothing(client: Client, name: str) -> None:
    response = client.head(default_storage.url(name))
    assert (response.status_code, response["Content-Length"]) == (200, "11")
    assert not getattr(response, "content", b"")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_other_methods_are_refused(client: Client, name: str, method: str) -> None:
    assert getattr(client, method)(default_storage.url(name)).status_code == 405


def test_an_address_expires(client: Client, name: str, clock: Any) -> None:
    url = signed_url(name, life_s=HOUR_S)
    clock(2 * HOUR_S)
    assert client.get(url).status_code == 200
    clock(2 * HOUR_S + 1)
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("second", [0, 1, 1800, 3599])
@pytest.mark.parametrize("life", [1, 60, HOUR_S, 24 * HOUR_S])
def test_an_address_lives_at_least_as_promised(
    client: Client, name: str, clock: Any, second: int, life: int
) -> None:
    clock(second)
    url = signed_url(name, life_s=life)
    clock(second + life)
    assert client.get(url).status_code == 200


def test_the_address_is_the_same_within_the_hour(clock: Any) -> None:
    first = signed_url(NAME)
    clock(3599)
    assert signed_url(NAME) == first
    clock(3600)
    assert signed_url(NAME) != first


def test_nothing_of_an_address_can_be_changed(client: Client, name: str) -> None:
    default_storage.save("person/cd/other.jpg", ContentFile(b"other"))
    _, private, expires, signature, path = signed_url(name).split("/", 4)
    assert client.get(f"/{private}/{expires}/{signature}/{path}").status_code == 200
    for forged in (
        f"/{private}/{int(expires) + HOUR_S}/{signature}/{path}",
        f"/{private}/{expires}/{signature[:-1]}/{path}",
        f"/{private}/{expires}/x/{path}",
        f"/{private}/{expires}/{signature}/person/cd/other.jpg",
        f"/{private}/{expires}/{signature}/{path}/",
        f"/{private}/{expires}/{signature}/person/../{path}",
    ):
        assert client.get(forged).status_code == 404, forged


def test_a_signature_of_another_secret_is_worthless(
    client: Client, name: str, settings: Any
) -> None:
    url = signed_url(name)
    settings.SECRET_KEY = "another"
    settings.SECRET_KEY_FALLBACKS = []
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("path", ["../settings.py", "person/../../x", "/etc/hostname", "person"])
def test_even_a_signed_path_stays_inside(client: Client, name: str, path: str) -> None:
    assert client.get(signed_url(path)).status_code in {400, 404}


def test_a_missing_file_is_404(client: Client) -> None:
    assert client.get(signed_url("person/none.jpg")).status_code == 404


def test_absolute_addresses_begin_with_the_public_one(settings: Any) -> None:
    settings.PUBLIC_BASE_URL = "https://toile.example"
    assert signed_url(NAME, absolute=True).startswith("https://toile.example/private/")


def test_saving_again_replaces_under_the_same_name(name: str) -> None:
    assert default_storage.save(NAME, ContentFile(b"again")) == NAME
    with default_storage.open(NAME) as file:
        assert file.read() == b"again"


class Breaking(ContentFile):
    """A file whose source dies half way."""

    def chunks(self, chunk_size: int | None = None) -> Any:
        yield b"half"
        raise ConnectionResetError


def test_a_half_written_file_leaves_nothing(settings: Any) -> None:
    with pytest.raises(ConnectionResetError):
        default_storage.save(NAME, Breaking(b"half and half"))
    assert not default_storage.exists(NAME)
    assert [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()] == []


def test_a_half_written_file_leaves_the_old_one(name: str) -> None:
    with pytest.raises(ConnectionResetError):
        default_storage.save(name, Breaking(b"half and half"))
    with default_storage.open(name) as file:
        assert file.read() == b"\xff\xd8\xff picture"


@pytest.mark.parametrize("escape", ["../out.jpg", "/etc/out.jpg"])
def test_nothing_is_written_outside(escape: str) -> None:
    with pytest.raises(SuspiciousFileOperation):
        default_storage.save(escape, ContentFile(b"x"))
