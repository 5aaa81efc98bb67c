"""Share links: made, shown once, revoked."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from galleries import publishing
from galleries.forms import ShareForm
from galleries.models import Gallery, ShareLink
from galleries.views.editor import page
from portal.authenticated_request import AuthenticatedRequest
from portal.paging import parse_id
from portal.posts import action


@action("gallery-edit", "galleries.add_sharelink")
@never_cache
def gallery_share(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Make a link and show its address, this once: only its hash is kept."""
    gallery, form = get_object_or_404(Gallery, pk=pk), ShareForm(request.POST)
    if not form.is_valid():
        return page(request, gallery, share=form, status=400)
    data = form.cleaned_data
    link, token = ShareLink.make(
        gallery,
        label=data["label"],
        expires_at=form.expires_at(),
        may_download=data["may_download"],
        created_by=request.user,
    )
    publishing.record_event(gallery, "shared", request.user, link.label)
    context = {"gallery": gallery, "link": link, "section": "galleries"}
    return render(
        request, "galleries/gallery_link.html", context | {"address": _address(request, token)}
    )


def _address(request: AuthenticatedRequest, token: str) -> str:
    path = reverse("shared-gallery", args=[token])
    return (
        settings.PUBLIC_BASE_URL + path
        if settings.PUBLIC_BASE_URL
        else request.build_absolute_uri(path)
    )


@action("gallery-edit", "galleries.change_sharelink")
def gallery_revoke(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    gallery = get_object_or_404(Gallery, pk=pk)
    link = get_object_or_404(gallery.links, pk=parse_id(request.POST.get("link")))
    if link.revoke(timezone.now()):
        publishing.record_event(gallery, "revoked", request.user, link.label)
        messages.success(request, _("Revoked: the link opens nothing any more."))
    return redirect(gallery)
