"""What whoever holds a share link may take home: public pictures, as they are, in one ZIP.

The files are the labelled ones of the public storage: nothing private is read.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator

from django.core.files.storage import storages

from galleries.models import Gallery, GalleryItem
from galleries.zip_stream import Pipe, entry, file_name

PORTION = 100


def stream(gallery: Gallery) -> Iterator[bytes]:
    """The bytes of the ZIP, in the gallery's order."""
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w") as archive:
        for item in _items(gallery):
            _add(archive, item)
            yield pipe.taken()
    yield pipe.taken()


def _items(gallery: Gallery) -> Iterator[GalleryItem]:
    """What may be shown, asked again for each portion: a download takes a while."""
    rows, last = gallery.items.showable().with_looks().order_by("position", "id"), 0
    while portion := list(rows.filter(position__gt=last)[:PORTION]):
        yield from portion
        last = portion[-1].position


def _add(archive: zipfile.ZipFile, item: GalleryItem) -> None:
    public = item.result.public
    try:
        with storages["public"].open(public.file(public.width, "jpg")) as file:
            data = file.read()
    except OSError:
        # Taken down at this moment.
        return
    name = f"{item.position:05d}_{file_name(item.result)}.jpg"
    archive.writestr(entry(name, zipfile.ZIP_STORED), data)
