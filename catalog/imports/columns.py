"""What a list may say of a garment or a person, however it spells it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from django.apps import apps

from catalog.imports.messages import in_any_language
from catalog.models import Garment

# What a row is: a person, or a garment of a slot. Folders are named so, too.
KINDS = ("person", *Garment.Slot.values)

RowValues = dict[str, Any]

GARMENT = ("name", "slot", "photo_type", "sku", "season")
CONSENT = ("consent_scope", "consent_until", "consent_note")
PERSON = ("name", "gender", "body", "view", "height_cm", "size", *CONSENT)
LISTS = ("collections", "tags")
# Where the photo is, and what an export says of it.
PHOTO = ("file", "photo_url", "sha256")
KNOWN = frozenset({*GARMENT, *PERSON, *LISTS, *PHOTO, "kind", "archived"})
EXPORTED = (
    *("sku", "name", "slot", "photo_type", "season", "collections", "tags", "archived", "sha256"),
)
TEMPLATE = ("sku", "name", "slot", "photo_type", "season", "collections", "tags", "photo_url")
_ALSO = {
    "url": "photo_url",
    "image_url": "photo_url",
    "photo": "file",
    "filename": "file",
    "file_name": "file",
    "collection": "collections",
    "tag": "tags",
}

# An empty cell changes nothing; this empties the field.
NOTHING = "-"
MAX_TEXT, MAX_LIST = 2000, 50
_PART = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^;；]*))\s*(?:[;；]|$)')


@cache
def _spellings() -> dict[str, str]:
    """Every accepted heading: our own, and the fields' names in each language of the site."""
    fields: Any = apps.get_model("catalog", "Garment")._meta
    found = dict(_ALSO)
    for name in (*GARMENT, *LISTS):
        found |= dict.fromkeys(in_any_language(fields.get_field(name).verbose_name), name)
    return {_heading(k): v for k, v in found.items()} | {name: name for name in KNOWN}


def _heading(text: str) -> str:
    return text.strip().casefold().replace(" ", "_").replace("-", "_")


def column(heading: str) -> str:
    """The column that a heading means; "" for one that is not used."""
    return _spellings().get(_heading(heading), "")


def normal(entry: Mapping[Any, Any]) -> RowValues:
    """What an entry says, in our columns: texts, and lists of texts. Nothing is left out as ""."""
    values: RowValues = {}
    for heading, value in entry.items():
        name = column(str(heading))
        value = _items(value) if name in LISTS else text_of(value)
        if name and value:
            values.setdefault(name, value)
    return values


def text_of(value: object) -> str:
    """A cell as text that every database takes."""
    if value is None:
        return ""
    text = str(value).encode("utf-8", "replace").decode().replace("\0", "")
    return text.strip()[:MAX_TEXT]


def _items(value: Any) -> list[str]:
    parts = value if isinstance(value, list) else split(text_of(value))
    return list(dict.fromkeys(filter(None, map(text_of, parts[:MAX_LIST]))))


def split(cell: str) -> list[str]:
    """The parts of a list in one cell, between semicolons; a quoted part may hold one."""
    found: list[str] = []
    at = 0
    while at < len(cell) and (part := _PART.match(cell, at)):
        at = part.end()
        quoted = part[1] is not None
        found.append(part[1].replace('""', '"') if quoted else part[2].strip())
    # A quotation mark in the midst of a word is just that.
    return found if at >= len(cell) else [each.strip() for each in re.split("[;；]", cell)]


def joined(parts: Iterable[str]) -> str:
    """What `split` takes apart again."""
    return "; ".join(_quoted(part) for part in parts)


def _quoted(part: str) -> str:
    plain = not re.search('[;；"]', part) and part == part.strip() and part != NOTHING
    return part if plain else '"' + part.replace('"', '""') + '"'
