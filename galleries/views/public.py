"""Galleries for everybody, and for visitors with a share link. Nobody is signed in here.

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
from galleries.models.gallery import GalleryQuerySet
from galleries.models.item import GalleryItemQuerySet
from galleries.views.public_response import limit_caching, page_context, public_page, shared_page
from portal.paging import KeysetPage

LOOKS_PER_PAGE = 24
GALLERIES_PER_PAGE = 24
# The head of every page links to so many of the newest galleries.
MAX_NAMED = 4
MAX_FOLLOWING = 4
MAX_ALIKE = 2


@public_page
def index(request: HttpRequest) -> HttpResponse:
    """All public galleries that have something to show, the newest first."""
    page = KeysetPage(request, _with_covers(), GALLERIES_PER_PAGE)
    looks = GalleryItem.objects.with_looks().in_bulk([row.look for row in page.rows])
    rows = [(row, looks[row.look]) for row in page.rows if row.look in looks]
    return render(
        request, "galleries/public/index.html", page_context(request) | {"page": page, "rows": rows}
    )


def _with_covers() -> GalleryQuerySet:
    """Annotate each with the item to show for it: its cover, or the first that may be shown."""
    items = GalleryItem.objects.showable().filter(gallery=OuterRef("pk"))
    cover = items.filter(result=OuterRef("cover")).values("pk")[:1]
    first = items.order_by("position", "id").values("pk")[:1]
    look = Coalesce(Subquery(cover), Subquery(first))
    galleries = Gallery.objects.public(timezone.now())
    return galleries.annotate(look=look).filter(look__isnull=False)


@public_page
def gallery(request: HttpRequest, slug: str) -> HttpResponse:
    gallery = get_object_or_404(Gallery.objects.public(timezone.now()), slug=slug)
    address = reverse("public-gallery", args=[slug])
    return limit_caching(
        gallery_page(request, gallery, address, more_context=_public_context(gallery)),
        gallery.shown_until,
    )


@public_page
def look(request: HttpRequest, slug: str, look: int) -> HttpResponse:
    gallery = get_object_or_404(Gallery.objects.public(timezone.now()), slug=slug)
    address = reverse("public-gallery", args=[slug])
    return limit_caching(
        look_page(request, gallery, look, address, more_context=_public_context(gallery)),
        gallery.shown_until,
    )


def _public_context(gallery: Gallery) -> dict[str, Any]:
    """Context of the pages for everybody only: links to other galleries."""
    others = Gallery.objects.public(timezone.now()).only("name", "slug").order_by("-id")
    return {"public": True, "others": others[:MAX_NAMED]}


@shared_page
def shared(request: HttpRequest, token: str) -> HttpResponse:
    link = _open_link(token)
    address = reverse("shared-gallery", args=[token])
    zipped = reverse("shared-zip", args=[token]) if link.may_download else ""
    return gallery_page(request, link.gallery, address, more_context={"zip": zipped})


@shared_page
def shared_look(request: HttpRequest, token: str, look: int) -> HttpResponse:
    gallery, address = _open_link(token).gallery, reverse("shared-gallery", args=[token])
    return look_page(request, gallery, look, address, more_context={})


@shared_page
def shared_zip(request: HttpRequest, token: str) -> HttpResponseBase:
    """The labelled pictures in their largest public size, as one ZIP."""
    link = _open_link(token)
    if not link.may_download:
        raise Http404
    pieces = share_zip.stream(link.gallery)
    answer = StreamingHttpResponse(pieces, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{link.gallery.slug}.zip"'
    return answer


def _open_link(token: str) -> ShareLink:
    """Find the link and note its use; the same 404 for all that are not open."""
    now = timezone.now()
    link = ShareLink.objects.for_token(token, now)
    if link is None or link.gallery.state(now) != Gallery.State.SHOWN:
        raise Http404
    link.note_use(now)
    return link


# --- the pages themselves, also for the preview ---


def gallery_page(
    request: HttpRequest, gallery: Gallery, address: str, *, more_context: dict[str, Any]
) -> HttpResponse:
    items = gallery.items.showable()
    cover = _cover(gallery)
    others = items.with_looks().exclude(pk=cover.pk if cover else 0)
    page = KeysetPage(request, others, LOOKS_PER_PAGE, "place")
    first = page.newer is None
    # The second picture stands beside the cover.
    beside = page.rows[0] if first and cover and len(page.rows) > 2 else None
    context = {
        "gallery": gallery,
        "address": address,
        "page": page,
        "cover": cover,
        "first": first,
        "beside": beside,
        "looks": page.rows[1:] if beside else page.rows,
    }
    return render(
        request, "galleries/public/gallery.html", page_context(request) | context | more_context
    )


def _cover(gallery: Gallery) -> GalleryItem | None:
    items = gallery.items.showable()
    chosen = items.filter(result=gallery.cover_id) if gallery.cover_id else items.none()
    return next(iter([*_first(chosen, 1)] or _first(items, 1)), None)


def _first(items: GalleryItemQuerySet, n: int) -> GalleryItemQuerySet:
    """The first of these, with their looks.

    Their ids are found first: otherwise thousands are joined and sorted for a few.
    """
    ids = items.order_by("position", "id").values("pk")[:n]
    return GalleryItem.objects.with_looks().filter(pk__in=ids).order_by("position", "id")


def look_page(
    request: HttpRequest, gallery: Gallery, look: int, address: str, *, more_context: dict[str, Any]
) -> HttpResponse:
    items = gallery.items.showable()
    item = get_object_or_404(items.with_looks(), pk=look)
    alike = items.filter(result__job__in=item.jobs_of_same_outfit()).exclude(pk=item.pk)
    context = {
        "gallery": gallery,
        "address": address,
        "item": item,
        "alike": _first(alike, MAX_ALIKE),
        "following": _first(items.filter(position__gt=item.position), MAX_FOLLOWING),
    }
    return render(
        request, "galleries/public/look.html", page_context(request) | context | more_context
    )
