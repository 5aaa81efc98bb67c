"""Files: private ones, reached only by signed addresses that expire, and those for everybody."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.core.exceptions import SuspiciousFileOperation
from django.core.files import File
from django.core.files.storage import FileSystemStorage, default_storage, storages
from django.http import FileResponse, Http404, HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

HOUR_S = 3600
# A public file never changes under its name. It may have to vanish, though, and what a cache holds
# cannot be called back: a day, not a year.
PUBLIC_CACHE = f"public, max-age={24 * HOUR_S}, immutable"


def _signature(path: str, expires: int) -> str:
    return signing.Signer(salt="private-file").signature(f"{expires}/{path}")


def signed_url(name: str, *, life_s: int = HOUR_S, absolute: bool = False) -> str:
    """An address of a private file, good for at least `life_s` seconds.

    The expiry is rounded up to the hour, so that a browser sees the same address and keeps the
    picture in its cache.
    """
    expires = (int(time.time()) + life_s) // HOUR_S * HOUR_S + HOUR_S
    path = _signed_path(name, expires)
    return settings.PUBLIC_BASE_URL + path if absolute else path


@lru_cache(maxsize=16_384)
def _signed_path(name: str, expires: int) -> str:
    """Signing and reversing take a page of pictures a third of its time, and nothing changes."""
    return reverse("private-file", args=[expires, _signature(name, expires), name])


def expiring_url(file: Any) -> tuple[str, datetime]:
    """The address of a private file's field, and until when it is good at least.

    Both storages let addresses live through the hour after the one in which they are made.
    """
    hour = int(time.time()) // HOUR_S * HOUR_S
    return file.url, datetime.fromtimestamp(hour + 2 * HOUR_S, UTC)


def fetch_url(name: str, delivery: str, *, life_s: int) -> str:
    """Where a provider can fetch a private file for `life_s` seconds; "" where it cannot."""
    if delivery == "object-storage" and hasattr(default_storage, "bucket_name"):
        url: str = default_storage.url(name, expire=life_s)  # type: ignore[call-arg]
        return url
    if delivery == "signed" and settings.PUBLIC_BASE_URL:
        return signed_url(name, life_s=life_s, absolute=True)
    return ""


class PrivateStorage(FileSystemStorage):
    """Files named by their content: written whole or not at all, and never renamed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_overwrite=True, **options)

    def url(self, name: str | None) -> str:
        return signed_url(name or "")

    def _save(self, name: str, content: File) -> str:
        """Write beside and rename: a killed worker leaves no half file under a final name."""
        target = Path(self.path(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        fd, temporary = tempfile.mkstemp(dir=target.parent, prefix=".part-")
        try:
            with os.fdopen(fd, "wb") as out:
                for chunk in content.chunks():
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
            os.chmod(temporary, 0o644)
            os.replace(temporary, target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        return name


class PublicStorage(PrivateStorage):
    """Files for everybody, in a folder of their own, where nothing private can be asked for."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**({"location": settings.PUBLIC_ROOT} | options))

    def url(self, name: str | None) -> str:
        return public_url(name or "")


def public_url(name: str) -> str:
    """The address at which this site hands out a public file."""
    return reverse("public-file", args=name.split("/"))


@login_not_required
@require_safe
def serve_public(request: HttpRequest, folder: str, file: str) -> FileResponse:
    """Answer with a public file. The address holds no path: it cannot lead anywhere else."""
    try:
        found = storages["public"].open(f"{folder}/{file}")
    except (OSError, SuspiciousFileOperation) as error:
        raise Http404 from error
    return _inert(FileResponse(found), PUBLIC_CACHE)


def discard_folder(folder: str) -> int:
    """Delete every file of a folder, and the folder where a disk has one; how many files.

    A picture's folder is named by its content and holds all that was derived from it.
    """
    names = names_in(folder)
    for name in names:
        default_storage.delete(name)
    with contextlib.suppress(OSError):
        # A bucket knows no folders; one with something else in it stays.
        default_storage.delete(folder)
    return len(names)


def names_in(folder: str) -> list[str]:
    """The files of a folder, by their full names; none where there is no such folder."""
    try:
        return [f"{folder}/{name}" for name in default_storage.listdir(folder)[1]]
    except FileNotFoundError:
        return []


def folder_of(name: str | None) -> str:
    return str(name or "").rpartition("/")[0]


@login_not_required
@require_safe
def serve_private(request: HttpRequest, expires: int, signature: str, path: str) -> FileResponse:
    """Answer a signed address with its file; anything else is 404."""
    if not constant_time_compare(signature, _signature(path, expires)) or expires < time.time():
        raise Http404
    try:
        file = default_storage.open(path)
    except (OSError, SuspiciousFileOperation) as error:
        raise Http404 from error
    left = max(0, expires - int(time.time()))
    return _inert(FileResponse(file), f"private, max-age={left}, immutable")


def _inert(response: FileResponse, cache: str) -> FileResponse:
    """A file that no browser takes for a page."""
    response["Cache-Control"] = cache
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
