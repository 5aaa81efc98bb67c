"""A bucket keeps the promises of the folder. moto checks no signatures, so they are read here."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from django.conf import settings as site
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from catalog import checks
from catalog.storage import object_storage
from catalog.storage.files import signed_url
from tests.bucket import running_bucket, storage

NAME = "person/ab/abcd/thumb.jpg"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with running_bucket() as running:
        yield running


@pytest.fixture(autouse=True)
def bucket(settings: Any, endpoint: str) -> None:
    settings.STORAGES = settings.STORAGES | {"default": storage(endpoint)}


def test_it_works() -> None:
    assert default_storage.save(NAME, ContentFile(b"picture")) == NAME
    response = requests.get(default_storage.url(NAME), timeout=5)
    assert (response.status_code, response.content) == (200, b"picture")
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.headers["Content-Length"] == "7"


def test_a_name_is_kept_and_overwritten() -> None:
    default_storage.save(NAME, ContentFile(b"first"))
    assert default_storage.save(NAME, ContentFile(b"again")) == NAME
    with default_storage.open(NAME) as file:
        assert file.read() == b"again"
    default_storage.delete(NAME)
    assert not default_storage.exists(NAME)


def test_what_is_missing_is_no_file() -> None:
    with pytest.raises(FileNotFoundError):
        default_storage.open("person/none.jpg")


def test_a_bucket_that_fails_is_an_os_error(settings: Any, endpoint: str) -> None:
    settings.STORAGES = {"default": storage(endpoint, bucket_name="nobodys")}
    with pytest.raises(OSError, match="NoSuchBucket") as failed:
        default_storage.save(NAME, ContentFile(b"x"))
    assert failed.value.strerror == "object storage: NoSuchBucket"


def test_addresses_are_signed_and_stay_for_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_storage.time, "time", lambda: 3600.0 * 500_000)
    first = default_storage.url(NAME)
    assert "X-Amz-Signature=" in first
    assert "X-Amz-Expires=7200" in first
    assert default_storage.url(NAME) is first


def test_a_signed_address_of_ours_serves_the_bucket(client: Client) -> None:
    default_storage.save(NAME, ContentFile(b"picture"))
    response = client.get(signed_url(NAME))
    assert response["Content-Type"] == "image/jpeg"
    assert response["Content-Length"] == "7"
    assert b"".join(response.streaming_content) == b"picture"  # type: ignore[attr-defined]
    assert client.get(signed_url("person/none.jpg")).status_code == 404


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({}, []),
        ({"custom_domain": "cdn.example"}, ["catalog.E001"]),
        ({"querystring_auth": False}, ["catalog.E002"]),
        ({"default_acl": "public-read"}, ["catalog.E002"]),
    ],
)
def test_addresses_without_a_signature_are_an_error(
    settings: Any, endpoint: str, options: Any, code: list[str]
) -> None:
    settings.STORAGES = {"default": storage(endpoint, **options)}
    assert [message.id for message in checks.private_files_are_private()] == code


def test_a_missing_package_is_shown(settings: Any) -> None:
    settings.STORAGES = {"default": {"BACKEND": "nowhere.Storage"}}
    [message] = checks.storage_can_be_used()
    assert message.id == "catalog.E003"


@pytest.mark.parametrize(
    ("style", "origin"),
    [
        ("virtual", "https://photos.s3.oss-cn-hangzhou.aliyuncs.com"),
        ("path", "https://s3.oss-cn-hangzhou.aliyuncs.com"),
    ],
)
def test_pages_may_show_the_buckets_pictures(style: str, origin: str) -> None:
    """The settings as the environment makes them: the policy names the origin of the pictures."""
    code = (
        "import django; django.setup();"
        "from django.conf import settings; from django.core.files.storage import default_storage;"
        "print(settings.CONTENT_SECURITY_POLICY['DIRECTIVES']['img-src'][-1]);"
        "print(default_storage.url('a.jpg')); print(settings.IMAGE_DELIVERY)"
    )
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tryon_site.settings",
        "S3_BUCKET": "photos",
        "S3_ENDPOINT_URL": "https://s3.oss-cn-hangzhou.aliyuncs.com",
        "S3_REGION": "cn-hangzhou",
        "S3_ACCESS_KEY": "AK",
        "S3_SECRET_KEY": "s",
        "S3_ADDRESSING_STYLE": style,
    }
    command = [sys.executable, "-c", code]
    run = subprocess.run(
        command, cwd=site.BASE_DIR, env=env, check=True, capture_output=True, text=True
    )
    allowed, url, delivery = run.stdout.split()
    assert allowed == origin
    assert url.startswith(f"{origin}/")
    assert delivery == "object-storage"
