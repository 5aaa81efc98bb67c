"""The public pictures of a gallery in one ZIP, for visitors with a share link.

The files are the labelled ones of the public storage: nothing private is read.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator

from django.core.files.storage import storages

from galleries.models import Gallery, GalleryItem
from galleries.zip_stream import ZipBuffer, file_name, zip_entry

CHUNK_SIZE = 100


def stream(gallery: Gallery) -> Iterator[bytes]:
    """The bytes of the ZIP, in the gallery's order."""
    pipe = ZipBuffer()
    with zipfile.ZipFile(pipe, "w") as archive:
        for item in _items(gallery):
            _add(archive, item)
            yield pipe.take()
    yield pipe.take()


def _items(gallery: Gallery) -> Iterator[GalleryItem]:
    """Yield what may be shown, queried again for each chunk: a download takes a while."""
    rows, last = gallery.items.showable().with_looks().order_by("position", "id"), 0
    while chunk := list(rows.filter(position__gt=last)[:CHUNK_SIZE]):
        yield from chunk
        last = chunk[-1].position


def _add(archive: zipfile.ZipFile, item: GalleryItem) -> None:
    public = item.result.public
    try:
        with storages["public"].open(public.file(public.width, "jpg")) as file:
            data = file.read()
    except OSError:
        # Unpublished at this moment.
        return
    name = f"{item.position:05d}_{file_name(item.result)}.jpg"
    archive.writestr(zip_entry(name, zipfile.ZIP_STORED), data)
