"""Galleries for everybody, and for whoever holds a share link. Nobody is signed in here.

These views read public images and the names of garments: no private file, no photo of a person,
no person's name.
"""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from galleries import share_zip
from galleries.models import Gallery, GalleryItem, ShareLink
from galleries.models.item import GalleryItemQuerySet
from galleries.views.public_response import page_of, public_page, shared_page, until
from portal.paging import KeysetPage

LOOKS = 24
GALLERIES = 24
# Of the newest galleries the head of every page names so many.
NAMED = 4
NEXT = 4
ALIKE = 2


@public_page
def index(request: HttpRequest) -> HttpResponse:
    """All public galleries that have something to show, the newest first."""
    page = KeysetPage(request, _with_covers(), GALLERIES)
    looks = GalleryItem.objects.with_looks().in_bulk([row.look for row in page.rows])
    rows = [(row, looks[row.look]) for row in page.rows if row.look in looks]
    return render(
        request, "galleries/public/index.html", page_of(request) | {"page": page, "rows": rows}
    )


def _with_covers() -> Any:
    """Each with the item that stands for it: its cover, or the first that may be shown."""
    items = GalleryItem.objects.showable().filter(gallery=OuterRef("pk"))
    cover = items.filter(result=OuterRef("cover")).values("pk")[:1]
    first = items.order_by("position", "id").values("pk")[:1]
    look = Coalesce(Subquery(cover), Subquery(first))
    galleries = Gallery.objects.public(timezone.now())
    return galleries.annotate(look=look).filter(look__isnull=False)


@public_page
def gallery(request: HttpRequest, slug: str) -> HttpResponse:
    shown = get_object_or_404(Gallery.objects.public(timezone.now()), slug=slug)
    address = reverse("public-gallery", args=[slug])
    return until(gallery_page(request, shown, address, open_to=_all(shown)), shown.shown_until)


@public_page
def look(request: HttpRequest, slug: str, look: int) -> HttpResponse:
    shown = get_object_or_404(Gallery.objects.public(timezone.now()), slug=slug)
    address = reverse("public-gallery", args=[slug])
    return until(look_page(request, shown, look, address, open_to=_all(shown)), shown.shown_until)


def _all(shown: Gallery) -> dict[str, Any]:
    """What only the pages for everybody have: the way to the others."""
    others = Gallery.objects.public(timezone.now()).only("name", "slug").order_by("-id")
    return {"public": True, "others": others[:NAMED]}


@shared_page
def shared(request: HttpRequest, token: str) -> HttpResponse:
    link = _opened(token)
    address = reverse("shared-gallery", args=[token])
    zipped = reverse("shared-zip", args=[token]) if link.may_download else ""
    return gallery_page(request, link.gallery, address, open_to={"zip": zipped})


@shared_page
def shared_look(request: HttpRequest, token: str, look: int) -> HttpResponse:
    gallery, address = _opened(token).gallery, reverse("shared-gallery", args=[token])
    return look_page(request, gallery, look, address, open_to={})


@shared_page
def shared_zip(request: HttpRequest, token: str) -> HttpResponseBase:
    """The labelled pictures in their largest public size, as one ZIP."""
    link = _opened(token)
    if not link.may_download:
        raise Http404
    pieces = share_zip.stream(link.gallery)
    answer = StreamingHttpResponse(pieces, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{link.gallery.slug}.zip"'
    return answer


def _opened(token: str) -> ShareLink:
    """The link, while it and its gallery are open; 404 alike for all others."""
    now = timezone.now()
    link = ShareLink.objects.for_token(token, now)
    if link is None or link.gallery.state(now) != Gallery.State.SHOWN:
        raise Http404
    link.note_use(now)
    return link


# --- the pages themselves, whoever may see them ---


def gallery_page(
    request: HttpRequest, shown: Gallery, address: str, *, open_to: dict[str, Any]
) -> HttpResponse:
    items = shown.items.showable()
    cover = _cover(shown)
    others = items.with_looks().exclude(pk=cover.pk if cover else 0)
    page = KeysetPage(request, others, LOOKS, "place")
    first = page.newer is None
    # The second picture stands beside the cover.
    beside = page.rows[0] if first and cover and len(page.rows) > 2 else None
    context = {
        "gallery": shown,
        "address": address,
        "page": page,
        "cover": cover,
        "first": first,
        "beside": beside,
        "looks": page.rows[1:] if beside else page.rows,
    }
    return render(request, "galleries/public/gallery.html", page_of(request) | context | open_to)


def _cover(shown: Gallery) -> GalleryItem | None:
    items = shown.items.showable()
    chosen = items.filter(result=shown.cover_id) if shown.cover_id else items.none()
    return next(iter([*_first(chosen, 1)] or _first(items, 1)), None)


def _first(items: GalleryItemQuerySet, n: int) -> GalleryItemQuerySet:
    """The first of these, with their looks.

    Their ids are found first: otherwise thousands are joined and sorted for a few.
    """
    ids = items.order_by("position", "id").values("pk")[:n]
    return GalleryItem.objects.with_looks().filter(pk__in=ids).order_by("position", "id")


def look_page(
    request: HttpRequest, shown: Gallery, look: int, address: str, *, open_to: dict[str, Any]
) -> HttpResponse:
    items = shown.items.showable()
    item = get_object_or_404(items.with_looks(), pk=look)
    alike = items.filter(result__job__in=item.same_outfit()).exclude(pk=item.pk)
    context = {
        "gallery": shown,
        "address": address,
        "item": item,
        "alike": _first(alike, ALIKE),
        "following": _first(items.filter(position__gt=item.position), NEXT),
    }
    return render(request, "galleries/public/look.html", page_of(request) | context | open_to)
