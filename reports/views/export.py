"""Exports: one image, its record, or many as a ZIP. All images are labelled."""

from __future__ import annotations

from typing import TypeVar

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from galleries import public_images
from galleries.models import Gallery
from jobs.models import Result
from portal.authenticated_request import AuthenticatedRequest
from portal.paging import parse_id
from portal.posts import back
from reports import export, provenance

R = TypeVar("R", bound=HttpResponseBase)

# More than a gallery has; as ids, it is little.
MAX_RESULTS = 20_000


@login_required
@require_safe
def result_download(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """One result in its own size, labelled on the fly. A working copy: staff only."""
    result = get_object_or_404(provenance.with_provenance(Result.objects.team_owned()), pk=pk)
    try:
        image = public_images.labelled_original(result)
    except OSError as error:
        raise Http404 from error
    return _as_attachment(
        HttpResponse(image, content_type="image/jpeg"), export.file_name(result), "jpg"
    )


@login_required
@require_safe
def result_provenance(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """The record of one result as JSON."""
    result = get_object_or_404(provenance.with_provenance(Result.objects.final()), pk=pk)
    names = request.GET.get("names") == "1"
    record = provenance.record(result, provenance.Scope.of(request.user, names=names))
    answer = JsonResponse(record, json_dumps_params={"ensure_ascii": False, "indent": 2})
    return _as_attachment(answer, export.file_name(result), "json")


@login_required
def export_zip(request: AuthenticatedRequest) -> HttpResponseBase:
    """Results (`results`: ids, repeated or with commas) or a `gallery` as a ZIP; posted to."""
    if request.method != "POST":
        return redirect("gallery")
    if not any(map(request.user.has_perm, ("jobs.publish_result", "jobs.view_result"))):
        raise PermissionDenied
    gallery = parse_id(request.POST.get("gallery"))
    ids = _ids_of_gallery(gallery) if gallery else _posted_ids(request)
    if not ids or len(ids) > MAX_RESULTS:
        text = _("Choose between 1 and %(n)d results to export.") % {"n": MAX_RESULTS}
        messages.error(request, text)
        return back(request, "gallery")
    scope = provenance.Scope.of(request.user, names=request.POST.get("names") == "1")
    answer = StreamingHttpResponse(export.stream(ids, scope), content_type="application/zip")
    return _as_attachment(answer, f"toile-{timezone.localdate()}", "zip")


def _ids_of_gallery(pk: int) -> list[int]:
    gallery = get_object_or_404(Gallery, pk=pk)
    return list(gallery.items.values_list("result_id", flat=True)[: MAX_RESULTS + 1])


def _posted_ids(request: AuthenticatedRequest) -> list[int]:
    """The ids in the order in which they were posted, each once."""
    texts = ",".join(request.POST.getlist("results")).split(",")
    return list(dict.fromkeys(filter(None, map(parse_id, texts))))


def _as_attachment(answer: R, name: str, extension: str) -> R:
    # ASCII only; the names within the archive are complete.
    plain = name.encode("ascii", "ignore").decode().strip("-._ ") or "toile"
    answer["Content-Disposition"] = f'attachment; filename="{plain}.{extension}"'
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
