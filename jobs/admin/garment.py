"""Launching try-ons from the list of garments.

`catalog` knows nothing of `jobs`, so its admin cannot offer a launch. A subclass registered in its
place is the plainest way from here: importing GarmentAdmin settles the order of discovery, and the
action gets a permission and an address of its own. `admin.site.add_action` would put the action on
every model's list, and ask each of their admins for that permission.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from catalog.admin import GarmentAdmin
from catalog.models import Garment
from jobs.launch import LaunchRefused, launch
from jobs.models import Batch

from .events import WithEvents
from .launch_form import LaunchForm
from .pictures import thumb
from .readonly import SafeActions, page_of

SHOWN_GARMENTS = 60

admin.site.unregister(Garment)


@admin.register(Garment)
class LaunchingGarmentAdmin(WithEvents, GarmentAdmin, SafeActions):
    actions = (*GarmentAdmin.actions, "launch_tryon")  # type: ignore[assignment]

    def has_launch_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("jobs.add_batch")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.launch_view)
        return [path("launch/", view, name="catalog_garment_launch"), *super().get_urls()]

    @admin.action(description=_("Launch try-ons …"), permissions=["launch"])
    def launch_tryon(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse:
        garments = list(queryset.values_list("pk", flat=True))
        return self._page(request, LaunchForm(initial={"garments": garments}))

    def launch_view(self, request: HttpRequest) -> HttpResponse:
        """Show what a launch would cost; queue it only when exactly that was agreed to."""
        if not self.has_launch_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return redirect("admin:catalog_garment_changelist")
        form = LaunchForm(request.POST)
        if not form.is_valid() or not form.is_agreed():
            return self._page(request, form)
        try:
            batch = launch(by=request.user, **form.order())
        except LaunchRefused as refused:
            return self._page(request, form, refused.reasons)
        return _launched(request, batch)

    def _page(
        self, request: HttpRequest, form: LaunchForm, reasons: Sequence[str] = ()
    ) -> HttpResponse:
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": _("Launch try-ons"),
            "opts": self.opts,
            "media": self.media,
            "form": form,
            "reasons": reasons,
            "garments": [(g, thumb(g)) for g in form.chosen_garments()[:SHOWN_GARMENTS]],
            "launch_url": reverse("admin:catalog_garment_launch"),
        }
        return TemplateResponse(request, "admin/jobs/launch.html", context)


def _launched(request: HttpRequest, batch: Batch) -> HttpResponseRedirect:
    n = batch.jobs.count()
    text = ngettext("%(n)d try-on launched.", "%(n)d try-ons launched.", n)
    messages.success(request, text % {"n": n})
    if offered := batch.offered.count():
        text = ngettext(
            "%(n)d was made before or is on its way: see it there, it costs nothing.",
            "%(n)d were made before or are on their way: see them there, they cost nothing.",
            offered,
        )
        messages.info(request, text % {"n": offered})
    return HttpResponseRedirect(
        page_of(batch) or reverse("admin:jobs_batch_change", args=[batch.pk])
    )
