"""One photo of the library: its attributes, findings, similar photos, and its try-ons."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F, Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from catalog import badges
from catalog.forms import AssetForm, GarmentForm, PersonForm
from catalog.library.admin_log import CHANGE, record
from catalog.models import Asset, Garment, Person
from catalog.photos import facts
from catalog.preflight.findings import findings, unmeasured
from catalog.preflight.messages import MENDS
from catalog.views.library import permissions
from jobs.models import Result, TryOnJob
from portal.authenticated_request import AuthenticatedRequest
from privacy.views import consent_context

MAX_SHOWN = 12
# A model's photo is in tens of thousands of try-ons: beyond this nobody needs the exact number.
MAX_COUNTED = 1000


@login_required
@permission_required("catalog.view_garment", raise_exception=True)
def garment(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    return _asset_page(request, Garment, GarmentForm, pk)


@login_required
@permission_required("catalog.view_person", raise_exception=True)
def person(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    return _asset_page(request, Person, PersonForm, pk)


def _asset_page(
    request: AuthenticatedRequest, model: type[Asset], form_class: type[AssetForm], pk: int
) -> HttpResponse:
    rows = model.objects.team_owned()
    asset = get_object_or_404(rows.prefetch_related("tags"), pk=pk)
    kind = str(model._meta.model_name)
    form = form_class(request.POST or None, instance=asset)
    if request.method == "POST":
        if not request.user.has_perm(f"catalog.change_{kind}"):
            raise PermissionDenied
        if form.is_valid() and _save(form, request.user):
            messages.success(request, _("Saved."))
            return redirect(asset)
        asset = get_object_or_404(rows, pk=pk)
    context = _context(request, asset, kind, form)
    if isinstance(asset, Person):
        context |= consent_context(request, asset, count=False)
    return render(request, "catalog/asset.html", context)


def _save(form: AssetForm, by: User | None) -> bool:
    """Save what was changed, with its entry in the history; False where a SKU was just taken."""
    try:
        with transaction.atomic():
            asset = form.save()
            if form.changed_data:
                fields = ["tags" if name == "tag_names" else name for name in form.changed_data]
                record(by, [asset], CHANGE, [{"changed": {"fields": fields}}])
    except IntegrityError:
        form.add_error(None, _("Somebody was faster and gave this SKU to another garment."))
        return False
    return True


def _context(
    request: AuthenticatedRequest, asset: Asset, kind: str, form: AssetForm
) -> dict[str, Any]:
    jobs = TryOnJob.objects.team_owned().of_asset(asset)
    # In no order: by id, the whole table would be walked for a photo that is rarely used.
    used = jobs.order_by()[: MAX_COUNTED + 1].count()
    return {
        "kind": kind,
        "section": f"{kind}s",
        "asset": asset,
        "form": form,
        "may": permissions(request, kind),
        "verdict": badges.of_verdict(asset),
        "findings": [
            (f, badges.of_severity(f.severity), MENDS.get(f.mend)) for f in findings(asset)
        ],
        "is_measured": asset.facts_version >= facts.VERSION or not unmeasured(asset),
        "duplicates": asset.duplicates()[:MAX_SHOWN],
        "lookalikes": asset.lookalikes(),
        "used": min(used, MAX_COUNTED),
        "used_more": used > MAX_COUNTED,
        "jobs": jobs.with_pictures().prefetch_related(_finals()).order_by("-id")[:MAX_SHOWN],
        "approved": _newest_approved(jobs),
    }


def _finals() -> Prefetch:
    return Prefetch("results", Result.objects.final().order_by("id"), to_attr="finals")


def _newest_approved(jobs: Any) -> Any:
    """The newest approved results of these jobs; ordered by id alone, all results would be read."""
    approved = Result.objects.for_gallery().filter(job__in=jobs.order_by().values("pk"))
    newest = approved.alias(place=F("pk") + 0).order_by("-place").values("pk")[:MAX_SHOWN]
    return Result.objects.for_gallery().filter(pk__in=newest)
