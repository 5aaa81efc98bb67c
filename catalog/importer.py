"""Fill the library from a folder with `person`, `top`, `bottom` and `dress` in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from catalog import images
from catalog.models import Garment, Person

MANIFEST = "manifest.json"
KINDS = ("person", *Garment.Slot.values)
_CONSENT_FIELDS = {"consent_scope", "consent_until", "consent_note"}
_PERSON_FIELDS = {"gender", "body", "view", "height_cm", "size", *_CONSENT_FIELDS}
_GARMENT_FIELDS = {"photo_type", "sku"}


@dataclass(frozen=True)
class Row:
    """What became of one file. `code` and `message` are empty unless it was refused."""

    file: str
    outcome: Literal["created", "existing", "refused"]
    asset: Person | Garment | None = None
    code: str = ""
    message: str | Promise = ""


def load_folder(path: Path | str, by: AbstractBaseUser | None = None) -> list[Row]:
    """Add every photo of the folder once; running it again adds nothing.

    An optional manifest.json, a list of objects, gives a `file` its `name` and attributes;
    files that it does not mention are named after themselves.
    """
    root = Path(path).resolve()
    rows: list[Row] = []
    try:
        told = _manifest(root / MANIFEST)
    except (OSError, ValueError):
        text = _("The manifest is not a list of objects in JSON; the photos went in without it.")
        rows.append(Row(MANIFEST, "refused", code="manifest_unreadable", message=text))
        told = {}
    files = sorted({*told, *_photos(root)})
    return rows + [_load(root, file, told.get(file, {}), by) for file in files]


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


def _load(root: Path, file: str, told: dict[str, Any], by: AbstractBaseUser | None) -> Row:
    try:
        data = _read(root, file)
        model, attributes = _described(file, told)
        existing = _existing(model, data, attributes)
        if existing is not None:
            _consent_to(existing, attributes)
            return Row(file, "existing", existing)
        name = str(told.get("name") or Path(file).stem[:120])
        return Row(file, "created", model.objects.add(data, name=name, by=by, **attributes))
    except images.Refused as refused:
        return Row(file, "refused", code=refused.code, message=refused.message)
    except ValidationError as error:
        return Row(file, "refused", code="invalid", message=" ".join(_sentences(error)))
    except IntegrityError:
        # Another import took the SKU between the check and the row.
        return Row(file, "refused", code="invalid", message=_("This SKU is in use already."))
    except OSError as error:
        return Row(file, "refused", code="missing", message=error.strerror or str(error))
    except ValueError as error:
        # A name that no file system takes, such as one with a zero byte.
        return Row(file, "refused", code="missing", message=str(error))


def _read(root: Path, file: str) -> bytes:
    path = (root / file).resolve()
    if not path.is_relative_to(root):
        text = _("The file lies outside of the folder. Move it inside.")
        raise images.Refused("outside_folder", text)
    if not path.is_file():
        raise images.Refused("missing", _("There is no such file in the folder."))
    images.check_bytes(path.stat().st_size)
    return path.read_bytes()


def _described(file: str, told: dict[str, Any]) -> tuple[type[Person | Garment], dict[str, Any]]:
    """Tell person from garment: by the manifest where it says so, by the sub-folder otherwise."""
    folder = Path(file).parts[0]
    kind = str(told.get("slot") or told.get("kind") or folder)
    if kind == "garment":
        kind = folder
    if kind == "person":
        return Person, _checked_consent(_given(told, _PERSON_FIELDS))
    if kind not in KINDS:
        text = _("Nothing says whether this is a person, a top, a bottom or a dress.")
        raise images.Refused("unknown_kind", text)
    return Garment, _given(told, _GARMENT_FIELDS) | {"slot": kind}


def _given(told: dict[str, Any], fields: set[str]) -> dict[str, Any]:
    return {field: told[field] for field in fields if told.get(field) is not None}


def _checked_consent(told: dict[str, Any]) -> dict[str, Any]:
    scope = told.get("consent_scope", "")
    if scope and scope not in Person.Consent.values:
        text = _("consent_scope “{found}” is not known. Write {known}, or leave it out.")
        known = ", ".join(Person.Consent.values)
        raise images.Refused("unknown_consent", format_lazy(text, found=scope, known=known))
    return told


def _consent_to(existing: Person | Garment, told: dict[str, Any]) -> None:
    """What the manifest says of consent counts where nobody has recorded or withdrawn any."""
    values = {field: told[field] for field in _CONSENT_FIELDS if field in told}
    if isinstance(existing, Person) and values.get("consent_scope"):
        Person(**values).clean_fields(exclude=_other_fields(values))
        rows = Person.objects.filter(pk=existing.pk, consent_scope="", consent_withdrawn_at=None)
        if rows.update(**values):
            existing.refresh_from_db(fields=list(values))


def _other_fields(values: dict[str, Any]) -> list[str]:
    return [field.name for field in Person._meta.fields if field.name not in values]


def _existing(
    model: type[Person | Garment], data: bytes, attributes: dict[str, Any]
) -> Person | Garment | None:
    sha256 = hashlib.sha256(data).hexdigest()
    if model is Person:
        return Person.objects.same_as(sha256).order_by("pk").first()
    same = Garment.objects.same_as(sha256).filter(slot=attributes["slot"])
    return same.order_by("pk").first()


def _sentences(error: ValidationError) -> Iterator[str]:
    for field, messages in error.message_dict.items():
        yield f"{field}: {' '.join(messages)}"
