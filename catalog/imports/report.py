"""What became of each row, as a table in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import translation
from django.utils.translation import gettext as _

from catalog.imports.table import lines
from catalog.models import Import, ImportRow


def table(source: Import, language: str) -> Iterator[str]:
    return lines(_rows(source, language))


def _rows(source: Import, language: str) -> Iterator[list[object]]:
    # The response is streamed when the request, and its language with it, is over.
    with translation.override(language):
        heading: list[object] = [_("Row"), _("What"), _("Outcome"), _("Code"), _("Explanation")]
    yield heading
    for row in source.rows.only("source", "number", "ref", "state", "code", "problem").iterator(
        2000
    ):
        yield _cells(row, language)


def _cells(row: ImportRow, language: str) -> list[object]:
    with translation.override(language):
        return [row.number, row.ref, row.get_state_display(), row.code, row.message]
