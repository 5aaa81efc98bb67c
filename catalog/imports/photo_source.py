"""Where a row's photo comes from: out of the ZIP, or from an address."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.utils.translation import gettext_lazy as _

from catalog.imports.archive import Archive
from catalog.imports.columns import RowValues
from catalog.models import Import
from catalog.photos import ingest
from catalog.photos.fetch import FetchFailed, fetch
from catalog.photos.refusals import MAX_BYTES, Refused

# Four redirects and all; a lane stops what takes a minute.
FETCH_S = 20


@dataclass(frozen=True)
class Photo:
    data: bytes
    sha256: str


class Photos:
    """The photos of one import; `of` may be called from several threads."""

    def __init__(self, source: Import) -> None:
        self._archive = Archive(local_path(source)) if source.kind == Import.Kind.ZIP else None

    def __enter__(self) -> Photos:
        return self

    def __exit__(self, *_: object) -> None:
        if self._archive:
            self._archive.__exit__()

    def of(self, values: RowValues) -> Photo | None:
        """The row's photo, None where it names none. Raises Refused."""
        if values.get("file"):
            data = self._in_zip(values["file"])
        elif values.get("photo_url"):
            data = _fetched(values["photo_url"])
        else:
            return None
        ingest.check_bytes(len(data))
        return Photo(data, hashlib.sha256(data).hexdigest())

    def _in_zip(self, name: str) -> bytes:
        if self._archive is None:
            text = _("The list names {file}, which did not come with it. Put both into one ZIP.")
            raise Refused("missing", text, file=name[:200])
        return self._archive.read(name)


def open_upload(source: Import) -> IO[bytes]:
    return Path(local_path(source)).open("rb")


def local_path(source: Import) -> str:
    """The upload on this machine: of a bucket, a copy that the next worker here finds again."""
    storage, name = source.file.storage, source.file.name or ""
    try:
        return storage.path(name)
    except NotImplementedError:
        copy = _copy(source)
    if not copy.exists():
        part = copy.with_suffix(".part")
        with storage.open(name) as remote, part.open("wb") as here:
            shutil.copyfileobj(remote, here)
        part.replace(copy)
    return str(copy)


def drop_copy(source: Import) -> None:
    _copy(source).unlink(missing_ok=True)


def _copy(source: Import) -> Path:
    return Path(tempfile.gettempdir()) / f"toile-{Path(source.file.name or '').name}"


def _fetched(url: str) -> bytes:
    try:
        return fetch(url, max_bytes=MAX_BYTES, total_s=FETCH_S)
    except FetchFailed as failed:
        text, found = _FETCH[failed.code], str(failed.found)
        raise Refused(failed.code, text, found=found) from failed


_FETCH = {
    "no_http": _("The address begins with neither http:// nor https://. Write it whole."),
    "private_address": _(
        "The address is within a private network, where nothing is fetched from. "
        "Use a public one, or put the photo into a ZIP."
    ),
    "unreachable": _(
        "Nothing answers at the address ({found}). Open it in a browser; then try the row again."
    ),
    "status": _(
        "The address answers {found} instead of a photo. "
        "Open it in a browser without signing in; then try the row again."
    ),
    "redirects": _("The address redirects more than {found} times. Use the one it ends at."),
    "too_large": _("The photo has more than {found} bytes. Save it smaller."),
    "too_slow": _("The photo took too long to arrive. Try the row again, or use a ZIP."),
    "broke_off": _("The photo broke off at {found} bytes. Try the row again."),
}
