"""Pages in the order of a gallery, in which an editor may move items at any moment."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from rest_framework.pagination import Cursor
from rest_framework.request import Request

from api.framework.pagination import Pages
from galleries.models import GalleryItem

# A cursor is one number, of a place and of an item there: ids are smaller than this.
IDS = 2**40


class ItemPages(Pages):
    """By place, from item to item: places change, and so a cursor names the item where it ends.

    The next page begins behind that item, wherever it is by then; behind its former place, where
    it was taken out. What nobody moves meanwhile is thus met exactly once.
    """

    ordering = ("position", "id")

    def paginate_queryset(self, queryset: QuerySet, request: Request, view: Any = None) -> Any:
        self.start = None
        if sent := super().decode_cursor(request):
            queryset = self._from(sent, queryset, view)
        return super().paginate_queryset(queryset, request, view=view)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """From the item's place on; those there that do not follow it are left out already."""
        return self.start

    def _from(self, sent: Cursor, rows: QuerySet, view: Any) -> QuerySet:
        former, pk = divmod(int(sent.position or 0), IDS)
        items = GalleryItem.objects.filter(gallery=view.kwargs["pk"])
        now = items.filter(pk=pk).values_list("position", flat=True).first()
        place = former if now is None else now
        back = sent.reverse
        self.start = Cursor(offset=0, reverse=back, position=str(place + (1 if back else -1)))
        beside = Q(pk__lt=pk) if back else Q(pk__gt=pk)
        return rows.filter(~Q(position=place) | beside)

    def _get_position_from_instance(self, instance: Any, ordering: Any) -> str:
        return str(instance.position * IDS + instance.pk)
