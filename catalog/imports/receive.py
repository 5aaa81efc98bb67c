"""An upload becomes an import: read through once, kept in private, rung for."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from catalog.imports.row_reader import check, kind_of
from catalog.models import Import
from catalog.photos.refusals import Refused

MAX_BYTES = 4_000_000_000


def receive(upload: UploadedFile, by: Any, defaults: dict[str, Any]) -> tuple[Import, list[str]]:
    """Start an import; also the headings that it will not use. Raises Refused."""
    if (upload.size or 0) > MAX_BYTES:
        text = _("A file may have {limit} GB. Split it.")
        raise Refused("too_many_bytes", text, limit=MAX_BYTES // 1_000_000_000)
    kind = kind_of(upload.file)  # type: ignore[arg-type]
    unused = check(kind, upload.file)  # type: ignore[arg-type]
    upload.seek(0)
    name = default_storage.save(f"import/{secrets.token_hex(16)}", upload)
    with transaction.atomic():
        source = Import.objects.create(
            kind=kind, name=(upload.name or "")[-200:], file=name, defaults=defaults, created_by=by
        )
        source.wake_worker()
    return source, unused
