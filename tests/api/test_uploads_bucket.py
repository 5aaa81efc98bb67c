"""A photo that goes straight to the bucket. moto checks no signature, so what is signed is read."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.core.files.storage import default_storage
from django.utils import timezone
from rest_framework.test import APIClient

from api import retention
from catalog.models import Person, Upload
from tests.api.test_hostile_uploads import announced, use
from tests.bucket import running_bucket, storage
from tests.pictures import photo

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with running_bucket() as running:
        yield running


@pytest.fixture(autouse=True)
def bucket(settings: Any, endpoint: str) -> None:
    settings.STORAGES = settings.STORAGES | {"default": storage(endpoint)}


def send(upload: dict[str, Any], data: bytes) -> int:
    """As an app does, without a token: the address is all that it needs."""
    return requests.put(upload["url"], data, headers=upload["headers"], timeout=10).status_code


def test_it_works(api: APIClient, django_capture_on_commit_callbacks: Any) -> None:
    data = photo()
    upload = announced(api, data)
    assert upload["method"] == "PUT"
    assert send(upload, data) == 200
    assert api.get(f"/api/v1/uploads/{upload['id']}").json()["received"] is True
    with django_capture_on_commit_callbacks(execute=True):
        made = use(api, upload)
    assert made.status_code == 201, made.content
    person = Person.objects.get()
    assert default_storage.exists(person.large.name)
    assert not default_storage.exists(f"upload/{upload['id']}")


def test_size_type_and_time_are_signed(api: APIClient, endpoint: str) -> None:
    upload = announced(api, photo())
    assert upload["url"].startswith(f"{endpoint}/")
    query = parse_qs(urlsplit(upload["url"]).query)
    assert query["X-Amz-SignedHeaders"] == ["content-length;content-type;host"]
    assert 0 < int(query["X-Amz-Expires"][0]) <= 3600
    assert urlsplit(upload["url"]).path.endswith(f"/upload/{upload['id']}")


def test_what_was_not_announced_is_not_used(api: APIClient) -> None:
    data = photo(seed=1)
    upload = announced(api, data)
    assert use(api, upload).json()["errors"][0]["code"] == "not_received"
    send(upload, photo(seed=2))
    answer = use(api, upload)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] in {"wrong_size", "wrong_hash"}
    assert not Person.objects.exists()


def test_what_nobody_used_is_deleted(api: APIClient) -> None:
    data = photo()
    upload = announced(api, data)
    send(upload, data)
    retention.prune(timezone.now() + timedelta(hours=2))
    assert not Upload.objects.exists()
    assert not default_storage.exists(f"upload/{upload['id']}")


def test_an_id_is_no_path(api: APIClient) -> None:
    assert use(api, {"id": f"{uuid.uuid4()}/../x"}).status_code == 400
