"""Pages by id, as the library has them."""

from catalog.paging import KeysetPage, number

__all__ = ["KeysetPage", "number"]
