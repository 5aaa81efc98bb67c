"""Launching try-ons from the list of garments: the page itself is the portal's.

`catalog` knows nothing of `jobs`, so its admin cannot offer a launch. A subclass registered in its
place is the plainest way from here: importing GarmentAdmin settles the order of discovery, and the
action gets a permission of its own. `admin.site.add_action` would put the action on every model's
list, and ask each of their admins for that permission.
"""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.admin.assets import GarmentAdmin
from catalog.models import Garment
from jobs.admin.event_table import WithEvents
from jobs.launch.form import LaunchFormState
from jobs.launch.views import launch
from portal.admin.readonly import SafeActions

# Longer addresses are refused by some servers on the way.
LONGEST_QUERY = 2000

admin.site.unregister(Garment)


@admin.register(Garment)
class LaunchingGarmentAdmin(WithEvents, GarmentAdmin, SafeActions):
    actions = (*GarmentAdmin.actions, "launch_tryon")  # type: ignore[assignment]

    def has_launch_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("jobs.add_batch")

    @admin.action(description=_("Launch try-ons …"), permissions=["launch"])
    def launch_tryon(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse:
        """Go to the launch page; a selection too long for its address is shown at once."""
        garments = ",".join(map(str, queryset.values_list("pk", flat=True)))
        query = QueryDict(f"garments={garments}")
        if len(garments) < LONGEST_QUERY:
            return redirect(f"{reverse('launch')}?{query.urlencode(safe=',')}")
        return launch.page(request, LaunchFormState(query))
