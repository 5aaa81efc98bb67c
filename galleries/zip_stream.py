"""A ZIP of images that is written while it is read."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from typing import Any

from django.utils import timezone

from jobs.models import Result

# A part of a name: with a number and an ending, it stays below what any file system takes.
NAME_CHARS = 80


class ZipBuffer(io.RawIOBase):
    """A buffer that a ZIP is written to: not seekable, and emptied as it is sent."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._written.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        data, self._written = b"".join(self._written), []
        return data


def file_name(result: Result) -> str:
    """A name without ending that every system takes; the number makes it the only one."""
    names = [g.sku or g.name for g in result.job.garments().values()]
    return f"{_safe_name(' '.join(names))}_{result.pk}"


def _safe_name(text: str) -> str:
    """Letters, digits and a few signs; nothing that Windows, a shell or a path could misread."""
    text = unicodedata.normalize("NFC", text)
    return re.sub(r"[^\w.+-]+", "-", text)[:NAME_CHARS].strip("-._ ") or "result"


def zip_entry(name: str, compression: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, timezone.localtime().timetuple()[:6])
    info.compress_type = compression
    info.external_attr = 0o644 << 16
    return info
