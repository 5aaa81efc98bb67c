"""Fill the library from a folder with `person`, `top`, `bottom` and `dress` in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.imports.columns import KINDS, normal
from catalog.imports.messages import message_of
from catalog.imports.row_plan import Outcome, plan
from catalog.imports.row_reader import folder_of
from catalog.models import Garment, Person
from catalog.photos import ingest
from catalog.photos.add import store
from catalog.preflight import measure

__all__ = ["KINDS", "Row", "load_folder"]

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Row:
    """What became of one file. `code` is empty unless it was refused; `message` is for people."""

    file: str
    outcome: Outcome | Literal["refused"]
    asset: Person | Garment | None = None
    code: str = ""
    message: str | Promise = ""


def load_folder(path: Path | str, by: User | None = None) -> list[Row]:
    """Add every photo of the folder once; running it again adds nothing.

    An optional manifest.json, a list of objects, gives a `file` its `name` and attributes;
    files that it does not mention are named after themselves.
    """
    root = Path(path).resolve()
    rows: list[Row] = []
    try:
        manifest = _manifest(root / MANIFEST)
    except (OSError, ValueError):
        text = _("The manifest is not a list of objects in JSON; the photos went in without it.")
        rows.append(Row(MANIFEST, "refused", code="manifest_unreadable", message=text))
        manifest = {}
    files = sorted({*manifest, *_photos(root)})
    return rows + [_load(root, file, manifest.get(file, {}), by) for file in files]


def _manifest(path: Path) -> dict[str, dict[str, Any]]:
    if not path.exists():
        return {}
    entries = json.loads(path.read_text("utf-8"))
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError(MANIFEST)
    return {str(entry.get("file", "")): entry for entry in entries}


def _photos(root: Path) -> Iterator[str]:
    for kind in KINDS:
        for path in (root / kind).rglob("*"):
            if path.is_file() and not path.name.startswith("."):
                yield path.relative_to(root).as_posix()


def _load(root: Path, file: str, values: dict[str, Any], by: User | None) -> Row:
    try:
        return _import_photo(file, _read(root, file), values, by)
    except ingest.Refused as refused:
        return Row(file, "refused", code=refused.code, message=refused.message)
    except OSError as error:
        return Row(file, "refused", code="missing", message=error.strerror or str(error))
    except ValueError as error:
        # A name that no file system takes, such as one with a zero byte.
        return Row(file, "refused", code="missing", message=str(error))


def _import_photo(file: str, data: bytes, values: dict[str, Any], by: User | None) -> Row:
    sha256 = hashlib.sha256(data).hexdigest()
    found = plan(normal(values), sha256, folder=folder_of(file), name=Path(file).stem[:120])
    photo = None
    if found.wants_photo:
        found.asset.created_by = by
        photo = store(type(found.asset), data)
    with transaction.atomic():
        found.write(by, photo)
        measure.wake_after_commit()
    return Row(file, found.outcome, found.asset, message=message_of(found.remark))


def _read(root: Path, file: str) -> bytes:
    path = (root / file).resolve()
    if not path.is_relative_to(root):
        text = _("The file lies outside of the folder. Move it inside.")
        raise ingest.Refused("outside_folder", text)
    if not path.is_file():
        raise ingest.Refused("missing", _("There is no such file in the folder."))
    ingest.check_bytes(path.stat().st_size)
    return path.read_bytes()
