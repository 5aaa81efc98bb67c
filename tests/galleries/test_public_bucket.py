"""Public images in a bucket: closed under a prefix, or in a bucket of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.test import Client
from django.utils import timezone

from galleries import tasks as galleries_tasks
from galleries.models import PublicImage
from jobs.models import Result
from tests.bucket import NAME, running_bucket, storage
from tests.factories import make_result
from tests.pictures import photo

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with running_bucket() as running:
        yield running


def public(endpoint: str, **options: Any) -> dict[str, Any]:
    return storage(endpoint, **options) | {"BACKEND": "catalog.storage.object_storage.PublicBucket"}


def published() -> Result:
    name = default_storage.save("result/x.jpg", ContentFile(photo(200, 300)))
    size = {"width": 200, "height": 300, "original": name}
    return make_result("approved", published_at=timezone.now(), **size)


def test_it_works(settings: Any, endpoint: str, client: Client) -> None:
    stores = {"default": storage(endpoint), "public": public(endpoint, location="public")}
    settings.STORAGES = settings.STORAGES | stores
    result = published()
    galleries_tasks.update_public_images()
    made = PublicImage.objects.get()
    assert made.src == f"/public/{made.name}/200.jpg"
    answer = client.get(made.src)
    assert answer["Content-Type"] == "image/jpeg"
    assert default_storage.exists(f"public/{made.name}/200.jpg")
    result.unpublish(None)
    galleries_tasks.update_public_images()
    assert not default_storage.exists(f"public/{made.name}/200.jpg")
    assert client.get(made.src).status_code == 404
    assert client.get("/public/" + "0" * 32 + "/200.jpg").status_code == 404


def test_a_bucket_of_its_own_has_plain_addresses(settings: Any, endpoint: str) -> None:
    base_url = f"{endpoint}/{NAME}"
    settings.STORAGES = settings.STORAGES | {"public": public(endpoint, base_url=base_url)}
    published()
    galleries_tasks.update_public_images()
    made = PublicImage.objects.get()
    assert made.src == f"{base_url}/{made.name}/200.jpg"
    bucket: Any = storages["public"]
    kept = bucket.bucket.Object(f"{made.name}/200.jpg").get()
    assert kept["ContentType"] == "image/jpeg"
    assert kept["CacheControl"] == "public, max-age=86400, immutable"
    assert bucket.listdir(made.name)[1] == ["200.jpg", "200.webp"]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, ["catalog.storage.files.PublicStorage", None, None, False]),
        (
            {"S3_BUCKET": "photos"},
            ["catalog.storage.object_storage.PublicBucket", "photos", "public", False],
        ),
        (
            {"S3_BUCKET": "photos", "S3_PUBLIC_BUCKET": "shop"},
            ["catalog.storage.object_storage.PublicBucket", "shop", "", True],
        ),
    ],
)
def test_settings_follow_the_environment(
    environment: dict[str, str], expected: list[Any], tmp_path: Path
) -> None:
    code = (
        "import json; from tryon_site import settings as s; p = s.STORAGES['public'];"
        "o = p.get('OPTIONS', {}); d = s.CONTENT_SECURITY_POLICY['DIRECTIVES']['img-src'];"
        "print(json.dumps([p['BACKEND'], o.get('bucket_name'), o.get('location'),"
        " 'https://shop.s3.us-east-1.amazonaws.com' in d]))"
    )
    env = {**os.environ, "VAR_DIR": str(tmp_path), **environment}
    completed = subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=site.BASE_DIR, check=True, capture_output=True
    )
    assert json.loads(completed.stdout) == expected
