"""A gallery as its visitors will see it, for those who work on it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from galleries.models import Gallery
from galleries.views.editor import may_view
from galleries.views.public import gallery_page, look_page


@login_required
@may_view
@never_cache
@require_safe
def gallery_preview(request: HttpRequest, pk: int) -> HttpResponse:
    gallery, address = _gallery_and_address(pk)
    return gallery_page(request, gallery, address, more_context={"preview": True})


@login_required
@may_view
@never_cache
@require_safe
def look_preview(request: HttpRequest, pk: int, look: int) -> HttpResponse:
    gallery, address = _gallery_and_address(pk)
    return look_page(request, gallery, look, address, more_context={"preview": True})


def _gallery_and_address(pk: int) -> tuple[Gallery, str]:
    return get_object_or_404(Gallery, pk=pk), reverse("gallery-preview", args=[pk])
