"""Tables as spreadsheets write them: any of their encodings and separators, and safe to open."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext_lazy as _

from catalog.imports.columns import RowValues, column, normal
from catalog.photos.refusals import Refused

# What a spreadsheet would take for a formula, and what we put before it (OWASP, "CSV Injection").
_FORMULA = "=+-@\t\r"
_GUARD = "'"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEPARATORS = ",;\t|"


def decoded(data: bytes) -> str:
    """The text of a file, in the encodings that people's spreadsheets write. Raises Refused."""
    marked = next((name for bom, name in _BOMS if data.startswith(bom)), "")
    for encoding in [marked] if marked else ["utf-8", "gb18030"]:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    text = _("The text is neither UTF-8 nor GBK. Save it as “CSV UTF-8” in your spreadsheet.")
    raise Refused("unreadable_text", text)


class Table:
    """The rows below the heading. Raises Refused where there is no heading that we know."""

    def __init__(self, text: str) -> None:
        text = text.lstrip("\ufeff")
        declared = re.match(r"sep=(.)\r?\n", text)
        self._text = text[declared.end() :] if declared else text
        heading = next((line for line in self._text.splitlines() if line.strip()), "")
        self._separator = declared[1] if declared else _separator(heading)
        self.heading = next(iter(self._lines()), (0, []))[1]
        self.unused = [each for each in self.heading if each.strip() and not column(each)]
        known = [name for each in self.heading if (name := column(each))]
        if not known:
            text_ = _(
                "The first line names no column that is known. "
                "Begin it with sku, name, slot …, as the template does."
            )
            raise Refused("no_heading", text_)
        if twice := next((name for name in known if known.count(name) > 1), ""):
            text_ = _("The column {column} is there twice. Delete one of both.")
            raise Refused("column_twice", text_, column=twice)

    def rows(self) -> Iterator[tuple[int, RowValues | Refused]]:
        """Each row with the line that it ends on; blank ones are left out."""
        lines = iter(self._lines())
        next(lines, None)
        for number, cells in lines:
            yield number, self._row_of(cells)

    def _row_of(self, cells: list[str]) -> RowValues | Refused:
        if any(cell.strip() for cell in cells[len(self.heading) :]):
            text = _(
                "The row has {found} cells under {expected} headings. "
                "Put a cell that holds the separator into quotation marks."
            )
            return Refused("too_many_cells", text, found=len(cells), expected=len(self.heading))
        return normal(dict(zip(self.heading, map(unguarded, cells), strict=False)))

    def _lines(self) -> Iterator[tuple[int, list[str]]]:
        reader = csv.reader(io.StringIO(self._text, newline=""), delimiter=self._separator)
        try:
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield reader.line_num, cells
        except csv.Error as error:
            text = _("Line {line} is no row of a table. Is a quotation mark left open before it?")
            raise Refused("unreadable_table", text, line=reader.line_num) from error


def _separator(heading: str) -> str:
    """The one that makes the most columns that we know."""

    def known(separator: str) -> int:
        return sum(bool(column(each.strip('" '))) for each in heading.split(separator))

    return max(_SEPARATORS, key=known)


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return _GUARD + cell if cell[:1] and cell[0] in _FORMULA + _GUARD else cell


def unguarded(cell: str) -> str:
    """A cell as it was before `guarded`."""
    return cell[1:] if cell[:1] == _GUARD and cell[1:2] in {*_FORMULA, _GUARD} else cell


class Line:
    """What csv writes to: gives each line back, so that a table can be streamed."""

    def write(self, line: str) -> str:
        return line


def lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The lines of a table that Excel opens as UTF-8, with every cell guarded."""
    writer = csv.writer(Line())
    yield "\ufeff"
    for row in rows:
        yield writer.writerow([guarded(str(cell)) for cell in row])
