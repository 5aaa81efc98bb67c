"""From the file that somebody uploaded to numbered rows, in the same order each time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from catalog.imports.archive import MAX_TEXT, Archive
from catalog.imports.columns import KINDS, RowValues, normal
from catalog.imports.table import Table, decoded
from catalog.models import Import
from catalog.photos.refusals import Refused

MAX_ROWS = 100_000
MANIFESTS = ("manifest.json", "garments.csv")


@dataclass(frozen=True)
class Listed:
    """One row: what people know it by, what it says, or why it says nothing."""

    ref: str
    values: RowValues = field(default_factory=dict)
    refused: Refused | None = None


def kind_of(file: IO[bytes]) -> str:
    """What an upload is, by its content. Raises Refused for what is none of it."""
    file.seek(0)
    head = file.read(512)
    file.seek(0)
    if head.startswith((b"PK\3\4", b"PK\5\6")):
        return Import.Kind.ZIP
    if not head.strip():
        raise Refused("empty", _("The file is empty. Choose it again."))
    if head.startswith((b"\xd0\xcf\x11\xe0", b"%PDF", b"Rar!", b"7z\xbc\xaf", b"\xff\xd8\xff")):
        raise _no_list()
    text = _text(file)
    if "\0" in text:
        raise _no_list()
    return Import.Kind.URLS if _is_addresses(text) else Import.Kind.CSV


def check(kind: str, file: IO[bytes]) -> list[str]:
    """Look through the whole file once; return the headings that are not used.

    Raises Refused where it cannot be read, so that the person who uploads it learns it at once.
    """
    if kind == Import.Kind.ZIP:
        with Archive(file) as archive:
            rows, unused = _in_archive(archive)
    else:
        rows, unused = _in_text(_text(file))
    count = 0
    for count, _row in enumerate(rows, 1):
        if count > MAX_ROWS:
            text = _("The list has more than {limit} rows. Split it.")
            raise Refused("too_many_rows", text, limit=MAX_ROWS)
    if not count:
        raise Refused("no_rows", _("There is no row below the heading. Fill the list first."))
    return unused


def listed(kind: str, file: IO[bytes]) -> Iterator[Listed]:
    """All rows. Raises Refused."""
    if kind == Import.Kind.ZIP:
        with Archive(file) as archive:
            yield from _in_archive(archive)[0]
    else:
        yield from _in_text(_text(file))[0]


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    data = file.read(MAX_TEXT + 1)
    if len(data) > MAX_TEXT:
        text = _("A list may have {limit} MB. Split it.")
        raise Refused("too_many_bytes", text, limit=MAX_TEXT // 1_000_000)
    return decoded(data)


def _no_list() -> Refused:
    text = _("This is neither a ZIP of photos nor a list. Save a spreadsheet as “CSV UTF-8”.")
    return Refused("no_list", text)


def _is_addresses(text: str) -> bool:
    start = text.lstrip("\ufeff \t\r\n")[:8].lower()
    return start.startswith(("[", "{", "http://", "https://"))


def _in_text(text: str) -> tuple[Iterator[Listed], list[str]]:
    bare = text.lstrip("\ufeff \t\r\n")
    if bare.startswith(("[", "{")):
        return _from_entries(_entries(bare)), []
    if _is_addresses(bare):
        found = [line.strip() for line in bare.splitlines() if line.strip()]
        return (Listed(line[:300], {"photo_url": line[:2000]}) for line in found), []
    table = Table(text)
    return _from_table(table), table.unused


def _entries(text: str) -> list[Any]:
    """The entries of a list in JSON: addresses, or objects."""
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 0)
        problem = _("The list is not in JSON: see line {line}. Mend it and upload it again.")
        raise Refused("unreadable_json", problem, line=line) from error
    if isinstance(entries, dict):
        entries = next((value for value in entries.values() if isinstance(value, list)), None)
    if not isinstance(entries, list):
        problem = _(
            "The JSON is no list. Write a list of addresses, or of objects with a photo_url."
        )
        raise Refused("no_list", problem)
    return entries


def _from_entries(entries: list[Any]) -> Iterator[Listed]:
    for entry in entries:
        if isinstance(entry, str):
            entry = {"photo_url": entry}
        if isinstance(entry, dict):
            values = normal(entry)
            yield Listed(_ref(values), values)
        else:
            text = _("The entry is neither an address nor an object. Write one of both.")
            yield Listed("?", refused=Refused("no_object", text))


def _from_table(table: Table) -> Iterator[Listed]:
    for number, values in table.rows():
        if isinstance(values, Refused):
            yield Listed(str(_("line {n}")).format(n=number), refused=values)
        else:
            yield Listed(_ref(values), values)


def _ref(values: RowValues) -> str:
    found = (values.get(name) for name in ("sku", "file", "photo_url", "name", "sha256"))
    return str(next(filter(None, found), "?"))[:300]


def _in_archive(archive: Archive) -> tuple[Iterator[Listed], list[str]]:
    """What the manifest lists, in its order, then the photos that it does not mention."""
    manifest = _manifest(archive)
    if not manifest:
        return _photos(archive, [], ""), []
    text = decoded(archive.read(manifest, MAX_TEXT))
    table = None if manifest.endswith(".json") else Table(text)
    rows = list(_from_table(table) if table else _from_entries(_entries(text)))
    return _photos(archive, rows, manifest), table.unused if table else []


def _manifest(archive: Archive) -> str:
    """The list within the ZIP: by its name, or the only one beside the folders; "" for none."""
    beside = [name for name in archive.names() if "/" not in name]
    lists = [name for name in beside if name.lower().endswith((".csv", ".json"))]
    named = next((name for name in MANIFESTS if name in lists), "")
    return named or (lists[0] if len(lists) == 1 else "")


def _photos(archive: Archive, rows: list[Listed], manifest: str) -> Iterator[Listed]:
    yield from rows
    named = {str(row.values.get("file", "")).replace("\\", "/").removeprefix("./") for row in rows}
    for name in archive.names():
        if name not in named and name != manifest:
            yield Listed(name[:300], {"file": name})
    text = _("The ZIP holds two files of this name; the first was taken. Rename one of them.")
    for name in archive.twice:
        yield Listed(name[:300], refused=Refused("name_twice", text))


def folder_of(file: str) -> str:
    """The folder that says what a photo shows; the innermost counts."""
    folders = [part.lower() for part in PurePosixPath(file.replace("\\", "/")).parts[:-1]]
    return next((part for part in reversed(folders) if part in KINDS), "")
