"""The list of galleries, a new one, and the page of one, for staff."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from galleries import publishing
from galleries.forms import GalleryForm, ShareForm
from galleries.models import Gallery, GalleryItem
from jobs.models import Result
from portal.authenticated_request import AuthenticatedRequest
from portal.paging import KeysetPage

GALLERIES_PER_PAGE = 30
ITEMS_PER_PAGE = 48
MAX_EVENTS = 20
MAX_LINKS = 50

may_view = permission_required("galleries.view_gallery", raise_exception=True)
may_change = permission_required(
    ["galleries.change_gallery", "jobs.publish_result"], raise_exception=True
)
may_add = permission_required("galleries.add_gallery", raise_exception=True)


@login_required
@may_view
@require_safe
def galleries(request: AuthenticatedRequest) -> HttpResponse:
    page = KeysetPage(request, _with_counts(), GALLERIES_PER_PAGE)
    covers = _covers([row.cover_id or row.first for row in page.rows])
    rows = [(row, covers.get(row.cover_id or row.first)) for row in page.rows]
    context = {"page": page, "rows": rows, "section": "galleries"}
    return render(request, "galleries/galleries.html", context)


def _with_counts() -> QuerySet:
    """Annotate each with its number of items, which is the last position, and its first result."""
    items = GalleryItem.objects.filter(gallery=OuterRef("pk")).order_by("position")
    last = items.order_by("-position").values("position")[:1]
    return Gallery.objects.annotate(
        n=Subquery(last), first=Subquery(items.values("result")[:1])
    ).select_related("created_by")


def _covers(ids: list[int | None]) -> dict[int, Result]:
    fields = ("thumb", "width", "height")
    return Result.objects.only(*fields).in_bulk([pk for pk in ids if pk])


@login_required
@may_add
def gallery_new(request: AuthenticatedRequest) -> HttpResponse:
    form = GalleryForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 400 if request.method == "POST" else 200
        context = {"form": form, "section": "galleries", "zone": settings.TIME_ZONE}
        return render(request, "galleries/gallery_new.html", context, status=status)
    form.instance.created_by = request.user
    with transaction.atomic():
        made = form.save()
        publishing.record_created(made, request.user)
    return redirect(made)


@login_required
@may_view
def gallery_edit(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    gallery = get_object_or_404(Gallery, pk=pk)
    return _save(request, gallery) if request.method == "POST" else page(request, gallery)


@may_change
def _save(request: AuthenticatedRequest, gallery: Gallery) -> HttpResponse:
    form = GalleryForm(request.POST, instance=Gallery.objects.get(pk=gallery.pk))
    version = request.POST.get("version", "")
    if not form.is_valid() or not version.isdecimal() or len(version) > 9:
        return page(request, gallery, form=form, status=400)
    values = {name: form.cleaned_data[name] for name in form.Meta.fields}
    add_outcome_message(
        request, publishing.save(gallery, int(version), values, request.user), _("Saved.")
    )
    return redirect(gallery)


def add_outcome_message(request: AuthenticatedRequest, done: bool, success: str) -> None:
    """Add a message: that it is done, or that somebody else changed the gallery meanwhile."""
    if done:
        messages.success(request, success)
        return
    text = _(
        "Somebody else changed this gallery since you opened it, so nothing of yours was saved. "
        "This is how it is now: make your change again."
    )
    messages.error(request, text)


def page(
    request: AuthenticatedRequest, gallery: Gallery, *, status: int = 200, **more: Any
) -> HttpResponse:
    """The page of one gallery; `more` may hold a form with errors."""
    items = KeysetPage(request, gallery.items.for_staff(), ITEMS_PER_PAGE, "place")
    for item in items.rows:
        item.shown = public_state(item)
    context = {
        "gallery": gallery,
        "form": GalleryForm(instance=gallery),
        "share": ShareForm(),
        "page": items,
        "total": gallery.items.last_place(),
        "links": gallery.links.select_related("created_by")[:MAX_LINKS],
        "history": publishing.history(gallery)[:MAX_EVENTS],
        "may_change": request.user.has_perms(["galleries.change_gallery", "jobs.publish_result"]),
        "now": timezone.now(),
        "zone": settings.TIME_ZONE,
        "section": "galleries",
    }
    return render(request, "galleries/gallery_edit.html", context | more, status=status)


def public_state(item: GalleryItem) -> tuple[str, str]:
    """Whether the public can see the item: a state, and why not."""
    result = item.result
    if result.review != Result.Review.APPROVED:
        return result.review, _("No longer approved")
    why = result.job.person.consent_refusal(timezone.localdate(), publish=True)
    if why:
        return "attention", why
    if result.published_at is None:
        return "approved", _("Not published")
    public = getattr(result, "public", None)
    if public is None or not public.width:
        return "making", _("Being prepared")
    return Result.PUBLISHED, ""
