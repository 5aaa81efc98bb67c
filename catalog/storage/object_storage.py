"""Private files in a bucket of any S3-compatible object storage, reached by presigned addresses."""

from __future__ import annotations

import errno
import io
import mimetypes
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files import File
from storages.backends.s3 import S3Storage
from storages.utils import clean_name

from catalog.storage.files import PUBLIC_CACHE, public_url

HOUR_S = 3600


@contextmanager
def _as_os_error(name: str) -> Iterator[None]:
    """Callers know OSError from the disk: a bucket that fails is no other case to them."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        answer = getattr(error, "response", {})
        code = answer.get("Error", {}).get("Code", "") or type(error).__name__
        missing = code in {"404", "NoSuchKey"}
        number = errno.ENOENT if missing else errno.EIO
        raise OSError(number, f"object storage: {code}", name) from error


class ObjectStorage(S3Storage):
    """What PrivateStorage promises, in a bucket: names are kept, and a put is whole or not at all.

    Options are django-storages' own. Never give it a `custom_domain`: its addresses would then be
    unsigned without a word (django-storages issues 165, 839 and 944).
    """

    cache_control = f"private, max-age={HOUR_S}, immutable"

    def __init__(self, *, addressing_style: str = "virtual", **options: Any) -> None:
        settled = {"file_overwrite": True, "querystring_auth": True, "default_acl": None}
        config = Config(
            signature_version="s3v4",
            s3={"addressing_style": addressing_style},
            connect_timeout=5,
            read_timeout=15,
            retries={"total_max_attempts": 3, "mode": "standard"},
            # Since boto3 1.36 uploads carry trailing checksums, which OSS does not read.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        super().__init__(**(settled | options | {"client_config": config}))
        self._owner = os.getpid()
        self._presigned = lru_cache(maxsize=4096)(self._presign)

    @property
    def bucket(self) -> Any:
        """One per thread and process: a boto3 resource may be shared by neither."""
        if self._owner != os.getpid():
            self._owner, self._connections = os.getpid(), threading.local()
        return self.connection.Bucket(self.bucket_name)

    def url(self, name: str | None, expire: int | None = None, **kwargs: Any) -> str:
        """An address good for at least `expire` seconds.

        It stays the same for an hour, so that a browser keeps the picture in its cache.
        """
        life_s = expire or self.querystring_expire
        return self._presigned(clean_name(name or ""), life_s, int(time.time()) // HOUR_S)

    def _presign(self, name: str, life_s: int, hour: int) -> str:
        url: str = super().url(name, expire=life_s + HOUR_S)
        return url

    def put_url(self, name: str, *, content_type: str, size: int, expire: int) -> str:
        """Where anybody may put exactly so many bytes of this type, for `expire` seconds."""
        params = {
            "Bucket": self.bucket.name,
            "Key": self._normalize_name(clean_name(name)),
            "ContentType": content_type,
            "ContentLength": size,
        }
        client = self.connection.meta.client
        url: str = client.generate_presigned_url("put_object", Params=params, ExpiresIn=expire)
        return url

    def _save(self, name: str, content: File) -> str:
        name = clean_name(name)
        values = {
            "Body": b"".join(content.chunks()),
            "ContentType": mimetypes.guess_type(name)[0] or "application/octet-stream",
            "CacheControl": self.cache_control,
        }
        with _as_os_error(name):
            self.bucket.Object(self._normalize_name(name)).put(**values)
        return name

    def _open(self, name: str, mode: str = "rb") -> File:
        """One request, unlike S3Storage's two: pictures fit into memory."""
        with _as_os_error(name):
            answer = self.bucket.Object(self._normalize_name(clean_name(name))).get()
            return File(io.BytesIO(answer["Body"].read()), name)

    def delete(self, name: str) -> None:
        with _as_os_error(name):
            super().delete(name)

    def exists(self, name: str) -> bool:
        with _as_os_error(name):
            return bool(super().exists(name))


class PublicBucket(ObjectStorage):
    """Files for everybody. Without a `base_url` to the bucket this site hands them out itself."""

    cache_control = PUBLIC_CACHE

    def __init__(self, *, base_url: str = "", **options: Any) -> None:
        super().__init__(**options)
        self._base_url = base_url

    def url(self, name: str | None, expire: int | None = None, **kwargs: Any) -> str:
        return f"{self._base_url}/{name}" if self._base_url else public_url(name or "")

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        with _as_os_error(path):
            folders, files = super().listdir(path)
        return folders, files
